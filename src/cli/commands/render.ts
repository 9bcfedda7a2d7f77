import { type Manifests, notesOf } from '../../model/manifest.ts';
import { type RenderedCopies, type RenderedCopy, renderCopies } from '../../plan/preview/render-copies.ts';
import { scopeOf } from '../../plan/scope.ts';
import { staleCheck } from '../../plan/preview/stale-copies.ts';
import { deleteFiles, findStaleFiles } from '../../manifests/copy-files.ts';
import { type FileResult, withFiles, writeFiles, yamlStream } from '../../manifests/write-manifests.ts';
import { findingRows } from '../../report/text/finding-lines.ts';
import { layOutRows } from '../../report/text/layout.ts';
import { manifestMessage, manifestRows, problemRows } from '../../report/messages/manifest-message.ts';
import { colorsFor } from '../../report/text/colors.ts';
import {
  filesMessage,
  noCopiesMessage,
  secretsMessage,
  type StaleFilesEnd,
  staleFilesMessage,
} from '../../report/messages/publish-message.ts';
import type { Body } from '../../model/objects.ts';
import { severityOf } from '../../model/finding.ts';
import { EXIT } from '../exit.ts';
import { programLine } from '../log.ts';
import type { Request } from '../options/request.ts';
import { formatTimestamp } from '../../util/timestamp.ts';
import { colorLevel, type Outputs, type PrintWorld, widthOf } from '../output.ts';

type Tell = (line: string) => unknown;

/** Renders the copies of the sources in manifests and returns the exit code. Findings and notes go to stderr. */
export async function render(request: Request, manifests: Manifests, outputs: PrintWorld): Promise<number> {
  const { settings, manifests: input, style } = request;
  const scope = scopeOf({ ...settings, now: formatTimestamp(outputs.now()) });
  const rendered = renderCopies(manifests, scope);
  const copies = rendered.copies.filter(({ kind }) => input.includeSecrets || kind !== 'Secret');
  const tell: Tell = (line) => outputs.stderr.write(programLine(line));
  printFindings(rendered, request, outputs);
  printProblems(manifests, request, outputs);
  const leftOut = rendered.copies.length - copies.length;
  if (leftOut > 0 && !style.quiet) tell(secretsMessage(leftOut));
  if (rendered.copies.length === 0 && !style.quiet) tell(noCopiesMessage(rendered.sources));
  let isDone = true;
  if (input.outputDir === undefined) outputs.stdout.write(yamlStream(copies));
  else
    isDone =
      (await write(input.outputDir, copies, request, tell)) &&
      (await prune(input.outputDir, staleCheck(rendered), keepReason(rendered, manifests), request, tell));
  if (manifests.problems.length > 0 && !input.ignoreBadManifests) return EXIT.usage;
  return isDone && !hasErrors(rendered) ? EXIT.ok : EXIT.trouble;
}

/** Writes one file per copy. Returns whether that was possible. */
async function write(
  folder: string,
  copies: readonly RenderedCopy[],
  { style }: Request,
  tell: Tell,
): Promise<boolean> {
  const written = await writeFiles(folder, copies);
  if (written.ok && !style.quiet) tell(filesMessage(folder, written.value));
  return isOk(written, tell);
}

/** Returns why no stale file may be deleted: a source that could not be read, or a wrong `-f`, may ask for it. */
function keepReason({ sources }: RenderedCopies, { problems }: Manifests): StaleFilesEnd | undefined {
  if (problems.length > 0) return 'problems';
  return sources === 0 ? 'no-sources' : undefined;
}

/** Names the stale files, or deletes them with `--prune`. Returns whether all that was asked for was done. */
async function prune(
  folder: string,
  isStale: (copy: Body) => boolean,
  keep: StaleFilesEnd | undefined,
  { pruneFiles, style }: Request,
  tell: Tell,
): Promise<boolean> {
  const found = await withFiles(() => findStaleFiles(folder, isStale));
  if (!found.ok) return isOk(found, tell);
  const names = found.value;
  const end = pruneFiles ? (keep ?? 'deleted') : 'named';
  if (end === 'deleted') {
    const deleted = await withFiles(() => deleteFiles(folder, names));
    if (!deleted.ok) return isOk(deleted, tell);
  }
  const isRefused = names.length > 0 && pruneFiles && keep !== undefined;
  if (names.length > 0 && (isRefused || !style.quiet))
    tell(staleFilesMessage(folder, names, end, style.verbose));
  return !isRefused;
}

/** Reports the problem of a result without a value. */
function isOk(result: FileResult<unknown>, tell: Tell): boolean {
  if (!result.ok) tell(manifestMessage(result.problem));
  return result.ok;
}

function printFindings({ findings }: RenderedCopies, { style }: Request, { stderr, env }: Outputs): void {
  const shown = findings.filter((finding) => !style.quiet || severityOf(finding) === 'error');
  const rows = findingRows(shown, style.verbose);
  const colorize = colorsFor(colorLevel(style.color, env, stderr.isTTY ?? false));
  if (rows.length > 0) stderr.write(layOutRows(rows, { colorize, ...widthOf(stderr) }));
}

function printProblems(manifests: Manifests, { settings, style }: Request, { stderr, env }: Outputs): void {
  const notes = notesOf(manifests, settings);
  const rows = style.quiet ? problemRows(notes, false) : manifestRows({ manifests: notes }, style.verbose);
  const colorize = colorsFor(colorLevel(style.color, env, stderr.isTTY ?? false));
  if (rows.length > 0) stderr.write(layOutRows(rows, { colorize, ...widthOf(stderr) }));
}

function hasErrors({ findings }: RenderedCopies): boolean {
  return findings.some((finding) => severityOf(finding) === 'error');
}
