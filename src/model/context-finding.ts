import type { Replace } from './change.ts';
import type { Failure } from './failure.ts';
import type { ObjectName, Origin } from './objects.ts';

/** How much a finding matters: an error makes the exit code 1. */
export type Severity = 'error' | 'warning' | 'note';

/** Why a context of a remote kubeconfig is not used. It never has a value of the kubeconfig. */
export type ContextRefusal =
  /** It runs a program, and `--remote-allow exec` was not given. */
  | 'exec'
  /** It sends credentials without checking the server, and `--remote-allow insecure` was not given. */
  | 'insecure'
  /** It names a file outside its own directory. */
  | 'file-outside'
  /** Two files have a context of this name. */
  | 'two-files';

/** A finding about copies in other clusters (docs/design.md 11), tagged by `reason`. */
export type ContextFinding =
  | (ObjectName & { readonly reason: 'no-remote-kubeconfig'; readonly contexts: string })
  | (ObjectName & {
      readonly reason: 'invalid-contexts';
      readonly contexts: string;
      /** `wildcard`: it has one, and `--source-namespace` is not given. */
      readonly why: 'empty' | 'wildcard';
    })
  /** The names are in no remote kubeconfig, so no copy of this source is deleted in other clusters. */
  | (ObjectName & { readonly reason: 'unknown-context'; readonly unknown: readonly string[] })
  | (ObjectName & { readonly reason: 'no-context-matches'; readonly patterns: readonly string[] })
  /** The object is a source in a namespace whose name begins with `kube-`, and the context names no namespace. */
  | (ObjectName & { readonly reason: 'remote-system-namespace' })
  | { readonly reason: 'bad-remote-kubeconfig'; readonly file: string; readonly message: string }
  | { readonly reason: 'context-refused'; readonly why: ContextRefusal; readonly files: readonly string[] }
  | {
      readonly reason: 'context-failed';
      readonly failure: Failure;
      /** Sources that name the context. None of their copies in other clusters is deleted. */
      readonly sources: readonly ObjectName[];
    }
  | { readonly reason: 'context-timed-out' }
  | { readonly reason: 'context-is-this-cluster'; readonly named: boolean }
  | { readonly reason: 'home-not-identified' }
  | { readonly reason: 'remote-namespace-not-found'; readonly namespace: string; readonly copies: number }
  | (ObjectName & { readonly reason: 'newer-than-home'; readonly origin: Origin })
  | (ObjectName & {
      readonly reason: 'replace-needed';
      readonly origin: Origin;
      readonly because: Replace['because'];
    })
  | { readonly reason: 'any-namespace-picks-a-target' }
  /** Sources ask for other clusters, which this run does not serve. */
  | {
      readonly reason: 'other-clusters-left-out';
      readonly why: 'clusters-home' | 'manifests';
      readonly sources: number;
    }
  | { readonly reason: 'pushed-by-other-cluster'; readonly clusterUid: string; readonly copies: number }
  /** The copy was written for another context or namespace, and this context does not ask for it. */
  | (ObjectName & { readonly reason: 'left-behind'; readonly origin: Origin; readonly recorded: string })
  /** Another context leads to the same place, and keeps the copy. */
  | (ObjectName & { readonly reason: 'same-place'; readonly origin: Origin; readonly keptBy: string })
  /** A purge may not list all namespaces of the cluster. */
  | { readonly reason: 'purged-one-namespace'; readonly namespace: string };

/** The tag of a {@link ContextFinding}. */
export type ContextFindingReason = ContextFinding['reason'];

/** Every severity that a finding about other clusters can have. */
export const CONTEXT_SEVERITIES: Readonly<Record<ContextFindingReason, readonly [Severity, ...Severity[]]>> =
  {
    'no-remote-kubeconfig': ['error'],
    'invalid-contexts': ['error'],
    'unknown-context': ['error'],
    'remote-system-namespace': ['error'],
    'bad-remote-kubeconfig': ['error'],
    'context-refused': ['error'],
    'context-failed': ['error'],
    'context-timed-out': ['error'],
    'context-is-this-cluster': ['error', 'note'],
    'home-not-identified': ['error'],
    'remote-namespace-not-found': ['error'],
    'newer-than-home': ['error'],
    'replace-needed': ['error'],
    'no-context-matches': ['warning'],
    'any-namespace-picks-a-target': ['warning'],
    'other-clusters-left-out': ['note'],
    'pushed-by-other-cluster': ['note'],
    'left-behind': ['note'],
    'same-place': ['note'],
    'purged-one-namespace': ['note'],
  };

/** Returns whether a finding is about copies in other clusters. */
export function isContextFinding<T extends { readonly reason: string }>(
  finding: T,
): finding is Extract<T, { readonly reason: ContextFindingReason }> {
  return Object.hasOwn(CONTEXT_SEVERITIES, finding.reason);
}

/** Returns how much a finding about other clusters matters. If only a wildcard matches this cluster, that is a note. */
export function contextSeverity(finding: ContextFinding): Severity {
  if (finding.reason === 'context-is-this-cluster') return finding.named ? 'error' : 'note';
  return CONTEXT_SEVERITIES[finding.reason][0];
}
