import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureHint } from '../../src/report/messages/failure-hint.ts';

/* A 403 is a missing permission or the word of admission. Only one of them is repaired by a role. */

const FORBIDDEN =
  'secrets "omni" is forbidden: User "robot" cannot create resource "secrets" in API group "" in the namespace "a"';

const ALL_WITHHELD = 'refused; the message is withheld, since it may quote values';

test('a missing permission asks for the verb', () => {
  assert.match(
    failureHint('create', { outcome: 'failed', message: FORBIDDEN, status: 403 }),
    /^Grant the verb create/u,
  );
  const withReason = {
    outcome: 'failed',
    message: `${FORBIDDEN}; the rest`,
    status: 403,
    withheld: true,
  } as const;
  assert.match(failureHint('create', withReason), /^Grant the verb create/u);
});

test('a 403 whose message is withheld as a whole does not ask for a verb', () => {
  const failed = { outcome: 'failed', message: ALL_WITHHELD, status: 403, withheld: true } as const;
  assert.match(failureHint('create', failed), /^Admission rejected it\..*--show-server-messages\.$/u);
});
