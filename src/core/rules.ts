import { globMatches } from './glob.ts';
import type { Settings } from './model.ts';
import { remembered } from './remembered.ts';
import { shardBorder } from './shard.ts';

/** The settings made ready for a run: borders of the scope as functions, hashes remembered. */
export interface Rules extends Settings {
  /** Whether `--source-namespace` lets sources live there. */
  readonly isSourceNamespace: (namespace: string) => boolean;
  /** Whether `--include-namespace` and `--exclude-namespace` let copies be written or pruned there. */
  readonly isTargetNamespace: (namespace: string) => boolean;
  /** Whether `--shard` lets this run look at copies there: the others are other runs' business, in and out of scope. */
  readonly isInShard: (namespace: string) => boolean;
}

/** Makes {@link Rules}. Answers are remembered, since every copy asks for the same few namespaces and names again. */
export function rulesOf(settings: Settings): Rules {
  const { sourceNamespaces, includeNamespaces, excludeNamespaces, shard } = settings;
  const named = new Set(sourceNamespaces);
  return {
    ...settings,
    sha256: remembered(settings.sha256),
    isSourceNamespace: (namespace) => named.size === 0 || named.has(namespace),
    isTargetNamespace: remembered(
      (namespace) =>
        (includeNamespaces.length === 0 || includeNamespaces.some((glob) => globMatches(glob, namespace))) &&
        !excludeNamespaces.some((glob) => globMatches(glob, namespace)),
    ),
    isInShard: shardBorder(shard),
  };
}
