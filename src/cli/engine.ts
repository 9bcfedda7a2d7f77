import { load } from 'js-yaml';
import type { Result } from '../core/failure.ts';
import type { Report } from '../core/outcome.ts';
import { purge, reconcile, type RunHooks } from '../run.ts';
import { print } from './print.ts';
import type { Request } from './request.ts';

/**
 * All that only a run needs. This module is imported at the moment of need and nowhere else: behind it stand
 * client-node, chalk and a YAML library, which `--version`, `--help` and a mistyped option should not wait for.
 */
export interface Engine {
  readonly run: (request: Request, hooks: RunHooks) => Promise<Result<Report>>;
  readonly print: typeof print;
}

/** The real engine. */
export const ENGINE: Engine = {
  run: (request, hooks) => {
    const { command, settings, connect, dryRun, rehearse, concurrency } = request;
    const how = { dryRun, rehearse, concurrency, values: showsValues(request) };
    const options = { settings, connect: { ...connect, parseYaml: load }, ...how };
    return command === 'purge' ? purge(options, hooks) : reconcile(options, hooks);
  },
  print,
};

/** Values are for whoever looks before a run, or asks for everything; no document for machines carries them. */
function showsValues({ dryRun, style: { output, quiet, verbose } }: Request): boolean {
  const isForPeople = output === 'markdown' || (output === 'text' && !quiet);
  return isForPeople && (dryRun || verbose);
}
