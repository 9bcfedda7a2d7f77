import type { Report } from '../../model/run-report.ts';
import { markName } from '../strings/name-marks.ts';

/**
 * Returns the line that says which cluster a run read, and when: `Cluster prod (context admin, https://10.0.0.1:6443) at
 * 2026-01-01 12:00:00 UTC.` Without a cluster there is none.
 */
export function targetLines({ target }: Pick<Report, 'target'>): readonly string[] {
  if (target === undefined) return [];
  const { cluster, context, server, at } = target;
  const name = cluster === undefined ? '' : ` ${markName(cluster)}`;
  const where = [...(context === undefined ? [] : [`context ${markName(context)}`]), markName(server)].join(
    ', ',
  );
  return [`Cluster${name} (${where}) at ${markName(`${at.slice(0, 19).replace('T', ' ')} UTC`)}.`];
}
