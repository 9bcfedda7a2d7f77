import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findBinaries, startControlPlane } from './support/control-plane.ts';

/*
 * The cluster tests once more, on a real control plane: the one of KUBED_SYNC_TEST_KUBECONFIG, or one started from
 * $KUBEBUILDER_ASSETS or /usr/local/kubebuilder/bin. `npm run test:real` is this file alone. Among them are the expectations
 * that the simulated API server is built on (`cluster/apiserver.test.ts`). Without a control plane, the test is skipped.
 */

const here = join(dirname(fileURLToPath(import.meta.url)), 'cluster');
const given = process.env['KUBED_SYNC_TEST_KUBECONFIG'];
const binaries = findBinaries();

const skip =
  given === undefined && binaries === undefined
    ? 'no control plane here (KUBEBUILDER_ASSETS, /usr/local/kubebuilder/bin, KUBED_SYNC_TEST_KUBECONFIG): the cluster tests ran on the simulated API server only'
    : false;

/** Tests of one real cluster run one after the other: some of them reconcile all of it. */
async function runClusterTests(kubeconfig: string, other?: string): Promise<number | null> {
  const files = readdirSync(here).filter((name) => name.endsWith('.test.js'));
  const args = [
    '--test',
    '--test-reporter=spec',
    '--test-concurrency=1',
    ...files.map((name) => join(here, name)),
  ];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    env: { ...env, KUBED_SYNC_TEST_REAL: kubeconfig, ...(other && { KUBED_SYNC_TEST_REAL_OTHER: other }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

test('the cluster tests on a real control plane', { skip }, async () => {
  if (given !== undefined) assert.equal(await runClusterTests(given), 0);
  else {
    assert.ok(binaries);
    await using controlPlane = await startControlPlane(binaries);
    await using other = await startControlPlane(binaries);
    assert.equal(await runClusterTests(controlPlane.kubeconfig, other.kubeconfig), 0);
  }
});
