import { globMatches } from './glob.ts';
import type { Settings } from './model.ts';
import { remembered } from './remembered.ts';
import { shardBorder } from './shard.ts';

/** The settings made ready for a run: borders of the scope as functions, hashes remembered. */
export interface Rules extends Settings {
  /** Whether `--namespace` lets a run look there at all; where it does not, it neither knows nor touches anything. */
  readonly isVisible: (namespace: string) => boolean;
  /** Whether `--source-namespace` lets sources live there. */
  readonly isSourceNamespace: (namespace: string) => boolean;
  /** Whether `--include-namespace` and `--exclude-namespace` let copies be written or pruned there. */
  readonly isTargetNamespace: (namespace: string) => boolean;
  /** Whether `--shard` lets this run look at copies there: the others are other runs' business, in and out of scope. */
  readonly isInShard: (namespace: string) => boolean;
}

/** Makes {@link Rules}. Answers are remembered, since every copy asks for the same few namespaces and names again. */
export function rulesOf(settings: Settings): Rules {
  const { namespaces, sourceNamespaces, includeNamespaces, excludeNamespaces, shard } = settings;
  const [visible, named] = [new Set(namespaces), new Set(sourceNamespaces)];
  const isVisible = (namespace: string): boolean => visible.size === 0 || visible.has(namespace);
  return {
    ...settings,
    sha256: remembered(settings.sha256),
    isVisible,
    isSourceNamespace: (namespace) => isVisible(namespace) && (named.size === 0 || named.has(namespace)),
    isTargetNamespace: remembered(
      (namespace) =>
        isVisible(namespace) &&
        (includeNamespaces.length === 0 || includeNamespaces.some((glob) => globMatches(glob, namespace))) &&
        !excludeNamespaces.some((glob) => globMatches(glob, namespace)),
    ),
    isInShard: shardBorder(shard),
  };
}
