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
  run: ({ command, settings, connect, dryRun, concurrency }, hooks) => {
    const options = { settings, connect: { ...connect, parseYaml: load }, dryRun, concurrency };
    return command === 'purge' ? purge(options, hooks) : reconcile(options, hooks);
  },
  print,
};
