import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { version } from '../../src/cli/version.ts';
import { CHART } from './helm.ts';

/* Charts that have this one as a dependency. */

/** A dependency in Chart.yaml: its condition or its alias. */
export interface Dependency {
  readonly condition?: string;
  readonly alias?: string;
}

/** A folder that is deleted after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-chart-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A folder with a chart that depends on this one, once or several times, with these values. */
export function umbrella(
  context: TestContext,
  dependencies: readonly Dependency[],
  values: object,
  chart = CHART,
): string {
  const folder = temporaryFolder(context);
  const one = { name: 'kubed-sync', version: version(), repository: '' };
  const all = dependencies.map((dependency) => ({ ...one, ...dependency }));
  const about = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies: all };
  writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify(about));
  writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
  mkdirSync(join(folder, 'charts'));
  cpSync(chart, join(folder, 'charts', 'kubed-sync'), { recursive: true });
  return folder;
}
