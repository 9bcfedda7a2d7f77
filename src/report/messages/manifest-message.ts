import type { ManifestNotes, ManifestProblem, Manifests, Placed } from '../../model/manifest.ts';
import type { Report } from '../../model/run-report.ts';
import type { Row } from '../text/layout.ts';
import { bounded, counted, grouped } from '../strings/words.ts';
import { troubleWords } from './manifest-words.ts';
import { placeWords } from '../strings/places.ts';
import { oneLine } from '../strings/sanitize.ts';

const MOST_LINES = 40;
const MOST_KINDS = 8;
const MOST_SOURCES = 5;

/** What is wrong with a manifest, as one line: file, line, object, what to do about it. Never a value. */
export function manifestLine({ at, object, trouble }: ManifestProblem): string {
  return oneLine(
    [placeWords(at), ...(object === undefined ? [] : [object]), troubleWords(trouble)].join(': '),
  );
}

/** What was ignored, if anything: someone who misspells a kind should see it. */
export function ignoredLine({ ignored }: Pick<Manifests, 'ignored'>): string | undefined {
  if (ignored.size === 0) return undefined;
  const count = [...ignored.values()].reduce((sum, one) => sum + one, 0);
  const kinds = [...ignored].map(
    ([kind, many]) => `${kind === '' ? 'without apiVersion and kind' : kind} ${grouped(many)}`,
  );
  const documents = counted(count, 'document that is', 'documents that are');
  return oneLine(`ignored ${documents} not a Namespace, ConfigMap or Secret: ${bounded(kinds, MOST_KINDS)}`);
}

/** Everything that a report says of its manifests: problems, warnings, notes. */
export function manifestRows({ manifests }: Pick<Report, 'manifests'>, verbose: boolean): readonly Row[] {
  if (manifests === undefined) return [];
  return [
    ...problemRows(manifests, verbose),
    ...capped(manifests.warnings.map(manifestLine), verbose).map(warning),
    ...noteRows(manifests, verbose),
  ];
}

/** The problems alone: they are what makes a report incomplete. */
export function problemRows({ problems }: ManifestNotes, verbose: boolean): readonly Row[] {
  return capped(problems.map(manifestLine), verbose).map((text) => ({ label: 'problem', tone: 'bad', text }));
}

/** The sentence of a report that is incomplete. */
export function incompleteLine({ manifests }: Pick<Report, 'manifests'>): string | undefined {
  const count = manifests?.problems.length ?? 0;
  if (count === 0) return undefined;
  return `Incomplete: ${counted(count, 'problem')} in the manifests. What they should declare is missing here, and copies may look unwanted for that reason.`;
}

function noteRows({ placed, makers }: ManifestNotes, verbose: boolean): readonly Row[] {
  const made = makers.map(
    ({ at, object }) =>
      `${placeWords(at)}: ${object} makes an object with the annotation kubed.appscode.com/sync. Its copies are not in this preview.`,
  );
  return [
    ...(placed.objects === 0 ? [] : [placedRow(placed)]),
    ...capped(made, verbose).map((text): Row => ({ label: 'note', tone: 'quiet', text })),
  ];
}

function placedRow({ namespace, objects, excluded }: ManifestNotes['placed']): Row {
  const what = counted(objects, 'manifest names', 'manifests name');
  const text = `${what} no namespace and ${objects === 1 ? 'was' : 'were'} placed in ${namespace} (--default-namespace).`;
  if (excluded.length === 0) return { label: 'note', tone: 'quiet', text };
  const sources = bounded(excluded.map(sourceName), MOST_SOURCES);
  return warning(`${text} The options exclude ${namespace}, so these are not sources: ${sources}.`);
}

function sourceName({ kind, namespace, name }: Placed['sources'][number]): string {
  return `${kind} ${namespace}/${name}`;
}

function warning(text: string): Row {
  return { label: 'warning', tone: 'warning', text };
}

function capped(lines: readonly string[], verbose: boolean): readonly string[] {
  if (verbose || lines.length <= MOST_LINES + 1) return lines;
  return [
    ...lines.slice(0, MOST_LINES),
    `${grouped(lines.length - MOST_LINES)} more like these (all with -v)`,
  ];
}
