import { type Manifests, notesOf } from '../../model/manifest.ts';
import { type RenderedCopies, type RenderedCopy, renderCopies } from '../../plan/preview/render-copies.ts';
import { scopeOf } from '../../plan/scope.ts';
import { writeFiles, yamlStream } from '../../manifests/write-manifests.ts';
import { findingRows } from '../../report/text/finding-lines.ts';
import { layOutRows } from '../../report/text/layout.ts';
import { manifestMessage, manifestRows, problemRows } from '../../report/messages/manifest-message.ts';
import { colorsFor } from '../../report/text/colors.ts';
import {
  filesMessage,
  leftFilesMessage,
  noCopiesMessage,
  secretsMessage,
} from '../../report/messages/publish-message.ts';
import { severityOf } from '../../model/finding.ts';
import { EXIT } from '../exit.ts';
import { programLine } from '../log.ts';
import type { Request } from '../options/request.ts';
import { formatTimestamp } from '../../util/timestamp.ts';
import { colorLevel, type Outputs, type PrintWorld, widthOf } from '../output.ts';

/** Renders the copies of the sources in manifests and returns the exit code. Findings and notes go to stderr. */
export async function render(request: Request, manifests: Manifests, outputs: PrintWorld): Promise<number> {
  const { settings, manifests: input, style } = request;
  const rendered = renderCopies(manifests, scopeOf({ ...settings, now: formatTimestamp(outputs.now()) }));
  const copies = rendered.copies.filter(({ kind }) => input.includeSecrets || kind !== 'Secret');
  const tell = (line: string): unknown => outputs.stderr.write(programLine(line));
  printFindings(rendered, request, outputs);
  printProblems(manifests, request, outputs);
  const leftOut = rendered.copies.length - copies.length;
  if (leftOut > 0 && !style.quiet) tell(secretsMessage(leftOut));
  if (rendered.copies.length === 0 && !style.quiet) tell(noCopiesMessage(rendered.sources));
  const written = await write(copies, request, outputs, tell);
  if (manifests.problems.length > 0 && !input.ignoreBadManifests) return EXIT.usage;
  return written && !hasErrors(rendered) ? EXIT.ok : EXIT.trouble;
}

async function write(
  copies: readonly RenderedCopy[],
  { manifests: { outputDir }, style }: Request,
  { stdout }: Outputs,
  tell: (line: string) => unknown,
): Promise<boolean> {
  if (outputDir === undefined) {
    stdout.write(yamlStream(copies));
    return true;
  }
  const result = await writeFiles(outputDir, copies);
  if (!result.ok) tell(manifestMessage(result.problem));
  else if (!style.quiet) {
    tell(filesMessage(outputDir, result.value));
    if (result.value.left.length > 0) tell(leftFilesMessage(outputDir, result.value.left));
  }
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
