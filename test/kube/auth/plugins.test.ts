import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Result } from '../../../src/model/failure.ts';
import { type PluginCredential, runPlugin } from '../../../src/kube/auth/exec-plugin.ts';
import { TEST_CERTIFICATE, failureOf, scratch, valueOf } from '../../support/connecting.ts';

const API = 'client.authentication.k8s.io/v1';
const ANSWER = `{"kind":"ExecCredential","apiVersion":"${API}","status":{"token":"t"}}`;

interface Setting {
  readonly exec?: object;
  readonly cluster?: Record<string, unknown>;
  readonly terminal?: boolean;
  readonly requestTimeout?: number;
  readonly stop?: AbortSignal;
}

/** Runs a shell script as the plugin of a context. */
function run(t: TestContext, script: string, setting: Setting = {}): Promise<Result<PluginCredential>> {
  const { exec = {}, cluster = {}, terminal = false, requestTimeout = 5000, stop } = setting;
  const directory = scratch(t);
  const plugin = {
    apiVersion: API,
    interactiveMode: 'Never',
    command: '/bin/sh',
    args: ['-c', script],
    ...exec,
  };
  const chosen = {
    context: 'here',
    file: 'config',
    cluster: { name: 'there', directory, fields: { server: 'https://api.test', ...cluster } },
    user: { name: 'me', directory, fields: { exec: plugin } },
  };
  const env = { PATH: process.env['PATH'] };
  return runPlugin(chosen, { env, terminal, requestTimeout, ...(stop && { stop }) });
}

test('a plugin that reads its input gets the end of it', async (t) => {
  const { token } = valueOf(await run(t, `cat; echo '${ANSWER}'`, { requestTimeout: 0 }));
  assert.equal(token, 't');
});

test('a plugin gets the call in KUBERNETES_EXEC_INFO', async (t) => {
  const info = join(scratch(t), 'info');
  valueOf(await run(t, `echo "$KUBERNETES_EXEC_INFO" > ${info}; echo '${ANSWER}'`));
  const call: unknown = JSON.parse(readFileSync(info, 'utf8'));
  assert.deepEqual(call, { kind: 'ExecCredential', apiVersion: API, spec: { interactive: false } });
});

test('provideClusterInfo passes a CA file to the plugin', async (t) => {
  const folder = scratch(t);
  const [info, ca] = [join(folder, 'info'), join(folder, 'ca.crt')];
  writeFileSync(ca, TEST_CERTIFICATE);
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }];
  const cluster = { 'certificate-authority': ca, extensions };
  const script = `echo "$KUBERNETES_EXEC_INFO" > ${info}; echo '${ANSWER}'`;
  valueOf(await run(t, script, { cluster, exec: { provideClusterInfo: true } }));
  const { spec } = JSON.parse(readFileSync(info, 'utf8')) as { spec: { cluster: Record<string, unknown> } };
  assert.equal(spec.cluster['server'], 'https://api.test');
  assert.equal(spec.cluster['certificate-authority-data'], Buffer.from(TEST_CERTIFICATE).toString('base64'));
  assert.deepEqual(spec.cluster['config'], { audience: 'x' });
});

test('the plugin gets env of the kubeconfig', async (t) => {
  const exec = { env: [{ name: 'MODE', value: 'fast' }] };
  valueOf(await run(t, `test "$MODE" = fast && echo '${ANSWER}'`, { exec }));
});

test('the path of a plugin may be relative to the kubeconfig', async (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'plugin'), `#!/bin/sh\necho '${ANSWER}'\n`, { mode: 0o755 });
  const exec = { apiVersion: API, interactiveMode: 'Never', command: './plugin' };
  const entry = { name: 'a', directory, fields: {} };
  const chosen = { context: 'here', file: 'config', cluster: entry, user: { ...entry, fields: { exec } } };
  const { token } = valueOf(await runPlugin(chosen, { env: {}, requestTimeout: 5000, terminal: false }));
  assert.equal(token, 't');
});

const TROUBLE: readonly (readonly [string, string, Setting, RegExp])[] = [
  [
    'does not exist',
    '',
    { exec: { command: '/gone/plugin', args: [] } },
    /^the credential plugin `\/gone\/plugin` was not found$/,
  ],
  [
    'does not exist, with a hint',
    '',
    { exec: { command: '/gone/plugin', args: [], installHint: 'Run: brew install it' } },
    /was not found\. Run: brew install it$/,
  ],
  ['fails', 'echo geheim; exit 7', {}, /`\/bin\/sh -c echo geheim; exit 7` failed with exit code 7$/],
  ['is killed', 'kill -9 $$', {}, /was ended by SIGKILL$/],
  ['does not print JSON', 'printf "no%sjson" " "', {}, /printed no JSON/],
  ['prints another kind', `echo '{"kind":"Secret"}'`, {}, /kind is not ExecCredential/],
  [
    'prints another apiVersion',
    `echo '${ANSWER.replace('/v1"', '/v2"')}'`,
    {},
    /another apiVersion than the kubeconfig asks for \(client\.authentication\.k8s\.io\/v1\)$/,
  ],
  ['prints no status', `echo '{"kind":"ExecCredential","apiVersion":"${API}"}'`, {}, /printed no status/],
  [
    'gives nothing',
    `echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{}}'`,
    {},
    /neither a token nor/,
  ],
  [
    'gives a certificate without key',
    `echo '{"kind":"ExecCredential","apiVersion":"${API}","status":{"clientCertificateData":"x"}}'`,
    {},
    /but not both/,
  ],
  ['needs a terminal', `echo '${ANSWER}'`, { exec: { interactiveMode: 'Always' } }, /needs a terminal/],
  ['hangs', 'sleep 30', { requestTimeout: 200 }, /did not end within 0\.2 s$/],
];

for (const [name, script, setting, message] of TROUBLE)
  test(`a plugin that ${name} is reported`, async (t) => {
    const failure = failureOf(await run(t, script, setting));
    assert.deepEqual([failure.reason, failure.subject], ['no-credentials', 'here']);
    assert.match(failure.message, message);
  });

test('no message contains what a plugin prints', async (t) => {
  const script = 'printf "%s%s" geh eim; exit 1';
  const failure = failureOf(await run(t, script));
  assert.doesNotMatch(failure.message, /geheim/);
});

test('arguments that look like secrets are hidden', async (t) => {
  const exec = { command: '/bin/false', args: ['--client-secret=geheim', '--password=geheim too'] };
  const { message } = failureOf(await run(t, '', { exec }));
  assert.doesNotMatch(message, /geheim/);
  assert.match(message, /--client-secret=…/);
});

test('a file that is not executable is reported as such', async (t) => {
  const file = join(scratch(t), 'plugin');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o644);
  const { message } = failureOf(await run(t, '', { exec: { command: file, args: [] } }));
  assert.match(message, /is not executable \(EACCES\)$/);
});

test('a stop of the run ends a plugin', async (t) => {
  const stop = new AbortController();
  const running = run(t, 'sleep 30', { requestTimeout: 0, stop: stop.signal });
  stop.abort();
  assert.match(failureOf(await running).message, /was stopped$/);
});
