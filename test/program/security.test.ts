import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { guard } from '../../src/plan/guard.ts';
import type { Body, Namespace } from '../../src/model/objects.ts';
import type { Change } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { renderJson } from '../../src/report/json/json-report.ts';
import { colorsFor } from '../../src/report/text/colors.ts';
import { renderText } from '../../src/report/text/text-report.ts';
import { renderYaml } from '../../src/report/json/yaml-report.ts';
import { changed, configMap, copyOf, entry, markLabels, namespace, secret } from '../support/build.ts';
import { setTheScene } from '../support/fault-scene.ts';
import { Rig, objectsOf } from '../support/faults.ts';
import { planOf, settingsWith, worldOf } from '../support/world.ts';

/*
 * The attacks of docs/security.md, one test each, in the same order. The attacker may write any object in the namespace
 * `x`, and nothing elsewhere. Sources are in `platform`.
 */

const NAMESPACES = [
  namespace('platform'),
  namespace('a', { labels: { env: 'prod' } }),
  namespace('x'),
  namespace('kube-system'),
];
const source = configMap('platform/omni', { sync: '', data: { k: 'v' } });
const copies = ['a', 'x', 'kube-system'].map((target) => copyOf(source, target));
const OPTIONS = { sourceNamespaces: ['platform'] };

function plan(
  objects: readonly Body[],
  options: Partial<Settings> = OPTIONS,
  namespaces: readonly Namespace[] = NAMESPACES,
): Plan {
  return planOf(worldOf(namespaces, objects), settingsWith(options));
}

function changeText({ action, namespace: at, name, reason }: Change): string {
  return `${action} ${at}/${name} ${reason}`;
}

/** Checks the effect of an attack: nothing outside `x`, and inside only what is given. */
function onlyInX(
  objects: readonly Body[],
  inside: readonly string[],
  options: Partial<Settings> = OPTIONS,
): Plan {
  const made = plan(objects, options);
  assert.deepEqual(made.changes.map(changeText), inside);
  return made;
}

/** An object with the marks of a copy of any origin, made by any client. */
function forged(place: string, origin: { namespace: string; name: string }, parts: object = {}): Body {
  const mark = JSON.stringify({ ...origin, uid: 'uid-platform-omni', resourceVersion: '1' });
  const { annotations = {}, ...rest } = parts as Partial<Body>;
  return configMap(place, {
    labels: markLabels(origin),
    annotations: { 'kubed.appscode.com/origin': mark, ...annotations },
    managedFields: [entry('kubed-sync', { 'f:data': { 'f:k': {} } })],
    ...rest,
  });
}

suite('forged marks', () => {
  test('on an object of the attacker make it a copy, and only that object is written or deleted', () => {
    onlyInX(
      [source, ...copies, forged('x/mine', { namespace: 'platform', name: 'mine' })],
      ['prune x/mine source-gone'],
    );
    const [first, , third] = copies;
    assert.ok(first && third);
    const other = forged('x/omni', { namespace: 'platform', name: 'omni' }, { data: { k: 'forged' } });
    onlyInX([source, first, third, other], ['update x/omni edited']);
  });

  test('with the origin of a Secret of others do not make it read, written or copied', () => {
    const victim = secret('platform/vault', { data: { k: 'c2VjcmV0' } });
    const posing = {
      ...forged('x/vault', { namespace: 'platform', name: 'vault' }),
      kind: 'Secret' as const,
    };
    const made = onlyInX(
      [source, ...copies, victim, { ...posing, content: { ...posing.content, type: 'Opaque' } }],
      ['prune x/vault annotation-removed'],
    );
    assert.ok(made.changes.every(({ action }) => action === 'prune'));
  });

  test('that contradict each other do not make a copy', () => {
    const origin = { namespace: 'platform', name: 'omni' };
    const half = forged('x/half', { namespace: 'platform', name: 'half' });
    const { 'kubed.appscode.com/origin.namespace': _, ...fewer } = half.labels;
    const odd = [
      forged('x/other-name', origin),
      changed(half, { labels: fewer }),
      changed(forged('x/else', { namespace: 'platform', name: 'else' }), {
        annotations: { 'kubed.appscode.com/origin': '{"namespace":"a","name":"else"}' },
      }),
      changed(forged('x/text', { namespace: 'platform', name: 'text' }), {
        annotations: { 'kubed.appscode.com/origin': 'platform/text' },
      }),
    ];
    onlyInX([source, ...copies, ...odd], []);
  });

  test('that make a ConfigMap the copy of a Secret are ignored', () => {
    const origin = JSON.stringify({
      kind: 'Secret',
      apiVersion: 'v1',
      namespace: 'platform',
      name: 'vault',
      uid: 'u',
      resourceVersion: '1',
    });
    const posing = changed(forged('x/vault', { namespace: 'platform', name: 'vault' }), {
      annotations: { 'kubed.appscode.com/origin': origin },
    });
    onlyInX(
      [
        source,
        ...copies,
        secret('platform/vault', { sync: 'env=prod' }),
        posing,
        copyOf(secret('platform/vault', { sync: 'env=prod' }), 'a'),
      ],
      [],
    );
  });

  test('with an invalid namespace in the origin cause one request, and no path of the attacker', async () => {
    await using rig = await Rig.open();
    for (const name of ['x', 'platform']) rig.server.namespace(name);
    const labels = {
      'kubed.appscode.com/origin.name': 'odd',
      'kubed.appscode.com/origin.namespace': 'A_.-b',
      'kubed.appscode.com/origin.cluster': '',
    };
    const origin = JSON.stringify({ namespace: 'A_.-b', name: 'odd' });
    const annotations = { 'kubed.appscode.com/origin': origin };
    rig.server.create(
      'configmaps',
      { metadata: { namespace: 'x', name: 'odd', labels, annotations } },
      'kubed-sync',
    );
    const { changes: carried } = await rig.report();
    assert.deepEqual(
      carried.map(({ change, outcome }) => `${change.namespace} ${outcome.outcome}`),
      ['x done'],
    );
    rig.server.assertNoUnexpected();
  });
});

suite('copies of copies', () => {
  test('do not make an orphan ours to prune, even if a copy has the name of its origin', () => {
    const orphan = changed(forged('x/omni', { namespace: 'a', name: 'omni' }), { managedFields: [] });
    const prod = configMap('platform/omni', { sync: 'env=prod' });
    for (const there of [[prod], [prod, copyOf(prod, 'a')]]) {
      const { changes, findings } = plan([...there, orphan], {});
      assert.ok(findings.some(({ reason }) => reason === 'orphan'));
      assert.ok(changes.every(({ action }) => action === 'create'));
    }
  });

  const posing = copies.map((copy) =>
    copy.namespace === 'x'
      ? changed(copy, { annotations: { ...copy.annotations, 'kubed.appscode.com/sync': '' } })
      : copy,
  );

  test('with a sync annotation are not sources: they stay, are reported, and nothing is copied from them', () => {
    for (const options of [OPTIONS, {}]) {
      const { findings } = onlyInX([source, ...posing], [], options);
      assert.ok(findings.some(({ reason }) => reason === 'copy-with-sync-annotation'));
    }
  });

  test('do not exist if a source has marks that point at itself', () => {
    const mine = configMap('x/self', { sync: '', labels: markLabels({ namespace: 'x', name: 'self' }) });
    onlyInX([source, ...copies, mine], []);
  });
});

suite('managedFields', () => {
  const was = copyOf(source, 'x');
  const evil = changed(was, { data: { k: 'evil' } });
  const rest = copies.filter(({ namespace: at }) => at !== 'x');

  test('forged to hide an edit hide it in the namespace of the attacker until --verify', () => {
    onlyInX([source, ...rest, evil], []);
    onlyInX([source, ...rest, evil], ['update x/omni edited'], { ...OPTIONS, verify: true });
  });

  test('that are repeated, malformed, very many or very deep only cost a comparison', () => {
    let deep: object = {};
    for (let depth = 0; depth < 5000; depth += 1) deep = { [`f:${depth}`]: deep };
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`f:key-${at}`, {}]));
    const odd: readonly unknown[] = [
      [...was.managedFields, ...was.managedFields],
      [{}],
      [{ manager: 'kubed-sync', operation: 'Update', fieldsV1: 'text' }],
      [{ manager: 'kubed-sync', operation: 'Update', fieldsV1: { 'f:data': 7, 'f:metadata': [] } }],
      [{ manager: 'kubed-sync', operation: 'Update', fieldsV1: { 'f:data': deep, ...deep } }],
      [{ manager: 'x', operation: 'Apply', fieldsV1: { 'f:data': wide } }],
      Array.from({ length: 3000 }, (_, at) => ({
        manager: `m${at}`,
        operation: 'Update',
        fieldsV1: { 'f:data': { 'f:k': {} } },
      })),
      [
        {
          manager: '__proto__',
          operation: 'Update',
          fieldsV1: JSON.parse('{"__proto__":{"f:data":{"f:k":{}}}}'),
        },
      ],
    ];
    for (const managedFields of odd) {
      const { changes } = plan([
        source,
        ...rest,
        changed(was, { managedFields: managedFields as Body['managedFields'] }),
      ]);
      assert.ok(
        changes.every((change) => change.namespace === 'x' && change.action === 'refresh'),
        JSON.stringify(changes).slice(0, 300),
      );
    }
  });
});

suite('names', () => {
  test('taken by an object of the attacker leave only the namespace of the attacker without the copy', () => {
    const rest = copies.filter(({ namespace: at }) => at !== 'x');
    const { findings } = onlyInX([source, ...rest, configMap('x/omni', { data: { mine: 'yes' } })], []);
    assert.deepEqual(
      findings.map(({ reason }) => reason),
      ['conflict'],
    );
  });

  test('of a source of the attacker give it no copy if only the platform may have sources', () => {
    const { findings } = onlyInX(
      [
        source,
        ...copies.slice(0, 1),
        copies[2] ?? source,
        configMap('x/omni', { sync: '', data: { k: 'evil' } }),
      ],
      [],
    );
    assert.deepEqual(
      findings.map(({ reason }) => reason),
      ['own-source-there'],
    );
  });

  test('of a second source take over no copy if any namespace may have sources, because the older one keeps it', () => {
    const rival = configMap('x/omni', {
      sync: '',
      creationTimestamp: '1999-01-01T00:00:00Z',
      data: { k: 'evil' },
    });
    const rest = copies.filter(({ namespace: at }) => at !== 'x');
    onlyInX([source, ...rest, rival], ['create platform/omni missing'].slice(1), {});
  });

  test('of objects of kube-system do not lead into kube-system', () => {
    const there = configMap('kube-system/coredns', { data: { Corefile: 'real' } });
    const twin = configMap('x/coredns', { sync: '', data: { Corefile: 'evil' } });
    onlyInX([source, ...copies, there, twin], []);
    const open = plan([there, twin], {});
    assert.ok(
      open.changes.every((change) => change.namespace !== 'kube-system'),
      'existing copies stay',
    );
    const adopting = plan([there, configMap('platform/coredns', { sync: '' })], {
      ...OPTIONS,
      onConflict: 'adopt',
    });
    assert.ok(adopting.changes.every((change) => change.namespace !== 'kube-system'));
    const excluded = plan([configMap('x/coredns-custom', { sync: '' })], { excludeNamespaces: ['kube-*'] });
    assert.ok(excluded.changes.every((change) => change.namespace !== 'kube-system'));
  });

  test('of service account tokens and bootstrap tokens are never copied', () => {
    for (const type of ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']) {
      const made = plan([secret('x/token', { sync: '', type, data: { token: 'eA==' } })], {});
      assert.deepEqual(
        [made.changes, made.findings.map(({ reason }) => reason)],
        [[], ['any-namespace-is-a-source', 'source-not-copyable']],
      );
    }
  });
});

suite('--max-prune', () => {
  const stale = ['a', 'kube-system'].map((target) => copyOf(configMap('platform/old', { sync: '' }), target));

  test('exceeded by forged copies blocks deletes and nothing else, and a finding says so', () => {
    const forgeries = Array.from({ length: 50 }, (_, at) =>
      forged(`x/f-${at}`, { namespace: 'platform', name: `f-${at}` }),
    );
    const made = plan([source, ...stale, ...forgeries]);
    assert.equal(guard(made, { count: 10 })?.reason, 'prune-withheld');
    assert.equal(
      made.changes.filter(({ action }) => action === 'create').length,
      3,
      'the new copies are created all the same',
    );
  });

  test('as a percentage cannot be raised by forged copies that are never deleted', () => {
    const sync = { 'kubed.appscode.com/sync': '' };
    const forgeries = Array.from({ length: 50 }, (_, at) => {
      const origin = { namespace: 'platform', name: `f-${at}` };
      const legacy = changed(forged(`x/f-${at}`, origin), { managedFields: [] });
      const posing = forged(`x/f-${at}`, origin, { annotations: sync });
      const going = changed(forged(`x/f-${at}`, origin), { deletionTimestamp: '2026-01-01T00:00:00Z' });
      return [legacy, posing, going][at % 3] ?? legacy;
    });
    const made = plan([source, ...copies, ...stale, ...forgeries]);
    assert.deepEqual(guard(made, { percent: 30 }), {
      reason: 'prune-withheld',
      deletes: 2,
      limit: 1,
      maxPrune: { percent: 30 },
    });
  });
});

test('can be bypassed in a known way: a source of the attacker outside --source-namespace keeps copies of that name', () => {
  const withdrawn = configMap('platform/omni', { data: { k: 'v' } });
  const inA = copyOf(source, 'a');
  onlyInX([withdrawn, inA], ['prune a/omni annotation-removed']);
  const { findings } = onlyInX([withdrawn, inA, configMap('x/omni', { sync: '' })], []);
  assert.deepEqual(findings, [{ reason: 'out-of-scope', copies: 1 }]);
});

suite('selectors', () => {
  test('match only labels of namespaces, and only own keys', () => {
    for (const sync of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      const made = plan([configMap('platform/omni', { sync })]);
      assert.deepEqual(made.changes, [], sync);
    }
  });

  test('of a quarter of a megabyte are read quickly, and shown in part', () => {
    const texts = [
      'a='.repeat(120_000),
      `env in (${'b,'.repeat(120_000)}`,
      '('.repeat(240_000),
      `${'!'.repeat(240_000)}env`,
      `x${','.repeat(240_000)}`,
      ' '.repeat(240_000),
    ];
    for (const sync of texts) {
      const since = performance.now();
      const made = plan([configMap('platform/omni', { sync })]);
      const took = performance.now() - since;
      // Not a benchmark: only a quadratic algorithm needs more, on any machine.
      assert.ok(took < 30_000, `${sync.slice(0, 10)} took ${took} ms`);
      const text = renderText(reportOf(made), { verbose: false, colorize: colorsFor(0) });
      assert.ok(text.length < 5000, `${text.length} characters`);
    }
  });
});

function reportOf(made: Plan): Parameters<typeof renderText>[0] {
  return {
    dryRun: true,
    clusterName: '',
    plan: made,
    changes: made.changes.map((change) => ({ change, outcome: { outcome: 'planned' } })),
    findings: made.findings,
    requests: { list: 3, get: 0, create: 0, patch: 0, delete: 0 },
  };
}

test('control characters and terminal escapes are shown and have no effect', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u202e\u2028\r\n::error::';
  const odd = changed(copyOf(source, 'x'), {
    data: { k: 'v', [`key${evil}`]: 'v' },
    managedFields: [entry(`m${evil}`, { 'f:data': { [`f:key${evil}`]: {} } })],
  });
  const made = plan([source, odd, configMap('platform/other', { sync: `a=${evil}` })]);
  const report = {
    ...reportOf(made),
    carried: made.changes.map((change) => ({
      change,
      outcome: { outcome: 'failed', message: `no ${evil}`, status: 500 } as const,
    })),
  };
  const text = renderText(report, { verbose: true, colorize: colorsFor(0) });
  for (const output of [text, renderJson(report), renderYaml(report)]) {
    assert.doesNotMatch(output.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e\u2028\u2029]/u);
  }
  assert.ok(
    text.split('\n').every((line) => !line.startsWith('::')),
    'no line is a command of a CI',
  );
});

test('__proto__ and similar keys are treated like any other key, from the list to the copy', async () => {
  await using rig = await Rig.open();
  for (const name of ['platform', 'constructor']) rig.server.namespace(name);
  const annotations = JSON.parse(
    '{"kubed.appscode.com/sync":"kubernetes.io/metadata.name=constructor","constructor":"b"}',
  );
  const data = JSON.parse('{"__proto__":"c","constructor":"d","toString":"e"}');
  const labels = JSON.parse('{"constructor":"f"}');
  rig.server.store.put('configmaps', {
    metadata: { namespace: 'platform', name: 'omni', annotations, labels },
    data,
  });
  for (const changeTo of ['g', 'h']) {
    const { changes: carried } = await rig.report();
    assert.deepEqual(
      carried.map(({ outcome }) => outcome.outcome),
      ['done'],
    );
    const copy = objectsOf(rig.server).get('configmaps/constructor/omni');
    const kept = objectsOf(rig.server).get('configmaps/platform/omni');
    assert.deepEqual({ ...copy?.data }, { ...kept?.data });
    assert.deepEqual((await rig.report()).changes, []);
    assert.equal(({} as Record<string, unknown>)['c'], undefined, 'no prototype was touched');
    rig.server.patch('configmaps', 'platform', 'omni', {
      data: JSON.parse(`{"__proto__":"${changeTo}","toString":null}`),
    });
  }
});

suite('misspelt keys', () => {
  const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`kubed.appscode.com/k${at}`, '']));
  const anywhere = { sourceNamespaces: [] };

  test('by the thousand: five of an object are reported as warnings', () => {
    const { findings } = onlyInX(
      [source, ...copies, configMap('x/odd', { annotations: keys })],
      [],
      anywhere,
    );
    const reasons = findings.map(({ reason }) => reason).filter((reason) => reason === 'suspicious-key');
    assert.equal(reasons.length, 5);
    assert.equal(findings.length, 6, 'and that any namespace is a source');
  });

  test('on a source of the tenant freeze that source, and no other', () => {
    const frozen = configMap('x/odd', { sync: '', annotations: keys });
    const { findings } = onlyInX([source, ...copies, frozen], [], anywhere);
    assert.deepEqual(
      findings.map(({ reason }) => reason),
      ['any-namespace-is-a-source', 'unknown-key'],
    );
  });

  test('outside of --source-namespace are not reported', () => {
    const { findings } = onlyInX(
      [source, ...copies, configMap('x/odd', { sync: '', annotations: keys })],
      [],
    );
    assert.deepEqual(findings, []);
  });
});

test('a run uses only the documented verbs', async () => {
  await using rig = await Rig.open();
  await setTheScene(rig);
  for (const verb of ['update', 'finalize', 'other', 'unknown', 'apply'] as const) rig.server.deny({ verb });
  for (const verb of ['get', 'create', 'patch', 'delete'] as const)
    rig.server.deny({ verb, resource: 'namespaces' });
  const { changes: carried } = await rig.report();
  assert.ok(carried.every(({ outcome }) => outcome.outcome === 'done'));
  await rig.report({ purge: true });
  const used = new Set(rig.server.requests.map(({ verb, resource }) => `${verb} ${resource}`));
  const both = (verb: string): string[] => [`${verb} configmaps`, `${verb} secrets`];
  const all = [
    'create configmaps',
    'delete configmaps',
    'delete secrets',
    ...both('get'),
    ...both('list'),
    'list namespaces',
    ...both('patch'),
  ];
  assert.deepEqual([...used].toSorted(), all.toSorted());
});

test('values are in no output, whatever the API server quotes', async () => {
  await using rig = await Rig.open();
  for (const name of ['platform', 'x']) rig.server.namespace(name);
  const annotations = { 'kubed.appscode.com/sync': '' };
  const data = { password: Buffer.from('hunter2-geheim').toString('base64') };
  rig.server.create('secrets', { metadata: { namespace: 'platform', name: 'vault', annotations }, data });
  rig.server.validate(() => `denied: data[password] = hunter2-geheim, ${data.password}`);
  const report = await rig.report();
  assert.ok(report.changes.every(({ outcome }) => outcome.outcome === 'failed'));
  for (const output of [renderJson(report), renderText(report, { verbose: true, colorize: colorsFor(0) })])
    assert.doesNotMatch(output, /hunter2|aHVudGVy/);
});
