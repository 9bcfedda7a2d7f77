import type { Change, Shown, ValueChange } from '../../model/change.ts';
import { utf8Length } from '../../plan/copy/limits.ts';
import { groupBy } from '../../util/group-by.ts';
import { countOf, inNamespaces, originName } from '../strings/words.ts';
import { type Verbatim, unifiedDiff } from './unified-diff.ts';
import { sanitize } from '../strings/sanitize.ts';

/** How many lines of values a report shows; `left` goes down as they are. */
export interface ValueLimits {
  readonly lines: number;
  readonly values: number;
  readonly names: number;
  left: number;
}

/** What fits on a few screens: values are for a closer look, and `-v` shows all. */
export function valueLimits(verbose: boolean): ValueLimits {
  return verbose
    ? { lines: Infinity, values: Infinity, names: Infinity, left: Infinity }
    : { lines: 30, values: 5, names: 3, left: 300 };
}

/** One value that changes in the same way in some namespaces. */
interface ValueGroup {
  readonly value: ValueChange;
  readonly origin: string;
  readonly namespaces: string[];
}

/**
 * What becomes of the values of changes that one line of a report tells: diffs of texts, lengths of all else. What is
 * alike in many namespaces is shown once, the most frequent first.
 */
export function valueLines(changes: readonly Change[], room: ValueLimits): readonly Verbatim[] {
  const all = groupValues(changes).toSorted(
    (a, b) =>
      Number(isTooLargeToCompare(a.value)) - Number(isTooLargeToCompare(b.value)) ||
      b.namespaces.length - a.namespaces.length,
  );
  const totals = groupBy(changes, (change) => originName(change.origin));
  const lines: (readonly Verbatim[])[] = [];
  for (const one of all) {
    if (lines.length >= room.values || room.left <= 0) break;
    const where = groupPlace(one, totals.get(one.origin)?.length ?? 0, totals.size, room.names);
    const some = linesOf(one.value, where, room.lines);
    room.left -= some.length;
    lines.push(some);
  }
  const rest = all.length - lines.length;
  const more = { tone: 'quiet', text: `and ${countOf(rest, 'more value')} (all with -v)` } as const;
  return rest > 0 ? [...lines.flat(), more] : lines.flat();
}

function groupValues(changes: readonly Change[]): readonly ValueGroup[] {
  const numbers = new Map<Shown | undefined, number>();
  const numberOf = (shown: Shown | undefined): number => {
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

/** The old text of a ConfigMap that was too much to hold beside all the others (`Preview`). */
function isTooLargeToCompare({ before, after }: ValueChange): boolean {
  return typeof before === 'number' && typeof after === 'string';
}

/** Said only where it is not all that the line above is about. */
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

function isText(shown: Shown | undefined): shown is string | undefined {
  return typeof shown !== 'number';
}

function inBrackets(where: string): string {
  return where === '' ? '' : `  (${where.trim()})`;
}

/** `12 bytes -> 16 bytes`: that, and nothing else, is told of a value of a Secret. */
function lengthsText(before: Shown | undefined, after: Shown | undefined): string {
  if (before === undefined) return `added, ${byteCount(after)}`;
  if (after === undefined) return `removed, ${byteCount(before)}`;
  const same = byteCount(before) === byteCount(after);
  return same
    ? `another value, ${byteCount(after)} as before`
    : `${byteCount(before)} -> ${byteCount(after)}`;
}

function byteCount(shown: Shown = ''): string {
  return countOf(typeof shown === 'string' ? utf8Length(shown) : shown, 'byte');
}
