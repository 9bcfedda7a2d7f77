import type { ManifestNotes, ManifestProblem, Manifests, NamespaceChoice } from '../../model/manifest.ts';
import type { Report, Unchecked } from '../../model/run-report.ts';
import type { Row } from '../text/layout.ts';
import { joinFirst, countOf, formatCount, inNamespaces, objectName } from '../strings/names-and-counts.ts';
import { issueText } from './manifest-issue-text.ts';
import { placeText } from '../strings/places.ts';
import { markName } from '../strings/name-marks.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

const MAX_LINES = 40;
const MAX_KINDS = 8;
const MAX_NAMES = 5;

/** Returns what is wrong with a manifest, as one line: file, line, object, what to do. It never has a value. */
export function manifestMessage(problem: ManifestProblem): string {
  return sanitizeLine(manifestSentence(problem));
}

/** As {@link manifestMessage}, with names marked, for a report. */
function manifestSentence({ at, object, issue }: ManifestProblem): string {
  const about = object === undefined ? [] : [markName(object)];
  return [placeText(at), ...about, issueText(issue)].join(': ');
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
export function manifestRows(
  { manifests, unchecked = [] }: Pick<Report, 'manifests' | 'unchecked'>,
  verbose: boolean,
): readonly Row[] {
  if (manifests === undefined) return [];
  return [
    ...problemRows(manifests, verbose),
    ...limitLines(manifests.warnings.map(manifestSentence), verbose).map(warningRow),
    ...noteRows(manifests, verbose),
    ...unchecked.map((one) => noteRow(uncheckedMessage(one, verbose))),
  ];
}

/** Returns only the problems, which make a report incomplete. */
export function problemRows({ problems }: ManifestNotes, verbose: boolean): readonly Row[] {
  return limitLines(problems.map(manifestSentence), verbose).map((text) => ({
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
      `${placeText(at)}: ${markName(object)} creates an object with the annotation kubed.appscode.com/sync. Its copies are not in this preview.`,
  );
  return [...(placed.objects === 0 ? [] : [placedRow(placed)]), ...limitLines(made, verbose).map(noteRow)];
}

const CHOICES: Readonly<Record<NamespaceChoice, string>> = {
  option: '',
  context: ' of the context',
  pod: ' of the pod',
  none: '',
};

function placedRow({ namespace, chosenBy, objects, excluded }: ManifestNotes['placed']): Row {
  const what = countOf(objects, 'manifest names', 'manifests name');
  const text = `${what} no namespace, so namespace ${markName(namespace)}${CHOICES[chosenBy]} is used (--default-namespace).`;
  if (excluded.length === 0) return noteRow(text);
  const sources = joinFirst(excluded.map(objectName), MAX_NAMES);
  return warningRow(
    `${text} The options exclude ${markName(namespace)}, so these are not sources: ${sources}.`,
  );
}

const UNCHECKED: Readonly<Record<Unchecked['reason'], string>> = {
  namespace: 'only the manifests declare the namespace',
  copy: 'a manifest changes the copy too',
  values: 'the values of the source are encrypted',
};

/** Returns what `--dry-run=server` could not check, and why. */
function uncheckedMessage({ reason, changes, namespaces }: Unchecked, verbose: boolean): string {
  const what = `${countOf(changes, 'change')} ${inNamespaces(namespaces, verbose ? Infinity : MAX_NAMES)}`;
  return `The API server was not asked about ${what} (${UNCHECKED[reason]}).`;
}

function noteRow(text: string): Row {
  return { label: 'note', tone: 'quiet', text };
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
