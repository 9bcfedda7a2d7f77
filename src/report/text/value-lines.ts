import type { Change, PreviewValue, ValueChange } from '../../model/change.ts';
import { utf8Length } from '../../plan/copy/limits.ts';
import { groupBy } from '../../util/group-by.ts';
import { countOf, inNamespaces, originName } from '../strings/names-and-counts.ts';
import { type Verbatim, unifiedDiff } from './unified-diff.ts';
import { sanitize } from '../strings/sanitize.ts';

/* What changes inside of values: diffs of the text of ConfigMaps, and only lengths of Secrets. */

/** How much of the values a report shows. */
export interface ValueLimits {
  /** Lines of one value. */
  readonly lines: number;
  /** Values of one line of the report. */
  readonly values: number;
  /** Namespaces that are named. */
  readonly names: number;
  /** Lines of all values of the report together. */
  readonly total: number;
}

/** Returns limits for a few screens, or none with `-v`. */
export function valueLimits(verbose: boolean): ValueLimits {
  return verbose
    ? { lines: Infinity, values: Infinity, names: Infinity, total: Infinity }
    : { lines: 30, values: 5, names: 3, total: 300 };
}

/** The values of some changes: the lines that are shown, and how many values are not shown. */
interface ValueLines {
  readonly lines: readonly Verbatim[];
  readonly hidden: number;
}

/**
 * Returns the lines about the values of each list of changes. The later lists get what the earlier ones leave of
 * `limits.total`.
 */
export function valueLinesOfEach(
  lists: readonly (readonly Change[])[],
  limits: ValueLimits,
): readonly (readonly Verbatim[])[] {
  let left = limits.total;
  return lists.map((changes) => {
    const { lines, hidden } = valueLines(changes, limits, left);
    left -= lines.length;
    return hidden === 0 ? lines : [...lines, hiddenLine(hidden)];
  });
}

function hiddenLine(count: number): Verbatim {
  return { tone: 'quiet', text: `and ${countOf(count, 'more value')} (all with -v)` };
}

/** One value that changes in the same way in some namespaces. */
interface ValueGroup {
  readonly value: ValueChange;
  readonly origin: string;
  readonly namespaces: string[];
}

/**
 * Returns the lines about the values of changes: diffs of text, lengths of everything else. A value that changes in the
 * same way in many namespaces is shown once. The most frequent comes first. The last one may exceed `most` lines.
 */
function valueLines(changes: readonly Change[], limits: ValueLimits, most: number): ValueLines {
  const groups = groupValues(changes).toSorted(byImportance);
  const totals = groupBy(changes, (change) => originName(change.origin));
  const shown: (readonly Verbatim[])[] = [];
  let count = 0;
  for (const group of groups) {
    if (shown.length >= limits.values || count >= most) break;
    const place = groupPlace(group, totals.get(group.origin)?.length ?? 0, totals.size, limits.names);
    const lines = linesOf(group.value, place, limits.lines);
    shown.push(lines);
    count += lines.length;
  }
  return { lines: shown.flat(), hidden: groups.length - shown.length };
}

/** Sorts values with a diff before values without, then by the number of namespaces. */
function byImportance(a: ValueGroup, b: ValueGroup): number {
  const order = Number(isTooLargeToCompare(a.value)) - Number(isTooLargeToCompare(b.value));
  return order === 0 ? b.namespaces.length - a.namespaces.length : order;
}

function groupValues(changes: readonly Change[]): readonly ValueGroup[] {
  const numbers = new Map<PreviewValue | undefined, number>();
  const numberOf = (shown: PreviewValue | undefined): number => {
    const number = numbers.get(shown) ?? numbers.size;
    numbers.set(shown, number);
    return number;
  };
  const groups = new Map<string, ValueGroup>();
  for (const change of changes) {
    for (const value of 'values' in change ? (change.values ?? []) : []) {
      const from = originName(change.origin);
      const key = JSON.stringify([
        from,
        value.part,
        value.key,
        numberOf(value.before),
        numberOf(value.after),
      ]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { value, origin: from, namespaces: [change.namespace] });
      else group.namespaces.push(change.namespace);
    }
  }
  return [...groups.values()];
}

/** Returns whether the old text of a ConfigMap was not kept, because there were too many different ones. */
function isTooLargeToCompare({ before, after }: ValueChange): boolean {
  return typeof before === 'number' && typeof after === 'string';
}

/** Returns where a value changes: its source and namespaces. Empty if it is everything that the line above names. */
function groupPlace(
  { origin: from, namespaces }: ValueGroup,
  total: number,
  origins: number,
  most: number,
): string {
  const of = origins > 1 ? ` of ${from}` : '';
  return namespaces.length === total ? of : `${of} ${inNamespaces(namespaces, most)}`;
}

function linesOf(value: ValueChange, where: string, most: number): readonly Verbatim[] {
  const { part, key, before, after } = value;
  const name = sanitize(key === undefined ? part : `${part}.${key}`);
  if (part === 'type')
    return [{ tone: 'plain', text: sanitize(`${name}: ${before} -> ${after}${inBrackets(where)}`) }];
  if (isText(before) && isText(after)) return unifiedDiff(name, inBrackets(where), { before, after }, most);
  const unheld = isTooLargeToCompare(value) ? ', not compared: too many different values' : '';
  return [
    { tone: 'plain', text: sanitize(`${name}: ${lengthsText(before, after)}${unheld}${inBrackets(where)}`) },
  ];
}

function isText(shown: PreviewValue | undefined): shown is string | undefined {
  return typeof shown !== 'number';
}

function inBrackets(where: string): string {
  return where === '' ? '' : `  (${where.trim()})`;
}

/** Returns `12 bytes -> 16 bytes`. Nothing else about a value of a Secret may be shown. */
function lengthsText(before: PreviewValue | undefined, after: PreviewValue | undefined): string {
  if (before === undefined) return `added, ${byteCount(after)}`;
  if (after === undefined) return `removed, ${byteCount(before)}`;
  const same = byteCount(before) === byteCount(after);
  return same
    ? `another value, ${byteCount(after)} as before`
    : `${byteCount(before)} -> ${byteCount(after)}`;
}

function byteCount(shown: PreviewValue = ''): string {
  return countOf(typeof shown === 'string' ? utf8Length(shown) : shown, 'byte');
}
