import {
  ANSWER_STATES,
  type CopyAnswer,
  type Explanation,
  type InventoryEntry,
  type ObjectAnswer,
} from '../../model/explanation.ts';
import { groupBy } from '../../util/group-by.ts';
import { countOf, formatCount, inNamespaces, objectName, originName } from '../strings/names-and-counts.ts';
import { markName } from '../strings/name-marks.ts';
import { findingRows } from '../text/finding-lines.ts';
import type { Row } from '../text/layout.ts';
import type { Tone } from '../text/colors.ts';
import { narrowingTexts, sourceSelectorText } from '../messages/source-message.ts';
import { STATE_LABELS, answerText } from './answer-text.ts';

/* The answers of `explain` as rows, for text and Markdown. */

/** How many groups of namespaces and how many names of a group are shown without `-v`. */
const MAX_GROUPS = 20;
const MAX_NAMES = 6;

const TONES: Readonly<Record<CopyAnswer['state'], Tone>> = {
  conflict: 'bad',
  behind: 'changed',
  missing: 'added',
  'to-prune': 'removed',
  waiting: 'removed',
  'handed-over': 'changed',
  kept: 'warning',
  'not-compared': 'quiet',
  'up-to-date': 'quiet',
  'no-copy': 'quiet',
};

/** Returns one row for each source. The label is what needs attention first. */
export function inventoryRows({
  sources,
  namespaces,
}: Pick<Explanation, 'sources' | 'namespaces'>): readonly Row[] {
  return sources.map((source) => ({
    ...inventoryLabel(source),
    text: `${objectName(source)}: ${inventoryText(source, namespaces)}`,
  }));
}

function inventoryLabel(source: InventoryEntry): Pick<Row, 'label' | 'tone'> {
  if (source.frozen) return { label: 'error', tone: 'bad' };
  if (source.conflicts > 0) return { label: 'conflict', tone: 'bad' };
  if (source.behind > 0) return { label: 'behind', tone: 'changed' };
  if (source.missing > 0) return { label: 'missing', tone: 'added' };
  if (source.toPrune > 0) return { label: 'to prune', tone: 'removed' };
  if (source.orphans > 0) return { label: 'orphans', tone: 'warning' };
  return { label: 'in sync', tone: 'quiet' };
}

/** Returns the selector, the reach and the counts of a source: `"env=prod", 47 of 212 namespaces, 47 up to date`. */
function inventoryText(source: InventoryEntry, namespaces: number): string {
  return [...selectorAndReach(source, namespaces), ...countTexts(source)].join(', ');
}

function selectorAndReach(source: InventoryEntry, namespaces: number): readonly string[] {
  const { selector, frozen, reach } = source;
  const text = sourceSelectorText(source);
  if (selector === undefined || frozen) return [text];
  return [text, ...narrowingTexts(source), `${formatCount(reach)} of ${countOf(namespaces, 'namespace')}`];
}

/** The counts of an inventory, in the order of reports, and their words. */
export const COUNTS = [
  ['upToDate', 'up to date'],
  ['behind', 'behind'],
  ['notCompared', 'not compared'],
  ['missing', 'missing'],
  ['conflicts', 'in conflict'],
  ['toPrune', 'to prune'],
  ['orphans', 'orphaned'],
] as const satisfies readonly (readonly [keyof InventoryEntry, string])[];

function countTexts(source: InventoryEntry): readonly string[] {
  return COUNTS.flatMap(([key, word]) =>
    source[key] > 0 || key === 'upToDate' ? [`${formatCount(source[key])} ${word}`] : [],
  );
}

/** Returns the line that sums up an inventory. */
export function inventorySummary({ sources, namespaces }: Explanation): string {
  const sum = (key: (typeof COUNTS)[number][0]): number =>
    sources.reduce((total, source) => total + source[key], 0);
  const counts = COUNTS.flatMap(([key, word]) =>
    sum(key) > 0 || key === 'upToDate' ? [`${formatCount(sum(key))} ${word}`] : [],
  );
  const real = sources.filter(({ selector, contexts }) => (selector ?? contexts) !== undefined).length;
  return `${countOf(real, 'source')}, ${countOf(namespaces, 'namespace')}. Copies: ${counts.join(', ')}.`;
}

/** Returns what an object is, in one sentence. A source has its counts behind it. */
export function objectSentence(object: ObjectAnswer, { sources, namespaces }: Explanation): string {
  const name = objectName(object);
  const [source] = sources;
  if (object.origin !== undefined) return `${name} is a copy of ${originName(object.origin)}.`;
  if (object.role === 'ordinary')
    return `${name} is neither a source nor a copy: it has no annotation ${markName('kubed.appscode.com/sync')}.`;
  return `${name} is a source${source === undefined ? '' : `: ${inventoryText(source, namespaces)}`}.`;
}

/** Returns the rows of the answers, those of one state and reason together, and of the findings about the object. */
export function answerRows(
  { answers, findings }: Pick<ObjectAnswer, 'answers' | 'findings'>,
  verbose: boolean,
): readonly Row[] {
  const sorted = ANSWER_STATES.flatMap((state) => answers.filter((one) => one.state === state));
  const groups = [...groupBy(sorted, (one) => groupKey(one, verbose)).values()];
  const shown = verbose || groups.length <= MAX_GROUPS + 1 ? groups : groups.slice(0, MAX_GROUPS);
  const rest = groups.length - shown.length;
  return [
    ...shown.map((group) => answerRow(group, verbose)),
    ...(rest === 0 ? [] : [quietRow(`and ${formatCount(rest)} more like these (all with -v)`)]),
    ...findingRows(findings, verbose),
  ];
}

/** Answers are alike if their texts are, apart from the name of the namespace. */
function groupKey(one: CopyAnswer, verbose: boolean): string {
  return `${one.state} ${answerText([one], verbose).replaceAll(markName(one.namespace), '')}`;
}

function answerRow(group: readonly [CopyAnswer, ...CopyAnswer[]], verbose: boolean): Row {
  const [first] = group;
  const names = group.map(({ namespace }) => namespace);
  const why = answerText(group, verbose);
  const text = `${inNamespaces(names, verbose ? names.length : MAX_NAMES)}${why === '' ? '' : ` (${why})`}`;
  return { label: STATE_LABELS[first.state], tone: TONES[first.state], text };
}

function quietRow(text: string): Row {
  return { label: '', tone: 'quiet', text };
}
