/**
 * The script for bash. It needs no other package and evaluates nothing that was typed. Bash splits words at `=` and `:`
 * and replaces only the last piece, so the script leaves out what is in front of it.
 */
export const BASH_SCRIPT = `# bash completion for kubed-sync

_kubed_sync() {
    local line="\${COMP_LINE:0:COMP_POINT}" out directive cur front value rest
    local -a words
    read -r -a words <<< "$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    cur="\${words[\${#words[@]} - 1]}"

    out="$(kubed-sync complete -- "\${words[@]:1}" 2> /dev/null < /dev/null)" || return 0
    directive="\${out##*:}"
    out="\${out%:*}"

    # The shell completes files itself.
    COMPREPLY=()
    if [[ "$directive" == 0 ]]; then
        compopt -o default
        return 0
    elif [[ "$directive" == 16 ]]; then
        compopt -o dirnames
        return 0
    fi

    # In front of each candidate: the option, for --option=value.
    front=""
    [[ "$cur" == --*=* ]] && front="\${cur%%=*}="
    # Without the part that bash has split off.
    local split=""
    [[ "$cur" == *=* && "$COMP_WORDBREAKS" == *=* ]] && split="\${cur%"\${cur##*=}"}"
    [[ "\${cur#"$split"}" == *:* && "$COMP_WORDBREAKS" == *:* ]] && split="\${cur%"\${cur##*:}"}"
    while IFS=$'\\t' read -r value rest; do
        [[ -n "$value" ]] && value="$front$value" && COMPREPLY+=("\${value#"$split"}")
    done <<< "$out"
    return 0
}

complete -F _kubed_sync kubed-sync
`;

/** The script for zsh. A colon in a candidate is escaped, because `_describe` takes it for the begin of the description. */
export const ZSH_SCRIPT = `#compdef kubed-sync
# zsh completion for kubed-sync

_kubed_sync() {
    local out directive line
    local -a lines described
    out="$(kubed-sync complete -- "\${(@Q)words[2,CURRENT]}" 2> /dev/null < /dev/null)" || return 1
    lines=("\${(@f)out}")
    directive="\${lines[-1]}"
    lines[-1]=()

    # For --option=value, only the value is completed.
    compset -P '--*='
    if [[ "$directive" == ":0" ]]; then
        _files
        return
    elif [[ "$directive" == ":16" ]]; then
        _files -/
        return
    fi
    for line in $lines; do
        line="\${line//:/\\\\:}"
        described+=("\${line/$'\\t'/:}")
    done
    _describe 'kubed-sync' described
}

# The first case is a file in $fpath.
if [[ "\${funcstack[1]}" == "_kubed-sync" ]]; then
    _kubed_sync "$@"
else
    compdef _kubed_sync kubed-sync
fi
`;
