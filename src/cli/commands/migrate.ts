import type { Result } from '../../model/failure.ts';
import type { Migration } from '../../model/migration.ts';
import { type Manifests, notesOf } from '../../model/manifest.ts';
import type { RunHooks } from '../../model/progress.ts';
import { migrationScript } from '../../report/migrate/migration-script.ts';
import { failureMessage } from '../../report/messages/failure-message.ts';
import { problemRows } from '../../report/messages/manifest-message.ts';
import { colorsFor } from '../../report/text/colors.ts';
import { layOutRows } from '../../report/text/layout.ts';
import { EXIT } from '../exit.ts';
import { logOn } from '../log.ts';
import type { Request } from '../options/request.ts';
import { type PrintWorld, widthOf } from '../output.ts';
import { progressOn } from '../progress-line.ts';

/** Prints the way from another tool, and returns the exit code. Nothing is written. */
export async function migrate(
  request: Request,
  manifests: Manifests | undefined,
  plan: (hooks: RunHooks) => Promise<Result<Migration>>,
  { stdout, stderr, now }: PrintWorld,
): Promise<number> {
  const { style, settings } = request;
  const log = logOn(stderr, style.log, now);
  const view = progressOn(stderr, style, log);
  // A signal ends the program at once: there is nothing to finish.
  const planned = await plan({ progress: view.show, stop: new AbortController().signal });
  view.end();
  if (!planned.ok) {
    log.say('error', failureMessage(planned.failure), { exitCode: EXIT.trouble });
    return EXIT.trouble;
  }
  stdout.write(migrationScript(planned.value, style.verbose));
  if (manifests === undefined || manifests.problems.length === 0) return EXIT.ok;
  const rows = problemRows(notesOf(manifests, settings), style.verbose);
  stderr.write(layOutRows(rows, { colorize: colorsFor(0), ...widthOf(stderr) }));
  return request.manifests.ignoreBadManifests ? EXIT.ok : EXIT.usage;
}
