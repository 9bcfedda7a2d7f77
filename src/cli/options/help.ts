import type { CommandName } from './command-line.ts';

/** What the program does, in the fewest words that let someone use it. */
export const INTRODUCTION = `Keeps copies of annotated ConfigMaps and Secrets in sync across namespaces.

An object with the annotation kubed.appscode.com/sync is a source. The value of
the annotation says which namespaces get a copy: all of them with "" or "true",
or those that match a label selector. Each run reads the cluster, compares, and
writes the difference or shows it.`;

const RECONCILE = `Creates, updates and prunes copies until they match their sources.

Only objects with the marks of a copy are changed or deleted. Options narrow
what a run looks at. Only --prune-legacy and --on-conflict adopt let it delete
or overwrite more.`;

const EXPLAIN = `Says what each source asks for, and what it has: copies that are up to date,
behind, missing, in conflict, or waiting to be pruned. It writes nothing.

With an object, it names the rule that decided in each namespace, or in the one
of --in: not selected, ignored, name taken, edited, source gone. For a copy it
names the source. It reads metadata only. With --verify it reads contents too.`;

const EXPLAIN_EXAMPLES = `Examples:
  # Every source, with its selector, reach and copies
  kubed-sync explain

  # One source, with its namespaces
  kubed-sync explain secret/platform/registry

  # Why is there no copy in team-x, or an old one?
  kubed-sync explain secret/platform/registry --in team-x

  # Where does this copy come from?
  kubed-sync explain cm/team-x/omni

  # The inventory for an auditor
  kubed-sync explain --output json > inventory.json`;

const EXPLAIN_EXIT_CODES = `Exit codes:
  0    answered, whatever the answer is
  1    the object does not exist, or something could not be read
  2    wrong usage, or an invalid manifest`;

const PURGE = `Deletes every copy made by kubed-sync or by the operator before it. Use it
before you uninstall. Sources stay as they are. While they have the annotation,
the next reconcile creates the copies again.

Only objects with the marks of a copy are deleted, and only if they have not
changed since the run read them. Options narrow what is purged. With
--max-prune, too many deletes mean that nothing is deleted.`;

const RENDER = `Reads manifests and writes the copies of the sources in them as manifests, for
copies that are kept in Git. It connects to no cluster. Copies go to the
namespaces that the manifests define or use.

The same manifests give the same output. The copies have the marks of copies, so
a reconcile treats them as its own. It writes once to each, because Git does not
know the uid and resourceVersion of the source.`;

const RENDER_EXAMPLES = `Examples:
  # The copies of the sources in a repository, as a stream
  kubed-sync render -f manifests/ > copies.yaml

  # One file per copy, to commit
  kubed-sync render -f manifests/ --output-dir manifests/copies

  # To the namespaces of a cluster, straight to kubectl
  kubectl get namespaces -o yaml | kubed-sync render -f sources/ -f - |
      kubectl apply -f -`;

const MIGRATE = `Prints the way from reflector or replicator to kubed-sync as a shell script, and
writes nothing: how to stop the other tool, the kubectl commands that turn its
annotations into ours, what cannot be turned and why, names that collide, and how
to take over its mirrors.

It turns only what means exactly the same. It reads metadata only.`;

const MIGRATE_EXAMPLES = `Examples:
  # What would have to be done?
  kubed-sync migrate --from reflector

  # With every name
  kubed-sync migrate --from replicator --verbose > migrate.sh

  # Then take over the mirrors: first look
  kubed-sync reconcile --dry-run --on-conflict adopt-mirrors \\
      --source-namespace platform

  # Without a cluster
  kubectl get ns,cm,secret -A -o yaml |
      kubed-sync migrate --from reflector --offline -f -`;

const MIGRATE_EXIT_CODES = `Exit codes:
  0    printed, whatever it says
  1    something could not be read
  2    wrong usage, or an invalid manifest`;

/** How to set options in a CronJob. */
export const VARIABLES = `Environment variables:
  Every option is also a variable: --max-prune is KUBED_SYNC_MAX_PRUNE. Separate
  the values of a list with commas. A switch is true or false. The command line
  wins over a variable.`;

function exitCodes(usage: string): string {
  return `Exit codes:
  0    in sync, or a dry run that found nothing wrong
  1    something failed, was refused or could not be read
  2    ${usage}
  3    changes are pending (only with --dry-run --exit-code)
  130  interrupted (143: terminated)`;
}

/** The exit codes of a command that reads no manifests. */
export const EXIT_CODES = exitCodes('wrong usage');

const RENDER_EXIT_CODES = `Exit codes:
  0    rendered
  1    something could not be rendered or written; stderr says what
  2    wrong usage, or an invalid manifest`;

const PURGE_EXAMPLES = `Examples:
  # Look first: which copies would be deleted
  kubed-sync purge --dry-run --verbose

  # All copies of this cluster, also those of the old operator
  kubed-sync purge --cluster-name unicorn --prune-legacy

  # Only the copies of sources in one namespace
  kubed-sync purge --source-namespace platform

  # Without permission for the whole cluster: only these namespaces
  kubed-sync purge --namespace platform --namespace team-a

  # Only copies of Secrets, and only in the namespaces of one team
  kubed-sync purge --kind secret --include-namespace 'team-a-*'`;

/** Examples of the program as a whole, and of `reconcile`. */
export const EXAMPLES = `Examples:
  # Copy a ConfigMap to every namespace
  kubectl annotate configmap omni -n demo kubed.appscode.com/sync=""
  kubed-sync reconcile

  # ... and now only to the namespaces with the label app=kubed
  kubectl annotate --overwrite configmap omni -n demo \\
      kubed.appscode.com/sync="app=kubed"
  kubed-sync reconcile

  # Look first: what would be written, and why
  kubed-sync reconcile --dry-run

  # In CI: fail when copies are out of sync
  kubed-sync reconcile --dry-run --exit-code --output json > report.json

  # In a pull request: what will change once these manifests are applied
  kubed-sync reconcile --dry-run -f manifests/

  # ... and what goes with the manifests that are deleted
  kubed-sync reconcile --dry-run -f manifests/ --base old-manifests/

  # The same without a cluster
  kubectl get ns,cm,secret -A -o yaml |
      kubed-sync reconcile --dry-run --offline -f -

  # As a CronJob: sources in one namespace only, never a mass delete
  kubed-sync reconcile --source-namespace platform --max-prune 10% --timeout 5m

  # Without permission for the whole cluster: look only at these namespaces
  kubed-sync reconcile --namespace platform --namespace team-a

  # Secrets only, and only to the namespaces of the teams
  kubed-sync reconcile --kind secret --include-namespace 'team-*'`;

/** The help of one command, except its options. */
export interface CommandHelp {
  readonly summary: string;
  readonly description: string;
  readonly examples: string;
  readonly exitCodes?: string;
}

/** The help of every command. */
export const COMMAND_HELP: Readonly<Record<CommandName, CommandHelp>> = {
  reconcile: {
    summary: 'bring the copies of one cluster in sync with their sources',
    description: RECONCILE,
    examples: EXAMPLES,
    exitCodes: exitCodes('wrong usage, or an invalid manifest'),
  },
  explain: {
    summary: 'say why a copy is there, missing, old or in conflict',
    description: EXPLAIN,
    examples: EXPLAIN_EXAMPLES,
    exitCodes: EXPLAIN_EXIT_CODES,
  },
  purge: {
    summary: 'delete every copy and leave the sources as they are',
    description: PURGE,
    examples: PURGE_EXAMPLES,
  },
  migrate: {
    summary: 'print the way from reflector or replicator',
    description: MIGRATE,
    examples: MIGRATE_EXAMPLES,
    exitCodes: MIGRATE_EXIT_CODES,
  },
  render: {
    summary: 'write the copies of the sources in manifests as manifests',
    description: RENDER,
    examples: RENDER_EXAMPLES,
    exitCodes: RENDER_EXIT_CODES,
  },
};

/** The help of `completion`. */
export const COMPLETION_HELP = {
  summary: 'print a script that completes commands in a shell',
  description: `Prints a script for a shell. Once the shell has loaded it, the Tab key completes
commands, options and their values, contexts, and namespaces of the cluster.

kubectl needs no script for "kubectl kubed-sync": its own completion is enough.`,
  examples: `Examples:
  # bash
  echo 'source <(kubed-sync completion bash)' >> ~/.bashrc

  # zsh, after compinit
  echo 'source <(kubed-sync completion zsh)' >> ~/.zshrc

  # fish
  kubed-sync completion fish > ~/.config/fish/completions/kubed-sync.fish

  # PowerShell
  kubed-sync completion powershell | Out-String | Invoke-Expression`,
} as const;
