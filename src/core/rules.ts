import { globMatches } from './glob.ts';
import type { Settings } from './model.ts';

/** The settings made ready for a run: borders of the scope as functions, hashes remembered. */
export interface Rules extends Settings {
  /** Whether `--namespace` lets a run look there at all; where it does not, it neither knows nor touches anything. */
  readonly isVisible: (namespace: string) => boolean;
  /** Whether `--source-namespace` lets sources live there. */
  readonly isSourceNamespace: (namespace: string) => boolean;
  /** Whether `--include-namespace` and `--exclude-namespace` let copies be written or pruned there. */
  readonly isTargetNamespace: (namespace: string) => boolean;
}

/** Makes {@link Rules}. Answers are remembered, since every copy asks for the same few namespaces and names again. */
export function rulesOf(settings: Settings): Rules {
  const { namespaces, sourceNamespaces, includeNamespaces, excludeNamespaces } = settings;
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
  };
}

/** The same function with a memory. */
export function remembered<T>(answer: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.value;
    const value = answer(text);
    known.set(text, { value });
    return value;
  };
}
