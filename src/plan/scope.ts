import { globMatches } from './glob.ts';
import type { Settings } from '../model/objects.ts';
import { remembered } from '../util/memoize.ts';
import { shardBorder } from './shard.ts';

/** The settings made ready for a run: borders of the scope as functions, hashes remembered. */
export interface Rules extends Settings {
  /** Whether `--namespace` lets a run look there at all; where it does not, it neither knows nor touches anything. */
  readonly isVisible: (namespace: string) => boolean;
  /** Whether `--source-namespace` lets sources live there. */
  readonly isSourceNamespace: (namespace: string) => boolean;
  /** Whether `--include-namespace`, `--exclude-namespace` and `--shard` let copies be written or pruned there. */
  readonly isTargetNamespace: (namespace: string) => boolean;
  /** Whether a namespace falls to the shard of this run; without `--shard` every namespace does. */
  readonly isInShard: (namespace: string) => boolean;
  /** Whether bodies are read namespace by namespace, since a list over all of them would show more than the run needs. */
  readonly readsByNamespace: boolean;
}

/** Makes {@link Rules}. Answers are remembered, since every copy asks for the same few namespaces and names again. */
export function rulesOf(settings: Settings): Rules {
  const { namespaces, sourceNamespaces, includeNamespaces, excludeNamespaces, shard } = settings;
  const [visible, named] = [new Set(namespaces), new Set(sourceNamespaces)];
  const isVisible = (namespace: string): boolean => visible.size === 0 || visible.has(namespace);
  const isInShard = shardBorder(shard);
  return {
    ...settings,
    sha256: remembered(settings.sha256),
    isVisible,
    isSourceNamespace: (namespace) => isVisible(namespace) && (named.size === 0 || named.has(namespace)),
    isTargetNamespace: remembered(
      (namespace) =>
        isVisible(namespace) &&
        isInShard(namespace) &&
        (includeNamespaces.length === 0 || includeNamespaces.some((glob) => globMatches(glob, namespace))) &&
        !excludeNamespaces.some((glob) => globMatches(glob, namespace)),
    ),
    isInShard,
    readsByNamespace: namespaces.length > 0 || shard !== undefined,
  };
}
