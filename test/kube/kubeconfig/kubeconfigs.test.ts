import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from '../../../src/kube/connect.ts';
import { readKubeconfig } from '../../../src/kube/kubeconfig/kubeconfig.ts';
import { readBody } from '../../../src/kube/read/read-object.ts';
import {
  INSTANT,
  answering,
  connectOptions,
  scratch,
  statusOf,
  stubServer,
} from '../../support/connecting.ts';
import { KUBECONFIG_CASES, type KubeconfigCase } from '../../support/kubeconfig-cases.ts';
import {
  type CaseServers,
  type Outcome,
  identityIn,
  kubectlOutcome,
  writeCase,
} from '../../support/kubeconfig-kubectl.ts';

/** What kubectl does with each case, as it was seen. `KUBECTL=/path/to/kubectl` compares, `UPDATE_GOLDEN=1` in addition records. */
const FIXTURE = new URL('../../../../test/kube/kubeconfig/kubeconfigs.json', import.meta.url);
const RECORDED = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, Outcome>;
const SECRET = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;
const FOUND = answering({ json: { kind: 'Secret', metadata: { namespace: 'demo', name: 'omni' } } });

async function servers(t: TestContext, answer: RequestListener): Promise<CaseServers> {
  return { plain: await stubServer(t, answer), secure: await stubServer(t, answer, true) };
}

/** What the program does with a case. */
async function ourOutcome(one: KubeconfigCase, directory: string, asked: CaseServers): Promise<Outcome> {
  const env = { HOME: '/nowhere', PATH: process.env['PATH'], KUBECONFIG: writeCase(one, directory, asked) };
  const options = connectOptions({ env, ...(one.context !== undefined && { context: one.context }) });
  const config = readKubeconfig(options);
  if (!config.ok) return { error: config.failure.message };
  const connection = await connect(options, INSTANT);
  if (!connection.ok) return { error: connection.failure.message };
  const read = await readBody(connection.value, SECRET);
  connection.value.close();
  const { namespace } = config.value;
  if (!read.ok) return { error: read.failure.message };
  return { ...identityIn(asked, 0), ...(namespace !== undefined && { namespace }) };
}

/** Removes the text of the error, which differs from that of kubectl. */
function comparable({ error, ...rest }: Outcome): object {
  return { ...rest, refused: error !== undefined };
}

for (const one of KUBECONFIG_CASES)
  test(`a kubeconfig with ${one.name} is used as kubectl uses it`, async (t) => {
    const ours = await ourOutcome(
      one,
      join(scratch(t), 'case'),
      await servers(t, answering(statusOf(404, 'NotFound'))),
    );
    const recorded = RECORDED[one.name];
    assert.ok(recorded, 'the fixture lacks this case');
    // If kubectl asks for a user name, the program sends the request without credentials.
    if (recorded.asks === true) return assert.equal(ours.sent?.['authorization'] ?? 'none', 'none');
    assert.deepEqual(comparable(ours), comparable(recorded), `${ours.error ?? ''} / ${recorded.error ?? ''}`);
  });

test('kubectl treats these kubeconfigs as recorded', async (t) => {
  const kubectl = process.env['KUBECTL'];
  if (kubectl === undefined) return t.diagnostic('KUBECTL is not set');
  const seen: Record<string, Outcome> = {};
  for (const one of KUBECONFIG_CASES) {
    seen[one.name] = await kubectlOutcome(kubectl, one, join(scratch(t), 'case'), await servers(t, FOUND));
  }
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FIXTURE, `${JSON.stringify(seen, undefined, 2)}\n`);
  const same = (outcomes: Record<string, Outcome>): object =>
    Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, comparable(outcome)]));
  if (process.env['UPDATE_GOLDEN'] !== '1') assert.deepEqual(same(seen), same(RECORDED));
});
