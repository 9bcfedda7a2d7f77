import { load } from 'js-yaml';
import type { Result } from '../core/failure.ts';
import type { Report } from '../core/outcome.ts';
import { reconcile, type RunHooks } from '../run.ts';
import type { Request } from './request.ts';

/** Carries a request out. */
export type Engine = (request: Request, hooks: RunHooks) => Promise<Result<Report>>;

/**
 * The real engine. This module is only ever imported at the moment of need: behind it stand client-node and all
 * that it brings, which `--version`, `--help` and a mistyped option should not wait for.
 */
export function runReconcile(
  { settings, connect, dryRun, concurrency }: Request,
  hooks: RunHooks,
): Promise<Result<Report>> {
  return reconcile({ settings, connect: { ...connect, parseYaml: load }, dryRun, concurrency }, hooks);
}
