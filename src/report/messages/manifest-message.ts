import type { ManifestNotes, ManifestProblem, Manifests, PlacedObjects } from '../../model/manifest.ts';
import type { Report } from '../../model/run-report.ts';
import type { Row } from '../text/layout.ts';
import { joinFirst, countOf, formatCount } from '../strings/names-and-counts.ts';
import { issueText } from './manifest-issue-text.ts';
import { placeText } from '../strings/places.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

const MAX_LINES = 40;
const MAX_KINDS = 8;
const MAX_SOURCES = 5;

/** Returns what is wrong with a manifest, as one line: file, line, object, what to do. It never has a value. */
export function manifestMessage({ at, object, issue }: ManifestProblem): string {
  return sanitizeLine(
    [placeText(at), ...(object === undefined ? [] : [object]), issueText(issue)].join(': '),
  );
}

/** Returns how many documents were ignored, by kind: a user who misspells a kind should see it. */
export function ignoredMessage({ ignored }: Pick<Manifests, 'ignored'>): string | undefined {
  if (ignored.size === 0) return undefined;
  const count = [...ignored.values()].reduce((sum, one) => sum + one, 0);
  const kinds = [...ignored].map(
    ([kind, many]) => `${kind === '' ? 'without apiVersion and kind' : kind} ${formatCount(many)}`,
  );
  const documents = countOf(count, 'document that is', 'documents that are');
  return sanitizeLine(
    `ignored ${documents} not a Namespace, ConfigMap or Secret: ${joinFirst(kinds, MAX_KINDS)}`,
  );
}

/** Returns all rows of a report about its manifests: problems, warnings, notes. */
export function manifestRows({ manifests }: Pick<Report, 'manifests'>, verbose: boolean): readonly Row[] {
  if (manifests === undefined) return [];
  return [
    ...problemRows(manifests, verbose),
    ...limitLines(manifests.warnings.map(manifestMessage), verbose).map(warningRow),
    ...noteRows(manifests, verbose),
  ];
}

/** Returns only the problems, which make a report incomplete. */
export function problemRows({ problems }: ManifestNotes, verbose: boolean): readonly Row[] {
  return limitLines(problems.map(manifestMessage), verbose).map((text) => ({
    label: 'problem',
    tone: 'bad',
    text,
  }));
}

/** Returns the sentence of a report with problems in its manifests. */
export function incompleteMessage({ manifests }: Pick<Report, 'manifests'>): string | undefined {
  const count = manifests?.problems.length ?? 0;
  if (count === 0) return undefined;
  return `Incomplete: ${countOf(count, 'problem')} in the manifests. Their objects are missing here, so copies may wrongly be shown as no longer wanted.`;
}

function noteRows({ placed, makers }: ManifestNotes, verbose: boolean): readonly Row[] {
  const made = makers.map(
    ({ at, object }) =>
      `${placeText(at)}: ${object} creates an object with the annotation kubed.appscode.com/sync. Its copies are not in this preview.`,
  );
  return [
    ...(placed.objects === 0 ? [] : [placedRow(placed)]),
    ...limitLines(made, verbose).map((text): Row => ({ label: 'note', tone: 'quiet', text })),
  ];
}

function placedRow({ namespace, objects, excluded }: ManifestNotes['placed']): Row {
  const what = countOf(objects, 'manifest names', 'manifests name');
  const text = `${what} no namespace, so namespace ${namespace} is used (--default-namespace).`;
  if (excluded.length === 0) return { label: 'note', tone: 'quiet', text };
  const sources = joinFirst(excluded.map(sourceName), MAX_SOURCES);
  return warningRow(`${text} The options exclude ${namespace}, so these are not sources: ${sources}.`);
}

function sourceName({ kind, namespace, name }: PlacedObjects['sources'][number]): string {
  return `${kind} ${namespace}/${name}`;
}

function warningRow(text: string): Row {
  return { label: 'warning', tone: 'warning', text };
}

function limitLines(lines: readonly string[], verbose: boolean): readonly string[] {
  if (verbose || lines.length <= MAX_LINES + 1) return lines;
  return [
    ...lines.slice(0, MAX_LINES),
    `${formatCount(lines.length - MAX_LINES)} more like these (all with -v)`,
  ];
}
