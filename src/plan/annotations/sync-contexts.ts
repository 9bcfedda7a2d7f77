import type { StringMap } from '../../model/objects.ts';
import { get } from '../../model/keys.ts';
import { memoize } from '../../util/memoize.ts';
import { globMatches } from '../scope.ts';
import { SYNC_CONTEXTS } from './markers.ts';

/*
 * Which contexts does a source name (docs/design.md 11.1)? Examples:
 *
 *   annotation           means
 *   -------------------  ------------------------------------------------------------------
 *   prod-eu, prod-us     the contexts prod-eu and prod-us
 *   prod-*               every context of the remote kubeconfigs whose name matches
 *   prod-eu,             the context prod-eu: an empty name between commas is ignored
 *   (empty)              nothing: an error. An empty value of a template must not withdraw copies
 */

/** The contexts that an annotation names. */
export interface ContextPatterns {
  /** Names of contexts. */
  readonly names: readonly string[];
  /** Names with `*` or `?`. */
  readonly wildcards: readonly string[];
}

/** Reads the text of an annotation. Undefined if it names nothing. */
export const parseContexts = memoize((text: string): ContextPatterns | undefined => {
  const all = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (all.length === 0) return undefined;
  return { names: all.filter((name) => !isWildcard(name)), wildcards: all.filter(isWildcard) };
});

function isWildcard(name: string): boolean {
  return /[*?]/u.test(name);
}

/** Returns how patterns ask for a context: by its name, by a wildcard only, or not at all. */
export function asksFor(
  { names, wildcards }: ContextPatterns,
  context: string,
): 'name' | 'wildcard' | undefined {
  if (names.includes(context)) return 'name';
  return wildcards.some((pattern) => globMatches(pattern, context)) ? 'wildcard' : undefined;
}

/**
 * Returns whether a source asks for the context that a copy records. A wildcard stands only for contexts that a remote
 * kubeconfig has. Otherwise the copy of a renamed context would keep its place for ever.
 */
export function namesContext(
  { annotations }: { readonly annotations: StringMap },
  context: string,
  known: ReadonlySet<string>,
): boolean {
  const patterns = parseContexts(get(annotations, SYNC_CONTEXTS) ?? '');
  const how = patterns && asksFor(patterns, context);
  return how === 'name' || (how === 'wildcard' && known.has(context));
}
