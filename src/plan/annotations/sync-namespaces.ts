import type { Parsed } from '../../model/annotation-problem.ts';
import { globMatches } from '../scope.ts';
import { splitTerms } from './list-terms.ts';
import { isNamespaceName } from './name-syntax.ts';

/*
 * The annotation `sync-namespaces` of a source (docs/design.md 3.5): names of namespaces, or patterns with `*` and `?`.
 * A pattern matches a whole name. `!` excludes names. Examples:
 *
 *   text                  namespaces
 *   --------------------  ----------------------------------------------
 *   team-*                team-a, team-b; not my-team-a
 *   team-*,!team-test     team-a, team-b; not team-test
 *   !kube-*               all except kube-system, kube-public, …
 *   team-a,?              team-a, and each name of one character
 *   Team-a                error: no namespace has such a name
 */

/** Parsed `sync-namespaces`. A name must match a wanted pattern, if there is one, and no excluded pattern. */
export interface NamePatterns {
  readonly wanted: readonly string[];
  readonly excluded: readonly string[];
}

/** Parses `sync-namespaces`. It never throws. */
export function parseSyncNamespaces(text: string): Parsed<NamePatterns> {
  const terms = splitTerms(text);
  if (!terms.ok) return terms;
  const bad = terms.terms.find((term) => !isNamespacePattern(term.text));
  if (bad !== undefined)
    return { ok: false, at: bad.at, problem: { code: 'bad-namespace', found: bad.text } };
  const patterns = (isExcluded: boolean): readonly string[] =>
    terms.terms.flatMap((term) => (term.isExcluded === isExcluded ? [term.text] : []));
  return { ok: true, value: { wanted: patterns(false), excluded: patterns(true) } };
}

/** Whether a text is the name of a namespace, or a pattern that can match one. */
export function isNamespacePattern(text: string): boolean {
  return isNamespaceName(text.replace(/[*?]/g, 'a'));
}

/** Whether the patterns let a source have a copy in a namespace of this name. */
export function matchesNames({ wanted, excluded }: NamePatterns, namespace: string): boolean {
  const matches = (pattern: string): boolean => globMatches(pattern, namespace);
  return (wanted.length === 0 || wanted.some(matches)) && !excluded.some(matches);
}
