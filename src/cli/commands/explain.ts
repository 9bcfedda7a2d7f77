import type { Explanation } from '../../model/explanation.ts';
import type { Result } from '../../model/failure.ts';
import { type Manifests, notesOf } from '../../model/manifest.ts';
import type { ObjectName } from '../../model/objects.ts';
import type { NotThere, Question } from '../../run/explain-cluster.ts';
import type { RunHooks } from '../../model/progress.ts';
import { renderExplanationJson, renderExplanationYaml } from '../../report/explain/explain-json.ts';
import { renderExplanationMarkdown } from '../../report/explain/explain-markdown.ts';
import { renderExplanation } from '../../report/explain/explain-text.ts';
import { notThereMessage } from '../../report/explain/not-there-message.ts';
import { failureMessage } from '../../report/messages/failure-message.ts';
import { problemRows } from '../../report/messages/manifest-message.ts';
import { colorsFor } from '../../report/text/colors.ts';
import { layOutRows } from '../../report/text/layout.ts';
import { EXIT } from '../exit.ts';
import { logOn } from '../log.ts';
import type { Request } from '../options/request.ts';
import { colorLevel, type Output, type PrintWorld, widthOf } from '../output.ts';
import { progressOn } from '../progress-line.ts';

/** Finds the answers to a question. */
export type Explain = (question: Question, hooks: RunHooks) => Promise<Result<Explanation | NotThere>>;

/** Answers the question of a request, prints the answer, and returns the exit code. Nothing is written. */
export async function explain(
  request: Request,
  namespace: () => string,
  manifests: Manifests | undefined,
  ask: Explain,
  world: PrintWorld,
): Promise<number> {
  const log = logOn(world.stderr, request.style.log, world.now);
  const view = progressOn(world.stderr, request.style, log);
  // A signal ends the program at once: there is nothing to finish.
  const hooks = { progress: view.show, stop: new AbortController().signal };
  const found = await ask(questionOf(request, namespace), hooks);
  view.end();
  const fail = (line: string): number => {
    log.say('error', line, { exitCode: EXIT.trouble });
    return EXIT.trouble;
  };
  if (!found.ok) return fail(failureMessage(found.failure));
  if ('notThere' in found.value) return fail(notThereMessage(found.value.notThere, found.value.copies));
  print(found.value, request, world);
  printProblems(request, manifests, world);
  const isIncomplete = manifests !== undefined && manifests.problems.length > 0;
  return isIncomplete && !request.manifests.ignoreBadManifests ? EXIT.usage : EXIT.ok;
}

function questionOf(
  { question: { object, namespace: only } = {} }: Request,
  namespace: () => string,
): Question {
  if (object === undefined) return {};
  const named: ObjectName = { ...object, namespace: object.namespace ?? namespace() };
  return { object: named, ...(only !== undefined && { namespace: only }) };
}

function print(explanation: Explanation, { style }: Request, { stdout, env }: PrintWorld): void {
  switch (style.output) {
    case 'json':
    case 'log':
      return void stdout.write(renderExplanationJson(explanation));
    case 'yaml':
      return void stdout.write(renderExplanationYaml(explanation));
    case 'markdown':
      return void stdout.write(renderExplanationMarkdown(explanation));
    case 'text':
      return void stdout.write(
        renderExplanation(explanation, {
          verbose: style.verbose,
          colorize: colorsFor(colorLevel(style.color, env, stdout.isTTY ?? false)),
          ...widthOf(stdout),
        }),
      );
  }
}

/** Beside a document, problems of the manifests go to stderr too, where a person sees them. */
function printProblems(
  { style, settings }: Request,
  manifests: Manifests | undefined,
  { stderr, env }: { readonly stderr: Output; readonly env: PrintWorld['env'] },
): void {
  if (manifests === undefined || style.output === 'text') return;
  const rows = problemRows(notesOf(manifests, settings), style.verbose);
  const colorize = colorsFor(colorLevel(style.color, env, stderr.isTTY ?? false));
  if (rows.length > 0) stderr.write(layOutRows(rows, { colorize, ...widthOf(stderr) }));
}
