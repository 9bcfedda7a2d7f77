import type { TurnProblem, TurnedAnnotations } from '../../model/migration.ts';
import { SYNC, SYNC_NAMESPACES } from '../annotations/markers.ts';
import { globMatches } from '../scope.ts';
import { type NameList, readNameList } from './name-patterns.ts';

/*
 * Which namespaces does a source of another tool reach? Its rules, and how two of them are combined where both must hold.
 * Where no combination means exactly the same to kubed-sync, the result is a problem.
 */

/** Namespaces by name, by pattern, by label, or by pattern and label. */
export type NamespaceRule =
  | { readonly is: 'all' }
  | { readonly is: 'names'; readonly names: readonly string[] }
  | { readonly is: 'patterns'; readonly patterns: readonly string[] }
  | { readonly is: 'selector'; readonly selector: string; readonly patterns?: readonly string[] };

/** A rule, or why there is none. */
export type RuleOrProblem = NamespaceRule | { readonly is: 'problem'; readonly problem: TurnProblem };

/** Where a rule is written: a list of names, a selector, or one of both. Absent: not written. */
export interface WrittenRule {
  readonly listKey: string;
  readonly list: string | undefined;
  readonly selectorKey: string;
  readonly selector: string | undefined;
  readonly turnSelector: (text: string) => string | undefined;
}

/** Returns a rule as it is written. The tools take a namespace if the list or the selector matches it. */
export function readRule({ listKey, list, selectorKey, selector, turnSelector }: WrittenRule): RuleOrProblem {
  const names = list === undefined ? undefined : fromList(listKey, readNameList(list));
  const labels =
    selector === undefined ? undefined : fromSelector(selectorKey, turnSelector(selector), selector);
  if (names === undefined) return labels ?? { is: 'all' };
  if (labels === undefined) return names;
  const all = [names, labels].find(({ is }) => is === 'all');
  return all ?? { is: 'problem', problem: { code: 'either-or', annotations: [listKey, selectorKey] } };
}

function fromList(annotation: string, list: NameList): RuleOrProblem {
  if (list.is === 'regex') return { is: 'problem', problem: { code: 'regex', annotation, item: list.item } };
  return list.is === 'names' && list.names.length === 0
    ? { is: 'problem', problem: { code: 'matches-nothing' } }
    : list;
}

function fromSelector(annotation: string, turned: string | undefined, selector: string): RuleOrProblem {
  if (turned === undefined) return { is: 'problem', problem: { code: 'selector', annotation, selector } };
  return turned === '' ? { is: 'all' } : { is: 'selector', selector: turned };
}

/** Returns the namespaces that satisfy both rules. */
export function bothRules(
  a: RuleOrProblem,
  b: RuleOrProblem,
  annotations: readonly [string, string],
): RuleOrProblem {
  if (a.is === 'problem' || b.is === 'all') return a;
  if (b.is === 'problem' || a.is === 'all') return b;
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  if (a.is === 'names') return namesAnd(a.names, b);
  if (b.is === 'names') return namesAnd(b.names, a);
  if (a.is === 'selector' && b.is === 'selector')
    return { is: 'selector', selector: `${a.selector},${b.selector}` };
  if (a.is === 'patterns' && b.is === 'selector') return { ...b, patterns: a.patterns };
  if (a.is === 'selector' && b.is === 'patterns') return { ...a, patterns: b.patterns };
  return { is: 'problem', problem: { code: 'two-patterns', annotations } };
}

function namesAnd(
  names: readonly string[],
  rule: Exclude<NamespaceRule, { readonly is: 'all' }>,
): RuleOrProblem {
  if (rule.is === 'selector') return { ...rule, selector: `${nameSelector(names)},${rule.selector}` };
  const patterns = rule.is === 'names' ? rule.names : rule.patterns;
  const both = names.filter((name) => patterns.some((pattern) => globMatches(pattern, name)));
  return both.length === 0
    ? { is: 'problem', problem: { code: 'matches-nothing' } }
    : { is: 'names', names: both };
}

/** The API server sets this label on every namespace. */
function nameSelector(names: readonly string[]): string {
  return `kubernetes.io/metadata.name in (${names.join(',')})`;
}

/** Returns the annotations that mean a rule, or why there are none. */
export function annotationsOf(rule: RuleOrProblem): TurnedAnnotations | TurnProblem {
  switch (rule.is) {
    case 'problem':
      return rule.problem;
    case 'all':
      return { set: { [SYNC]: '' } };
    case 'names':
      return { set: { [SYNC]: nameSelector(rule.names) } };
    case 'patterns':
      return withPatterns('', rule.patterns);
    case 'selector':
      return withPatterns(rule.selector, rule.patterns ?? []);
  }
}

function withPatterns(sync: string, patterns: readonly string[]): TurnedAnnotations {
  if (patterns.length === 0) return { set: { [SYNC]: sync } };
  return { set: { [SYNC]: sync, [SYNC_NAMESPACES]: patterns.join(',') } };
}
