import type { Settings } from '../model/settings.ts';
import type { Finding } from '../model/finding.ts';
import type { Snapshot } from '../model/objects.ts';
import { shardFilter } from './shard.ts';
import { memoize } from '../util/memoize.ts';

/** What does a run look at and write to (docs/design.md 4.2)? The settings, with the borders of the scope as functions. */
export interface Scope extends Settings {
  /** Whether `--namespace` lets a run look there. Elsewhere a run knows nothing and changes nothing. */
  readonly isVisible: (namespace: string) => boolean;
  /** Whether `--source-namespace` lets sources live there. */
  readonly isSourceNamespace: (namespace: string) => boolean;
  /** Whether `--include-namespace`, `--exclude-namespace` and `--shard` let copies be written or pruned there. */
  readonly isTargetNamespace: (namespace: string) => boolean;
  /** Whether a namespace belongs to the shard of this run. Without `--shard` every namespace does. */
  readonly isInShard: (namespace: string) => boolean;
  /** Whether bodies are read namespace by namespace. A list of all namespaces would show more than the run needs. */
  readonly readsByNamespace: boolean;
}

/** The scope of a run. Results are memoized, since all copies ask for the same few namespaces and names. */
export function scopeOf(settings: Settings): Scope {
  const { namespaces, sourceNamespaces, shard } = settings;
  const [visible, named] = [new Set(namespaces), new Set(sourceNamespaces)];
  const isVisible = (namespace: string): boolean => visible.size === 0 || visible.has(namespace);
  const isInShard = shardFilter(shard);
  return {
    ...settings,
    sha256: memoize(settings.sha256),
    isVisible,
    isSourceNamespace: (namespace) => isVisible(namespace) && (named.size === 0 || named.has(namespace)),
    isTargetNamespace: memoize(
      (namespace) => isVisible(namespace) && isInShard(namespace) && isTargetByName(settings, namespace),
    ),
    isInShard,
    readsByNamespace: namespaces.length > 0 || shard !== undefined,
  };
}

/** Whether `--include-namespace` and `--exclude-namespace` let copies be in namespaces of this name, in any cluster. */
export function isTargetByName(
  { includeNamespaces, excludeNamespaces }: Pick<Settings, 'includeNamespaces' | 'excludeNamespaces'>,
  namespace: string,
): boolean {
  if (excludeNamespaces.some((glob) => globMatches(glob, namespace))) return false;
  return includeNamespaces.length === 0 || includeNamespaces.some((glob) => globMatches(glob, namespace));
}

/**
 * Whether a text matches a glob. `*` matches any characters, `?` matches one, every other character matches itself. The
 * time is at most the length of the pattern times the length of the text.
 */
export function globMatches(glob: string, text: string): boolean {
  let [g, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (glob[g] === '*') [star, resume, g] = [g, t, g + 1];
    else if (glob[g] === '?' || glob[g] === text[t]) [g, t] = [g + 1, t + 1];
    else if (star !== -1) [resume, g, t] = [resume + 1, star + 1, resume + 1];
    else return false;
  }
  while (glob[g] === '*') g += 1;
  return g === glob.length;
}

/**
 * The part of a snapshot that `--namespace` lets a run look at. Lists of a cluster show only that part. Manifests and
 * dumps can show more, and a run on them must report what a run on the cluster would.
 */
export function visibleSnapshot(snapshot: Snapshot, { namespaces, isVisible }: Scope): Snapshot {
  if (namespaces.length === 0) return snapshot;
  return {
    namespaces: snapshot.namespaces.filter(({ name }) => isVisible(name)),
    objects: snapshot.objects.filter(({ namespace }) => isVisible(namespace)),
  };
}

/** Findings for the namespaces of `--namespace` that do not exist. Their names are probably misspelt. */
export function missingNamespaces(there: ReadonlyMap<string, unknown>, scope: Scope): Finding[] {
  return scope.namespaces.flatMap((namespace) =>
    there.has(namespace) ? [] : [{ reason: 'namespace-not-found', namespace }],
  );
}
