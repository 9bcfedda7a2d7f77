import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sourceEvents, type SourceEvent, eventSubjects } from '../../src/plan/source-events.ts';
import type { Change } from '../../src/model/change.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { ObjectName } from '../../src/model/objects.ts';
import type { AppliedChange, Outcome } from '../../src/model/run-report.ts';
import { keyOf } from '../../src/model/keys.ts';
import { eventMessage } from '../../src/report/messages/event-message.ts';
import { EVERYTHING, FINDINGS, QUIET, TEN_THOUSAND_EDITS } from '../golden/reports.ts';
import { matchesGolden } from '../support/golden.ts';

/* Which Events a run records on which sources, and their messages. */

const DONE: Outcome = { outcome: 'done' };
const FAILED: Outcome = { outcome: 'failed', status: 403, message: 'no' };

function source(name: string): ObjectName {
  return { kind: 'ConfigMap', namespace: 'src', name };
}

const subjects = new Map(
  ['omni', 'other'].map((name) => [keyOf(source(name)), { ...source(name), uid: `uid-${name}` }]),
);

function carried(namespace: string, outcome: Outcome, name = 'omni'): AppliedChange {
  const origin = { namespace: 'src', name };
  return {
    change: { action: 'create', kind: 'ConfigMap', namespace, name, origin, reason: 'missing' },
    outcome,
  };
}

const conflict = (namespace: string, skipped = false): Finding => ({
  reason: 'conflict',
  kind: 'ConfigMap',
  namespace,
  name: 'omni',
  origin: { namespace: 'src', name: 'omni' },
  skipped,
});

const contested: Finding = {
  reason: 'contested',
  ...source('other'),
  currentOwner: { namespace: 'first', name: 'other' },
  namespaces: ['a', 'b'],
};

const uncopyable: Finding = {
  reason: 'source-not-copyable',
  ...source('omni'),
  why: { code: 'type', type: 't' },
};
const note: Finding = {
  reason: 'being-deleted',
  ...source('omni'),
  origin: { namespace: 'src', name: 'omni' },
};

/** `reason name: counts`. */
function short(event: SourceEvent): string {
  const { reason, subject } = event;
  switch (event.reason) {
    case 'Synced':
      return `${reason} ${subject.name}: ${event.changes.length}`;
    case 'Conflict':
      return `${reason} ${subject.name}: ${event.findings.length}`;
    case 'SyncFailed':
      return `${reason} ${subject.name}: ${event.failed.length}+${event.findings.length}`;
  }
}

const TABLE: readonly [string, readonly AppliedChange[], readonly Finding[], readonly string[]][] = [
  ['nothing', [], [], []],
  ['changes', [carried('a', DONE), carried('b', DONE)], [], ['Synced omni: 2']],
  ['planned ones', [carried('a', { outcome: 'planned' })], [], []],
  ['skipped ones', [carried('a', { outcome: 'skipped', why: 'namespace-gone' })], [], []],
  ['failures', [carried('a', DONE), carried('b', FAILED)], [], ['Synced omni: 1', 'SyncFailed omni: 1+0']],
  ['conflicts in many namespaces', [], [conflict('a'), conflict('b')], ['Conflict omni: 2']],
  ['a skipped conflict', [], [conflict('a', true)], ['Conflict omni: 1']],
  ['a lost name', [], [contested], ['Conflict other: 1']],
  ['a source that cannot be copied', [], [uncopyable], ['SyncFailed omni: 0+1']],
  ['findings that do not concern a source', [], [note, { reason: 'out-of-scope', copies: 3 }], []],
  [
    'several sources, in their order',
    [carried('a', DONE, 'other'), carried('a', DONE)],
    [contested],
    ['Synced omni: 1', 'Synced other: 1', 'Conflict other: 1'],
  ],
  ['a source that is gone', [carried('a', DONE, 'gone')], [], []],
];

for (const [name, changes, findings, events] of TABLE)
  test(`Events of ${name}`, () =>
    assert.deepEqual(sourceEvents(changes, findings, subjects).map(short), events));

test('the subjects are exactly the sources of changes and of reported findings', () => {
  const meta = (name: string): Parameters<typeof eventSubjects>[1]['objects'][number] => ({
    ...source(name),
    uid: `uid-${name}`,
    resourceVersion: '1',
    labels: {},
    annotations: {},
    creationTimestamp: '',
    managedFields: [],
  });
  const objects = ['omni', 'other', 'idle'].map(meta);
  const plan = { ...QUIET.plan, changes: [carried('a', DONE).change], findings: [contested, note] };
  assert.deepEqual(eventSubjects(plan, { namespaces: [], objects }), subjects);
});

test('each source has at most one Event for each reason, and each change is in one Event', () => {
  const outcome = fc.constantFrom<Outcome>(
    DONE,
    FAILED,
    { outcome: 'planned' },
    { outcome: 'skipped', why: 'conflict' },
  );
  const one = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), outcome, fc.constantFrom('omni', 'other', 'gone'))
    .map(([namespace, what, name]) => carried(namespace, what, name));
  const finding = fc.constantFrom(conflict('a'), conflict('b'), contested, uncopyable, note);
  fc.assert(
    fc.property(fc.array(one), fc.array(finding), (changes, findings) => {
      const events = sourceEvents(changes, findings, subjects);
      const keys = events.map(({ reason, subject }) => `${reason} ${subject.uid}`);
      assert.equal(new Set(keys).size, keys.length);
      const recorded = events.flatMap((event) => (event.reason === 'Synced' ? event.changes : []));
      const done = changes.filter(({ change, outcome: what }) => what === DONE && change.name !== 'gone');
      assert.equal(recorded.length, done.length);
      for (const event of events) {
        const message = eventMessage(event);
        assert.ok(message.length > 0 && Buffer.byteLength(message) <= 1024 && !message.includes('\n'));
      }
    }),
  );
});

/** Subjects for the objects in the golden reports. */
function everySubject(changes: readonly Change[], findings: readonly Finding[]): typeof subjects {
  const names = [
    ...changes.map(({ kind, origin }) => ({ kind, ...origin })),
    ...findings.flatMap((one) => ('name' in one ? [one] : [])),
    ...findings.flatMap((one) => (one.reason === 'conflict' ? [{ kind: one.kind, ...one.origin }] : [])),
  ];
  return new Map(names.map((name) => [keyOf(name), { ...name, uid: 'u' }]));
}

test('the messages of Events equal the golden file', () => {
  const lines = [{ ...EVERYTHING, findings: FINDINGS }, { ...TEN_THOUSAND_EDITS }].flatMap(
    ({ changes, findings }) =>
      sourceEvents(
        changes,
        findings,
        everySubject(
          changes.map(({ change }) => change),
          findings,
        ),
      ).map((event) => {
        const { kind, namespace, name } = event.subject;
        return `${kind} ${namespace}/${name}\n${event.reason}: ${eventMessage(event)}\n`;
      }),
  );
  matchesGolden('events.txt', lines.join('\n'));
});

test('a very long message of the server is cut between two characters', () => {
  const endless: Outcome = { outcome: 'failed', status: 403, message: 'é'.repeat(5000) };
  const [event] = sourceEvents([carried('a', endless)], [], subjects);
  const message = eventMessage(event ?? assert.fail());
  assert.ok(Buffer.byteLength(message) <= 1024 && Buffer.byteLength(message) > 1020);
  assert.ok(message.endsWith('é…'));
});
