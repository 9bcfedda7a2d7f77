/** What the program is, in the fewest words that let someone use it. */
export const INTRODUCTION = `Keeps copies of annotated ConfigMaps and Secrets in step across namespaces.

An object with the annotation kubed.appscode.com/sync is a source. Its value
says which namespaces get a copy: all with "" or "true", else those that match
a label selector. Each run reads the cluster, works out the difference, and
writes it or shows it.`;

/** What `reconcile` does, before its options. */
export const RECONCILE = `Makes, updates and prunes copies until the cluster is as its sources say.

Only objects that bear the marks of a copy are ever changed or deleted. Options
narrow what a run looks at; none makes it delete or overwrite more, but for
--prune-legacy and --on-conflict adopt, which say what they do.`;

/** What `purge` does, before its options. */
export const PURGE = `Deletes every copy that kubed-sync, or the operator before it, made, as one
does before uninstalling. Sources stay as they are: while they carry the
annotation, the next reconcile makes the copies again.

Only objects that bear the marks of a copy are deleted, each as it was when the
run looked. Options narrow what is purged; --max-prune may withhold all of it.`;

/** What `render` does, before its options. */
export const RENDER = `Writes the copies of the sources among some manifests as manifests, for those
who keep copies in Git. No cluster is asked; copies go to the namespaces that
are among the manifests or that objects in them are in.

The same manifests give the same output. The copies bear the marks of copies:
a reconcile knows them as its own, and writes once to each, since Git cannot
know the uid and resourceVersion of its source.`;

/** Commands to copy, of `render`. */
export const RENDER_EXAMPLES = `Examples:
  # The copies of the sources in a repository, as a stream
  kubed-sync render -f manifests/ > copies.yaml

  # One file per copy, to commit
  kubed-sync render -f manifests/ --output-dir manifests/copies

  # To the namespaces of a cluster, straight to kubectl
  kubectl get namespaces -o yaml | kubed-sync render -f sources/ -f - |
      kubectl apply -f -`;

/** How options are given in a CronJob. */
export const VARIABLES = `Environment variables:
  Every option is also a variable: --max-prune is KUBED_SYNC_MAX_PRUNE. Lists
  are separated by commas, switches are true or false. The command line wins.`;

function exitCodes(usage: string): string {
  return `Exit codes:
  0    in step, or a dry run that found nothing wrong
  1    something failed, was refused or could not be read
  2    ${usage}
  3    --dry-run --exit-code, and changes are pending
  130  interrupted (143: terminated)`;
}

/** The exit codes of design section 6. */
export const EXIT_CODES = exitCodes('wrong usage');

/** The same where manifests can be given. */
export const RECONCILE_EXIT_CODES = exitCodes('wrong usage, or a manifest that is wrong');

/** The exit codes of `render`. */
export const RENDER_EXIT_CODES = `Exit codes:
  0    rendered
  1    rendered, but for what an error on stderr names; or it cannot be written
  2    wrong usage, or a manifest that is wrong`;

/** Commands to copy, of `purge`. */
export const PURGE_EXAMPLES = `Examples:
  # Look first: which copies would go
  kubed-sync purge --dry-run --verbose

  # All copies of this cluster, also those of the old operator
  kubed-sync purge --cluster-name unicorn --prune-legacy

  # Only the copies of sources in one namespace
  kubed-sync purge --source-namespace platform

  # Without a right to the whole cluster: sources and copies in these namespaces
  kubed-sync purge --namespace platform --namespace team-a

  # Only copies of Secrets, and only in the namespaces of one team
  kubed-sync purge --kind secret --include-namespace 'team-a-*'`;

/** Commands to copy. */
export const EXAMPLES = `Examples:
  # Copy a ConfigMap to every namespace
  kubectl annotate configmap omni -n demo kubed.appscode.com/sync=""
  kubed-sync reconcile

  # ... and now to the namespaces with the label app=kubed only
  kubectl annotate --overwrite configmap omni -n demo \\
      kubed.appscode.com/sync="app=kubed"
  kubed-sync reconcile

  # Look first: what would be written, and why
  kubed-sync reconcile --dry-run

  # In CI: fail when the cluster is out of step
  kubed-sync reconcile --dry-run --exit-code --output json > report.json

  # In a pull request: what will change once these manifests are applied
  kubed-sync reconcile --dry-run -f manifests/

  # The same without a cluster
  kubectl get ns,cm,secret -A -o yaml |
      kubed-sync reconcile --dry-run --offline -f -

  # As a CronJob: sources in one namespace only, never a mass delete
  kubed-sync reconcile --source-namespace platform --max-prune 10% --timeout 5m

  # Without a right to the whole cluster: look at these namespaces only
  kubed-sync reconcile --namespace platform --namespace team-a

  # Secrets only, and only to the namespaces of the teams
  kubed-sync reconcile --kind secret --include-namespace 'team-*'`;
