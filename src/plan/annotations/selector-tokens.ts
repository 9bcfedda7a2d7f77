/** One token of a label selector; `at` is its 0-based place in the text. */
export interface Token {
  readonly type: 'word' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',' | 'end';
  readonly text: string;
  readonly at: number;
}

const SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '!', '>', '<', '(', ')', ',']);

/** White space is as in Kubernetes: blank, tab, line feed, carriage return; any other character is part of a word. */
const TOKEN = /[ \t\r\n]+|==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+/g;

/** Cuts a selector into tokens. Every text can be cut; whether it means anything is the parser's business. */
export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly end: Token } {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    if (/^[ \t\r\n]/.test(match[0])) continue;
    tokens.push({ type: isSymbol(match[0]) ? match[0] : 'word', text: match[0], at: match.index });
  }
  return { tokens, end: { type: 'end', text: '', at: text.length } };
}

function isSymbol(text: string): text is Exclude<Token['type'], 'word' | 'end'> {
  return SYMBOLS.has(text);
}
