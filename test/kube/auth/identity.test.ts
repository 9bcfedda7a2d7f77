import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Failure } from '../../../src/model/failure.ts';
import { connect } from '../../../src/kube/connect.ts';
import { readBody } from '../../../src/kube/read/read-object.ts';
import { failureMessage } from '../../../src/report/messages/failure-message.ts';
import { failureHint } from '../../../src/report/messages/failure-hint.ts';
import {
  INSTANT,
  TEST_CERTIFICATE,
  answering,
  connectOptions,
  failureOf,
  kubeconfigFile,
  kubeconfigText,
  scratch,
  statusOf,
  stubServer,
} from '../../support/connecting.ts';

const ABSENT = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;
const ANONYMOUS = 'secrets "omni" is forbidden: User "system:anonymous" cannot get resource "secrets"';
const FORBIDDEN = statusOf(403, 'Forbidden', ANONYMOUS);

/** The failure of a request of this user, to a server with this answer. */
async function failureFor(t: TestContext, user: object, answer = FORBIDDEN): Promise<Failure> {
  const server = await stubServer(t, answering(answer), true);
  const cluster = {
    server: server.url,
    'certificate-authority-data': Buffer.from(TEST_CERTIFICATE).toString('base64'),
  };
  const kubeconfig = kubeconfigFile(t, kubeconfigText(cluster, user));
  const connection = await connect(connectOptions({ kubeconfig }), INSTANT);
  assert.ok(connection.ok);
  t.after(() => connection.value.close());
  return failureOf(await readBody(connection.value, ABSENT));
}

for (const answer of [FORBIDDEN, statusOf(401, 'Unauthorized')])
  test(`a user without credentials is reported as such: ${JSON.stringify(answer).slice(0, 14)}`, async (t) => {
    const failure = await failureFor(t, {}, answer);
    assert.equal(failure.reason, 'anonymous');
    assert.equal(failure.message, 'no credentials were sent, since user "me" of the kubeconfig has none');
    assert.match(failureMessage(failure), /no credentials were sent.*user "me".*Log in/);
    assert.doesNotMatch(failureMessage(failure), /Grant the verb/);
  });

test('an empty token file is reported', async (t) => {
  const tokenFile = join(scratch(t), 'token');
  writeFileSync(tokenFile, '\n');
  const failure = await failureFor(t, { tokenFile });
  assert.equal(failure.message, `no credentials were sent, since the token file ${tokenFile} is empty`);
});

test('a token that was sent and not accepted is reported as such', async (t) => {
  const refused = await failureFor(t, { token: 'abc' }, statusOf(401, 'Unauthorized'));
  assert.deepEqual([refused.reason, refused.message], ['unauthorized', 'a token was sent: Unauthorized']);
  const anonymous = await failureFor(t, { token: 'abc' });
  assert.equal(anonymous.reason, 'unauthorized');
  assert.doesNotMatch(failureMessage(anonymous), /Grant the verb/);
});

test('a write that is forbidden for anonymous gives no hint to allow it', () => {
  for (const message of [ANONYMOUS, 'no credentials were sent, since user "me" of the kubeconfig has none'])
    assert.match(
      failureHint('create', { outcome: 'failed', message, status: 403 }),
      /Log in.*Do not grant anything/,
    );
});

test('a user who lacks a permission gets the name of the permission', async (t) => {
  const failure = await failureFor(
    t,
    { token: 'abc' },
    statusOf(403, 'Forbidden', 'User "jane" cannot get secrets'),
  );
  assert.equal(failure.reason, 'forbidden');
  assert.match(failureMessage(failure), /Grant the verb get on secrets/);
});
