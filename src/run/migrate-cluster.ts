import type { Result } from '../model/failure.ts';
import type { Migration, MirrorTool } from '../model/migration.ts';
import type { RunHooks } from '../model/progress.ts';
import { TOOL_PREFIXES } from '../plan/migrate/mirror-marks.ts';
import { planMigration } from '../plan/migrate/plan-migration.ts';
import { liveReader } from '../readers/reader.ts';
import { withRun } from './reconcile.ts';
import type { RunOptions } from './run-options.ts';

/** Plans the way from another tool, from three lists or from manifests. It writes nothing. */
export function migrateCluster(
  options: RunOptions,
  tool: MirrorTool,
  hooks: RunHooks,
): Promise<Result<Migration>> {
  return withRun(options, hooks, async ({ connection, reader, scope, startedAt }) => {
    // The lists of a run forget the annotations of other tools.
    const from =
      connection === undefined
        ? reader
        : liveReader(connection, hooks, options.settings.namespaces, TOOL_PREFIXES[tool]);
    const listed = await from.snapshot(scope.kinds);
    if (!listed.ok) return listed;
    const planned = planMigration(listed.value, tool, scope);
    const target = connection && { target: { ...connection.target, at: startedAt.toISOString() } };
    return { ok: true, value: { ...planned, ...target } };
  });
}
