import type { AnnotationProblem, Parsed } from '../../model/annotation-problem.ts';
import { compareText } from '../../model/keys.ts';
import { globMatches } from '../scope.ts';
import { type Term, splitTerms } from './list-terms.ts';
import { isDataKey } from './name-syntax.ts';

/*
 * The annotation `sync-keys` of a source: which keys its copies have (docs/design.md 3.7). Names, patterns with `*`, `!` for
 * keys to leave out, and `old=new` to rename. Examples for a source with `ca.crt`, `tls.crt` and `tls.key`:
 *
 *   text                     the copies have
 *   -----------------------  ------------------------------------------------------------------------
 *   ca.crt                   ca.crt
 *   *,!tls.key               ca.crt, tls.crt
 *   !tls.key                 ca.crt, tls.crt: with exclusions only, all other keys
 *   tls.crt=ca-bundle.crt    ca-bundle.crt, with the value of tls.crt
 *   *,tls.crt=cert           ca.crt, cert, tls.key: a key that is renamed has its new name only
 *   !tls.kye                 error: the pattern matches no key
 *   ca.crt=tls.crt,*         error: two keys end under one name
 */

/** A key that the annotation names, and the name that it gets. */
interface NamedKey {
  readonly to: string;
  readonly at: number;
}

/** Parsed `sync-keys`. */
export interface KeyRules {
  readonly named: ReadonlyMap<string, NamedKey>;
  /** Patterns with `*`. */
  readonly patterns: readonly string[];
  readonly excluded: readonly Term[];
}

/** The keys that the copies have, by their names in the source, and the named keys that the source does not have. */
export interface SelectedKeys {
  readonly names: ReadonlyMap<string, string>;
  readonly missing: readonly string[];
}

/** Each key is compared with each pattern, and a source may have 200,000 keys. */
const MAX_PATTERNS = 20;

/** Parses `sync-keys`. It never throws. What depends on the keys of the source is not checked. */
export function parseSyncKeys(text: string): Parsed<KeyRules> {
  const split = splitTerms(text);
  if (!split.ok) return split;
  const named = new Map<string, NamedKey>();
  const [patterns, excluded]: [string[], Term[]] = [[], []];
  for (const term of split.terms) {
    const problem = problemOf(term) ?? addTerm(term, { named, patterns, excluded });
    if (problem !== undefined) return { ok: false, at: term.at, problem };
  }
  return { ok: true, value: { named, patterns, excluded } };
}

type Problem = AnnotationProblem['problem'];

function problemOf({ text, isExcluded }: Term): Problem | undefined {
  const parts = text.split('=').map((part) => part.trim());
  if (parts.length > 1) {
    const isRename = parts.length === 2 && !isExcluded && parts.every(isDataKey);
    return isRename ? undefined : { code: 'bad-rename', found: (isExcluded ? '!' : '') + text };
  }
  return isDataKey(text.replaceAll('*', 'a')) ? undefined : { code: 'bad-key', found: text };
}

interface Rules {
  readonly named: Map<string, NamedKey>;
  readonly patterns: string[];
  readonly excluded: Term[];
}

function addTerm(term: Term, { named, patterns, excluded }: Rules): Problem | undefined {
  if (
    isPattern(term.text) &&
    patterns.length + excluded.filter(({ text }) => isPattern(text)).length === MAX_PATTERNS
  )
    return { code: 'too-many-patterns', limit: MAX_PATTERNS };
  if (term.isExcluded) excluded.push(term);
  else if (isPattern(term.text)) patterns.push(term.text);
  else {
    const [from = '', to = from] = term.text.split('=').map((part) => part.trim());
    const before = named.get(from);
    if (before !== undefined && before.to !== to) return { code: 'named-twice', key: from };
    const other = before === undefined && [...named].find(([, one]) => one.to === to);
    if (other) return { code: 'same-name', name: to, keys: [other[0], from] };
    named.set(from, before ?? { to, at: term.at });
  }
  return undefined;
}

function isPattern(text: string): boolean {
  return text.includes('*');
}

/** Which of these keys the copies have. `!` wins over everything else. The order of the keys does not matter. */
export function selectKeys(rules: KeyRules, keys: readonly string[]): Parsed<SelectedKeys> {
  const there = new Set(keys);
  const unmatched = rules.excluded.find(
    ({ text }) => !there.has(text) && !(isPattern(text) && keys.some((key) => globMatches(text, key))),
  );
  if (unmatched !== undefined)
    return {
      ok: false,
      at: unmatched.at,
      problem: { code: 'matches-no-key', pattern: `!${unmatched.text}` },
    };
  const names = new Map<string, string>();
  const origins = new Map<string, string>();
  for (const key of keys.toSorted(compareText)) {
    const to = nameOfKey(rules, key);
    if (to === undefined) continue;
    const other = origins.get(to);
    if (other !== undefined) {
      // At least one of the two was named.
      const [at = 0] = [key, other].flatMap((one) => rules.named.get(one)?.at ?? []);
      return { ok: false, at, problem: { code: 'same-name', name: to, keys: [other, key] } };
    }
    names.set(key, to);
    origins.set(to, key);
  }
  if (names.size === 0) return { ok: false, at: 0, problem: { code: 'no-key-left' } };
  return { ok: true, value: { names, missing: namedKeys(rules).filter((key) => !there.has(key)) } };
}

/** The name that a key of the source has in the copies. Undefined if they do not have it. */
function nameOfKey({ named, patterns, excluded }: KeyRules, key: string): string | undefined {
  if (isExcludedKey(excluded, key)) return undefined;
  const one = named.get(key);
  if (one !== undefined) return one.to;
  const isWanted = named.size + patterns.length === 0 || patterns.some((glob) => globMatches(glob, key));
  return isWanted ? key : undefined;
}

/** The keys that the annotation names and does not exclude. */
export function namedKeys({ named, excluded }: KeyRules): readonly string[] {
  return [...named.keys()].filter((key) => !isExcludedKey(excluded, key));
}

function isExcludedKey(excluded: readonly Term[], key: string): boolean {
  return excluded.some(({ text }) => text === key || (isPattern(text) && globMatches(text, key)));
}
