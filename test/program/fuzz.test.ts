import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { readOrigin } from '../../src/plan/annotations/markers.ts';
import { readMarks } from '../../src/plan/annotations/read-marks.ts';
import type { FieldTree, ManagedFieldsEntry } from '../../src/model/objects.ts';
import { readFieldOwnership } from '../../src/plan/managed-fields/managed-fields.ts';
import { matches, parseSync } from '../../src/plan/annotations/selector.ts';
import { transferOwnership } from '../../src/plan/managed-fields/transfer-ownership.ts';
import { readBody, readCopies, readMeta } from '../../src/kube/read/read-object.ts';
import { decodeBody, decodeMeta, decodeNamespace } from '../../src/kube/read/decode-object.ts';
import { readSnapshot, readNamespace } from '../../src/kube/read/read-snapshot.ts';
import { cleanMessage } from '../../src/kube/http/request-error.ts';
import { sanitizeLine, sanitize } from '../../src/report/strings/sanitize.ts';
import { configMap, copyOf, namespace } from '../support/build.ts';
import { connectTo, stubServer } from '../support/connecting.ts';
import { planOf, settingsWith, worldOf } from '../support/world.ts';

/*
 * For any objects in a cluster and any answers of a server, nothing throws and nothing hangs. FUZZ_RUNS sets how often
 * each is tried.
 */

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) };

/** Not a benchmark: only a quadratic algorithm needs more for a quarter of a megabyte, on any machine. */
const PATIENCE = 30_000;

function soon(what: string, act: () => unknown): void {
  const since = performance.now();
  act();
  const took = performance.now() - since;
  assert.ok(took < PATIENCE, `${what.slice(0, 40)} took ${took} ms`);
}

const PIECES = [
  'a',
  'env',
  'in',
  'notin',
  '=',
  '==',
  '!=',
  '!',
  '(',
  ')',
  ',',
  '>',
  '<',
  ' ',
  '\t',
  '1',
  '-9',
  '/',
  '.',
  '_',
  '-',
  'é',
  '\0',
  '“',
] as const;
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((all) => all.join(''));

suite('in selectors', () => {
  test('any text is a selector, or has a problem with its position', () => {
    const labels = { env: 'prod', a: '1', '': '' };
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseSync(text);
        if (parsed.ok) assert.equal(typeof matches(parsed.selector, labels), 'boolean');
        else assert.ok(parsed.at >= 0 && parsed.at <= text.length, `${parsed.at} in ${JSON.stringify(text)}`);
      }),
      RUNS,
    );
  });

  test('a quarter of a megabyte of any piece, or of two, is read quickly', () => {
    const worldOfSelector = (sync: string): Parameters<typeof planOf>[0] =>
      worldOf([namespace('demo'), namespace('a')], [configMap('demo/omni', { sync })]);
    for (const first of PIECES) {
      soon(first, () => planOf(worldOfSelector(first.repeat(Math.floor(262_144 / first.length)))));
      const second = PIECES[(PIECES.indexOf(first) * 7 + 3) % PIECES.length] ?? '';
      const text = (first + second).repeat(Math.floor(262_144 / (first + second).length));
      soon(text, () => parseSync(text));
    }
  });
});

const json = fc.jsonValue({ maxDepth: 6 });

suite('in origin annotations', () => {
  test('any text is an origin or not', () => {
    const shaped = fc.record(
      { namespace: json, name: json, kind: json, uid: json, resourceVersion: json },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          json.map((value) => JSON.stringify(value)),
          shaped.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const origin = readOrigin(text);
          if (origin !== undefined)
            assert.ok(origin.namespace !== '' && origin.name !== '' && typeof origin.uid === 'string');
        },
      ),
      RUNS,
    );
  });

  test('deep and long ones are read quickly', () => {
    for (const text of [
      '['.repeat(260_000),
      '{"a":'.repeat(50_000),
      `"${'\\'.repeat(260_000)}`,
      `{"namespace":"${'a'.repeat(260_000)}","name":"b"}`,
      ' '.repeat(260_000),
    ])
      soon(text, () => assert.doesNotThrow(() => readOrigin(text)));
  });

  test('any labels and annotations are marks of some kind', () => {
    const key = fc
      .constantFrom('origin', 'origin.name', 'origin.namespace', 'origin.cluster', 'fields', 'sync')
      .map((mark) => `kubed.appscode.com/${mark}`);
    const map = fc.dictionary(
      fc.oneof(key, fc.string()),
      fc.oneof(fc.string(), fc.constantFrom('omni', 'demo', '{"namespace":"demo","name":"omni"}')),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(map, map, (labels, annotations) => {
        const { marked } = readMarks(configMap('a/omni', { labels, annotations }), settingsWith());
        assert.ok(['no', 'ours', 'other-cluster', 'disagree'].includes(marked));
      }),
      RUNS,
    );
  });
});

const step = fc.constantFrom(
  'f:data',
  'f:metadata',
  'f:labels',
  'f:annotations',
  'f:type',
  'f:immutable',
  'f:stringData',
  'f:k',
  '.',
  'v:x',
  'k:{"a":1}',
  '__proto__',
  'f:__proto__',
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constant({}),
    json,
    fc.dictionary(step, tie('tree'), { noNullPrototype: true, maxKeys: 5 }),
  ),
}));
const entry = fc.record(
  {
    manager: fc.oneof(fc.constantFrom('kubed-sync', 'kubectl'), json),
    operation: fc.oneof(fc.constantFrom('Update', 'Apply'), json),
    fieldsV1: tree,
    subresource: json,
  },
  { requiredKeys: [] },
);

/** Entries as the decoder returns them: objects with unknown fields. */
function entriesOf(value: unknown): readonly ManagedFieldsEntry[] {
  return value as readonly ManagedFieldsEntry[];
}

suite('in managedFields', () => {
  const owned = { content: ['data/k', 'type'], labels: { a: '' }, annotations: { b: '' } };

  test('any entries are read, and become entries that the API server accepts', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        const ownership = readFieldOwnership(entriesOf(entries));
        assert.ok(Array.isArray(ownership.content));
        const taken = transferOwnership(entriesOf(entries), owned, [], '2026-01-03T00:00:00Z');
        const ours = readFieldOwnership(taken ?? entriesOf(entries)).content;
        assert.deepEqual(
          [...ours].toSorted((a, b) => (a < b ? -1 : 1)),
          ['data/k', 'type'],
        );
      }),
      RUNS,
    );
  });

  test('any entries on a copy give a plan that changes only that copy', () => {
    const source = configMap('demo/omni', { sync: '', data: { k: 'v' } });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
        const copy = { ...copyOf(source, 'a'), managedFields: entriesOf(entries) };
        for (const change of planOf(worldOf([namespace('demo'), namespace('a')], [source, copy])).changes)
          assert.deepEqual([change.action, change.namespace], ['refresh', 'a']);
      }),
      RUNS,
    );
  });

  test('very deep and very wide trees are read quickly', () => {
    let deep: FieldTree = {};
    for (let depth = 0; depth < 20_000; depth += 1) deep = { 'f:data': deep };
    const leaf: FieldTree = {};
    const wide = (many: number): FieldTree =>
      Object.fromEntries(Array.from({ length: many }, (_, at) => [`f:k${at}`, leaf]));
    const trees: readonly FieldTree[] = [
      deep,
      { 'f:data': wide(50_000) },
      { 'f:data': { 'f:k': deep }, 'f:metadata': { 'f:labels': wide(20_000), 'f:annotations': deep } },
    ];
    for (const fieldsV1 of trees)
      for (const manager of ['kubed-sync', 'x'])
        for (const many of [1, 3]) {
          const entries = Array.from({ length: many }, () => ({ manager, operation: 'Update', fieldsV1 }));
          soon(`${manager} ${many}`, () => {
            readFieldOwnership(entries);
            transferOwnership(entries, owned, [], '2026-01-03T00:00:00Z');
          });
        }
  });
});

suite('in answers', () => {
  const metadata = fc.record(
    {
      name: fc.oneof(fc.constant('omni'), json),
      namespace: fc.oneof(fc.constant('demo'), json),
      uid: fc.oneof(fc.constant('u'), json),
      resourceVersion: fc.oneof(fc.constant('1'), json),
      creationTimestamp: fc.oneof(fc.constant('2026-01-01T00:00:00Z'), json),
      labels: json,
      annotations: json,
      managedFields: json,
      deletionTimestamp: json,
    },
    { requiredKeys: ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'] },
  );
  const item = fc.oneof(
    json,
    fc.record(
      {
        metadata,
        data: json,
        binaryData: json,
        type: json,
        immutable: json,
        kind: fc.constantFrom('ConfigMap', 'PartialObjectMetadata'),
      },
      { requiredKeys: ['metadata'] },
    ),
  );

  test('any JSON is an object or not', () => {
    fc.assert(
      fc.property(item, (value) => {
        for (const decoded of [decodeMeta('ConfigMap', value), decodeBody('Secret', value)])
          if (decoded !== undefined)
            for (const text of [
              decoded.name,
              decoded.namespace,
              decoded.uid,
              ...Object.values(decoded.labels),
            ])
              assert.equal(typeof text, 'string');
        decodeNamespace(value);
      }),
      RUNS,
    );
  });

  async function lastPage<T>(pages: AsyncIterable<T>): Promise<T | { readonly ok: true }> {
    let last: T | { readonly ok: true } = { ok: true };
    for await (const page of pages) last = page;
    return last;
  }

  test('any answer to a read is a value or a failure', async (t) => {
    let answer = '';
    let head: { status: number; type: string } = { status: 200, type: 'application/json' };
    const server = await stubServer(t, (_, response) => {
      response.writeHead(head.status, { 'content-type': head.type });
      response.end(answer);
    });
    const connection = await connectTo(t, server.url);
    const list = fc.record(
      {
        kind: fc.constantFrom('PartialObjectMetadataList', 'ConfigMapList', 'List'),
        metadata: fc.oneof(
          json,
          fc.record({
            resourceVersion: fc.oneof(fc.constant('1'), json),
            continue: json,
            remainingItemCount: json,
          }),
        ),
        items: fc.oneof(json, fc.array(item, { maxLength: 3 })),
      },
      { requiredKeys: ['kind'] },
    );
    const body = fc.oneof(list, item, json).map((value) => JSON.stringify(value));
    const text = fc.oneof(
      { weight: 5, arbitrary: body },
      { weight: 1, arbitrary: body.map((whole) => whole.slice(0, -2)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    );
    const name = { kind: 'ConfigMap', namespace: 'demo', name: 'omni' } as const;
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 404, 409, 410, 500),
        fc.constantFrom('application/json', 'text/html', ''),
        async (said, status, type) => {
          [answer, head] = [said, { status, type }];
          for (const read of [
            readBody(connection, name),
            readMeta(connection, name),
            readSnapshot(connection, ['ConfigMap'], () => undefined),
            lastPage(readCopies(connection, { kind: 'ConfigMap', labelSelector: 'a=b' }, 10)),
            readNamespace(connection, 'a'),
          ])
            assert.equal(typeof (await read).ok, 'boolean');
        },
      ),
      { numRuns: Math.min(RUNS.numRuns, 500) },
    );
  });
});

test('any text is shown on one line, without terminal control codes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const shown of [sanitizeLine(text), sanitize(text), cleanMessage(text)])
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    RUNS,
  );
  for (const text of [' '.repeat(1_000_000), '\r\n'.repeat(500_000), ` ${'\t'.repeat(1_000_000)}x`])
    soon(text, () => [sanitizeLine(text), cleanMessage(text)]);
});
