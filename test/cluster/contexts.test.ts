import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';
import { TwoClusters, remoteKubeconfig } from '../support/two-clusters.ts';

/*
 * Copies in other clusters (docs/design.md 11): which contexts are served, whose copies are whose, and what is never deleted.
 */

const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';
const UID = 'kubed.appscode.com/origin.cluster-uid';
const CONTEXT = 'kubed.appscode.com/context';
const DEAD = { server: 'https://127.0.0.1:1' };

/** Two clusters with the namespaces `src`, `a` and `b`, or a reason to skip the test. */
async function open(): Promise<TwoClusters> {
  const two = await TwoClusters.open();
  for (const each of ['src', 'a', 'b']) {
    await two.home.namespace(each);
    await two.there.namespace(each);
  }
  return two;
}

function contextTest(name: string, run: (two: TwoClusters) => Promise<void>): void {
  test(name, async (context) => {
    if (TwoClusters.isMissing) return context.skip('needs two control planes');
    await using two = await open();
    await run(two);
  });
}

function ask(
  cluster: TestCluster,
  contexts: string,
  object = 'ConfigMap/src/omni',
  data = { you: 'only' },
): Promise<Json> {
  const content = object.startsWith('Secret') ? { stringData: data } : { data };
  return cluster.create(object, content, { annotations: { [SYNC_CONTEXTS]: contexts } });
}

/** One context `east` that leads to a namespace of the other cluster. */
function east(two: TwoClusters, short = 'a'): Promise<string> {
  return two.kubeconfig({ east: { cluster: two.there, namespace: two.home.ns(short) } });
}

async function clusterUid(cluster: TestCluster): Promise<string> {
  return (await cluster.must('GET', '/api/v1/namespaces/kube-system')).metadata.uid;
}

contextTest('a copy there carries the uid of home and its context, and home has none', async (two) => {
  const { home, there } = two;
  await ask(home, 'east', 'Secret/src/omni');
  const ran = await two.reconcile(await east(two));
  assert.deepEqual(two.remoteChanges(ran), ['east create Secret/a/omni missing done']);
  const { metadata, type } = await there.get('Secret/a/omni');
  assert.equal(type, 'Opaque');
  assert.equal(metadata.annotations[UID], await clusterUid(home));
  assert.equal(metadata.annotations[CONTEXT], 'east');
  assert.equal(SYNC_CONTEXTS in metadata.annotations, false);
  assert.equal(await home.get('Secret/a/omni'), undefined);
  assert.deepEqual(
    ran.report.contexts.map(({ name, reachable, summary }: Json) => [name, reachable, summary.create]),
    [['east', true, 1]],
  );
});

contextTest(
  'a quiet run sends two lists and one read of kube-system and of the namespace there',
  async (two) => {
    const { home, there } = two;
    await ask(home, 'east');
    const path = await east(two);
    await two.reconcile(path);
    there.simulated?.resetRequests();
    const quiet = await two.reconcile(path);
    assert.deepEqual([quiet.changes, quiet.code], [[], 0]);
    assert.equal(quiet.report.contexts[0].summary.unchanged, 1);
    if (there.simulated === undefined) return;
    const verbs = there.simulated.requests.map(
      ({ method, path: at }) => `${method} ${at.split('?')[0] ?? ''}`,
    );
    assert.deepEqual(verbs.toSorted(), [
      'GET /api/v1/namespaces/kube-system',
      `GET /api/v1/namespaces/${home.ns('a')}`,
      `GET /api/v1/namespaces/${home.ns('a')}/configmaps`,
      `GET /api/v1/namespaces/${home.ns('a')}/secrets`,
    ]);
  },
);

contextTest('a dry run says what the next run does, and writes nowhere', async (two) => {
  const { home, there } = two;
  await ask(home, 'east');
  await there.create('ConfigMap/a/foreign', { data: {} });
  await ask(home, 'east', 'ConfigMap/src/foreign');
  const path = await east(two);
  const dry = await two.reconcile(path, '--dry-run');
  assert.deepEqual(two.remoteChanges(dry), ['east create ConfigMap/a/omni missing planned']);
  assert.deepEqual(dry.findings, ['conflict']);
  assert.equal(await there.get('ConfigMap/a/omni'), undefined);
  const real = await two.reconcile(path);
  assert.deepEqual(two.remoteChanges(real), ['east create ConfigMap/a/omni missing done']);
  assert.deepEqual([real.findings, real.code], [['conflict'], 1]);
});

contextTest('home itself is never written: an error by name, a note by wildcard', async (two) => {
  const { home } = two;
  const path = await two.kubeconfig({ self: { cluster: home, namespace: home.ns('a') } });
  await ask(home, 'self');
  const named = await two.reconcile(path);
  assert.deepEqual([named.findings, named.code, named.changes], [['context-is-this-cluster'], 1, []]);
  await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 's*' });
  const wild = await two.reconcile(path);
  assert.deepEqual([wild.findings, wild.code, wild.changes], [['context-is-this-cluster'], 0, []]);
  assert.equal(await home.get('ConfigMap/a/omni'), undefined);
});

contextTest('one cluster under two contexts: the first keeps the place, also in a dry run', async (two) => {
  const { home, there } = two;
  const spec = { cluster: there, namespace: home.ns('a') };
  // The other context has another address of the same server.
  const server = there.simulated?.url.replace('127.0.0.1', 'localhost');
  const west = { ...spec, ...(server !== undefined && { more: { server } }) };
  const path = await two.kubeconfig({ east: spec, west });
  await ask(home, 'east,west');
  for (const [options, outcome] of [
    [['--dry-run'], 'planned'],
    [[], 'done'],
  ] as const) {
    const ran = await two.reconcile(path, ...options);
    assert.deepEqual(two.remoteChanges(ran), [`east create ConfigMap/a/omni missing ${outcome}`]);
    assert.deepEqual([ran.findings, ran.code], [['same-place'], 0]);
  }
  const quiet = await two.reconcile(path);
  assert.deepEqual([quiet.changes, quiet.findings, quiet.code], [[], ['same-place'], 0]);
  await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'west' });
  const moved = await two.reconcile(path);
  assert.deepEqual(two.remoteChanges(moved), ['west refresh ConfigMap/a/omni taken-over done']);
  assert.equal((await there.get('ConfigMap/a/omni')).metadata.annotations[CONTEXT], 'west');
});

contextTest('an unknown context freezes deletes everywhere, and creates go on', async (two) => {
  const { home, there } = two;
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    west: { cluster: there, namespace: home.ns('b') },
  });
  await ask(home, 'east');
  await two.reconcile(path);
  await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'west,wset' });
  const typo = await two.reconcile(path);
  assert.deepEqual(two.remoteChanges(typo), ['west create ConfigMap/b/omni missing done']);
  assert.deepEqual([typo.findings, typo.code], [['unknown-context'], 1]);
  assert.ok(await there.get('ConfigMap/a/omni'));
  await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'west' });
  assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
    'east prune ConfigMap/a/omni context-not-named done',
    'west refresh ConfigMap/b/omni source-changed done',
  ]);
});

contextTest('an empty annotation withdraws nothing', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  for (const text of ['', ' ', ',']) {
    await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: text });
    const ran = await two.reconcile(path);
    assert.deepEqual([ran.changes, ran.findings, ran.code], [[], ['invalid-contexts'], 1]);
  }
  assert.ok(await there.get('ConfigMap/a/omni'));
});

contextTest(
  'wildcards need --source-namespace, and one that matches nothing holds deletes back',
  async (two) => {
    const { home } = two;
    const path = await east(two);
    await ask(home, 'e*');
    const scope = [
      '--include-namespace',
      `${home.prefix}-*`,
      '--remote-kubeconfig',
      path,
      '--remote-allow',
      'insecure',
    ];
    const open = await home.reconcileWithin(scope);
    assert.deepEqual([open.changes, open.findings.includes('invalid-contexts'), open.code], [[], true, 1]);
    assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
      'east create ConfigMap/a/omni missing done',
    ]);
    await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'w*' });
    const none = await two.reconcile(path);
    assert.deepEqual([none.changes, none.findings, none.code], [[], ['no-context-matches'], 0]);
  },
);

contextTest(
  'a context that is renamed, moved or taken out of the file leaves its copy behind',
  async (two) => {
    const { home, there } = two;
    await ask(home, 'east');
    await two.reconcile(await east(two));
    const renamed = await two.kubeconfig({ ost: { cluster: there, namespace: home.ns('a') } });
    const unknown = await two.reconcile(renamed);
    assert.deepEqual([unknown.changes, unknown.findings], [[], ['left-behind', 'unknown-context']]);
    const moved = await two.reconcile(await east(two, 'b'));
    assert.deepEqual(two.remoteChanges(moved), ['east create ConfigMap/b/omni missing done']);
    const all = await two.kubeconfig({ east: { cluster: there } });
    const seen = await two.reconcile(all);
    assert.deepEqual(two.remoteChanges(seen), ['east create ConfigMap/src/omni missing done']);
    assert.deepEqual(seen.findings, ['left-behind', 'left-behind']);
    assert.ok(await there.get('ConfigMap/a/omni'));
    const empty = await two.reconcile(await two.kubeconfig({}));
    assert.deepEqual([empty.changes, empty.findings, empty.code], [[], ['unknown-context'], 1]);
  },
);

contextTest('a renamed context that the source names is taken over', async (two) => {
  const { home, there } = two;
  await ask(home, '*');
  await two.reconcile(await east(two));
  const renamed = await two.kubeconfig({ ost: { cluster: there, namespace: home.ns('a') } });
  const ran = await two.reconcile(renamed);
  assert.deepEqual(two.remoteChanges(ran), ['ost refresh ConfigMap/a/omni taken-over done']);
});

contextTest('a missing namespace is an error there, and the other contexts go on', async (two) => {
  const { home, there } = two;
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('nowhere') },
    west: { cluster: there, namespace: home.ns('b') },
  });
  await ask(home, 'east,west');
  for (const options of [['--dry-run'], []]) {
    const ran = await two.reconcile(path, ...options);
    assert.deepEqual([ran.findings, ran.code], [['remote-namespace-not-found'], 1]);
    assert.deepEqual(
      two.remoteChanges(ran).map((one) => one.split(' ').slice(0, 3).join(' ')),
      ['west create ConfigMap/b/omni'],
    );
  }
});

contextTest(
  'a dead context changes nothing in another one, and holds deletes of its sources back',
  async (two) => {
    const { home, there } = two;
    const west = { cluster: there, namespace: home.ns('b') };
    const path = await two.kubeconfig({ east: { cluster: there, namespace: home.ns('a') }, west });
    await ask(home, 'east,west');
    await ask(home, 'west', 'ConfigMap/src/other');
    await two.reconcile(path);
    await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'east' });
    await home.delete('ConfigMap/src/other');
    await ask(home, 'west', 'ConfigMap/src/third');
    const dead = await two.kubeconfig({ east: { cluster: DEAD }, west }, 'dead.yaml');
    const ran = await two.reconcile(dead);
    assert.deepEqual(two.remoteChanges(ran), [
      'west create ConfigMap/b/third missing done',
      'west prune ConfigMap/b/other source-gone done',
    ]);
    assert.deepEqual([ran.findings, ran.code], [['context-failed'], 1]);
    assert.ok(await there.get('ConfigMap/b/omni'));
    const [failed] = ran.report.contexts;
    assert.deepEqual([failed.name, failed.reachable], ['east', false]);
    const back = await two.reconcile(path);
    assert.deepEqual(two.remoteChanges(back), [
      'east refresh ConfigMap/a/omni source-changed done',
      'west prune ConfigMap/b/omni context-not-named done',
    ]);
  },
);

contextTest('a context without an answer is given up, and the other one is served', async (two) => {
  if (two.there.simulated === undefined) return;
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  try {
    const address = silent.address();
    assert.ok(typeof address === 'object' && address !== null);
    const server = `https://127.0.0.1:${address.port}`;
    const path = await two.kubeconfig({
      east: { cluster: { server } },
      west: { cluster: two.there, namespace: two.home.ns('b') },
    });
    await ask(two.home, 'east,west');
    const started = Date.now();
    const ran = await two.reconcile(path);
    assert.ok(Date.now() - started < 25_000);
    assert.deepEqual(two.remoteChanges(ran), ['west create ConfigMap/b/omni missing done']);
    assert.deepEqual([ran.findings, ran.code], [['context-failed'], 1]);
  } finally {
    silent.close();
  }
});

contextTest(
  'two files with one context name serve neither, and other names are resolved in their own file',
  async (two) => {
    const { home, there } = two;
    const folder = join(two.folder, 'many');
    await mkdir(folder);
    const own = (namespace: string): object => {
      const config = remoteKubeconfig({ default: { cluster: there, namespace } }) as Json;
      return config;
    };
    await writeFile(join(folder, 'a.yaml'), JSON.stringify(own(home.ns('a'))));
    await writeFile(join(folder, 'b.yaml'), JSON.stringify(own(home.ns('b'))));
    await writeFile(join(folder, '..data'), 'not: [valid');
    await ask(home, 'default');
    const both = await two.reconcile(folder);
    assert.deepEqual([both.changes, both.findings, both.code], [[], ['context-refused'], 1]);
    const renamed = {
      ...(own(home.ns('b')) as Json),
      contexts: [{ name: 'b', context: { cluster: 'default', user: 'default', namespace: home.ns('b') } }],
    };
    await writeFile(join(folder, 'b.yaml'), JSON.stringify(renamed));
    await home.annotate('ConfigMap/src/omni', { [SYNC_CONTEXTS]: 'default,b' });
    assert.deepEqual(two.remoteChanges(await two.reconcile(folder)), [
      'b create ConfigMap/b/omni missing done',
      'default create ConfigMap/a/omni missing done',
    ]);
  },
);

contextTest('programs, unchecked servers and files elsewhere are refused', async (two) => {
  const { home, there } = two;
  const outside = join(two.folder, '..', 'token');
  const folder = join(two.folder, 'own');
  await mkdir(folder);
  await writeFile(join(two.folder, 'secret'), 'x');
  await symlink(join(two.folder, 'secret'), join(folder, 'link'));
  const exec = {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', interactiveMode: 'Never' },
  };
  const rows: readonly (readonly [string, object, object, string])[] = [
    ['exec', exec, {}, 'exec'],
    ['auth-provider', { 'auth-provider': { name: 'oidc', config: {} } }, {}, 'exec'],
    ['skip-verify', {}, { 'insecure-skip-tls-verify': true, server: 'https://127.0.0.1:1' }, 'insecure'],
    ['http', {}, { 'insecure-skip-tls-verify': false, server: 'http://127.0.0.1:1' }, 'insecure'],
    ['token', { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' }, {}, 'file-outside'],
    ['dots', { tokenFile: '../token' }, {}, 'file-outside'],
    ['absolute', { tokenFile: outside }, {}, 'file-outside'],
    ['link', { tokenFile: 'link' }, {}, 'file-outside'],
  ];
  await ask(home, rows.map(([name]) => name).join());
  const https = { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': false };
  const contexts = Object.fromEntries(
    rows.map(([name, user, more]) => [name, { cluster: there, user, more: { ...https, ...more } }]),
  );
  await writeFile(join(folder, 'config'), JSON.stringify(remoteKubeconfig(contexts)));
  const ran = await home.reconcile('--remote-kubeconfig', join(folder, 'config'));
  const refused = ran.report.findings.flatMap(({ reason, context, why }: Json) =>
    reason === 'context-refused' ? [`${context} ${why}`] : [],
  );
  assert.deepEqual(refused.toSorted(), rows.map(([name, , , why]) => `${name} ${why}`).toSorted());
  assert.deepEqual([ran.changes, ran.code], [[], 1]);
  await rm(folder, { recursive: true });
});

contextTest('a token file beside the kubeconfig is read, and follows its links', async (two) => {
  if (two.there.simulated === undefined) return;
  const folder = join(two.folder, 'mounted');
  await mkdir(join(folder, '..2026'), { recursive: true });
  await writeFile(join(folder, '..2026', 'token'), 'secret-token\n');
  await symlink('..2026', join(folder, '..data'));
  await symlink(join('..data', 'token'), join(folder, 'token'));
  const spec = { cluster: two.there, namespace: two.home.ns('a'), user: { tokenFile: 'token' } };
  await writeFile(join(folder, 'config'), JSON.stringify(remoteKubeconfig({ east: spec })));
  await ask(two.home, 'east');
  const ran = await two.reconcile(join(folder, 'config'));
  assert.deepEqual(two.remoteChanges(ran), ['east create ConfigMap/a/omni missing done']);
  assert.ok(!JSON.stringify(ran).includes('secret-token'));
});

contextTest(
  'without a remote kubeconfig a source for other clusters is an error, and a note with --clusters home',
  async (two) => {
    await ask(two.home, 'east');
    const ran = await two.home.reconcile();
    assert.deepEqual([ran.findings, ran.code], [['no-remote-kubeconfig'], 1]);
    const home = await two.home.reconcile('--clusters', 'home');
    assert.deepEqual([home.findings, home.code], [['other-clusters-left-out'], 0]);
  },
);

contextTest('--clusters remote leaves home alone, and --remote-context limits the contexts', async (two) => {
  const { home, there } = two;
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    west: { cluster: there, namespace: home.ns('b') },
  });
  await home.source('ConfigMap/src/omni', { data: { you: 'only' } }, '', {
    annotations: { [SYNC_CONTEXTS]: 'east,west' },
  });
  const one = await two.reconcile(path, '--clusters', 'remote', '--remote-context', 'w*');
  assert.deepEqual(one.report.changes.length, 1);
  assert.deepEqual(two.remoteChanges(one), ['west create ConfigMap/b/omni missing done']);
  assert.equal(await home.get('ConfigMap/a/omni'), undefined);
  const all = await two.reconcile(path);
  assert.deepEqual(all.report.changes.map(({ context }: Json) => context ?? 'home').toSorted(), [
    'east',
    'home',
    'home',
  ]);
});

contextTest('a copy of the same name that another home pushed is a conflict that names it', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  const uid = '11111111-2222-3333-4444-555555555555';
  await there.annotate('ConfigMap/a/omni', { [UID]: uid });
  for (const options of [[], ['--on-conflict', 'adopt'], ['--verify']]) {
    const ran = await two.reconcile(path, ...options);
    assert.deepEqual([ran.changes, ran.findings, ran.code], [[], ['conflict'], 1]);
    assert.equal(
      ran.report.findings.find(({ reason }: Json) => reason === 'conflict').holder.clusterUid,
      uid,
    );
  }
  const taken = await two.reconcile(path, '--former-cluster-uid', uid);
  assert.deepEqual(two.remoteChanges(taken), ['east refresh ConfigMap/a/omni taken-over done']);
  assert.equal((await there.get('ConfigMap/a/omni')).metadata.annotations[UID], await clusterUid(home));
});

contextTest('a target that runs kubed-sync itself never touches what is pushed', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east', 'Secret/src/omni');
  await two.reconcile(path);
  const before = (await there.get('Secret/a/omni')).metadata.resourceVersion;
  for (const options of [[], ['--verify'], ['--cluster-name', 'x'], ['--prune-legacy']]) {
    const ran = await there.reconcile(...options);
    assert.deepEqual([ran.changes, ran.findings, ran.code], [[], ['pushed-by-other-cluster'], 0]);
  }
  const purged = await there.run('purge', ...there.own, '--prune-legacy', '-o', 'json');
  assert.deepEqual(JSON.parse(purged.stdout).changes, []);
  // A source there that wants the same name meets a conflict that names the holder.
  await there.source('Secret/src/omni', { stringData: { mine: 'x' } });
  const rival = await there.reconcile();
  assert.ok(rival.findings.includes('conflict'));
  assert.equal((await there.get('Secret/a/omni')).metadata.resourceVersion, before);
});

contextTest('a pushed copy may be a source in its own cluster', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  await there.annotate('ConfigMap/a/omni', { 'kubed.appscode.com/sync': '' });
  const local = await there.reconcile();
  assert.deepEqual(local.changes, [
    'create ConfigMap/b/omni missing done',
    'create ConfigMap/src/omni missing done',
  ]);
  await home.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
  assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
    'east update ConfigMap/a/omni source-changed done',
  ]);
  await home.delete('ConfigMap/src/omni');
  assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
    'east prune ConfigMap/a/omni source-gone done',
  ]);
});

contextTest('a change of type there is an error with a command, and nothing is deleted', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east', 'Secret/src/omni');
  await two.reconcile(path);
  const { metadata } = await there.get('Secret/a/omni');
  await there.delete('Secret/a/omni');
  await there.create(
    'Secret/a/omni',
    { type: 'example.com/other' },
    { labels: metadata.labels, annotations: metadata.annotations },
  );
  const ran = await two.reconcile(path);
  assert.deepEqual([ran.changes, ran.findings, ran.code], [[], ['replace-needed'], 1]);
  const { message } = ran.report.findings.find(({ reason }: Json) => reason === 'replace-needed');
  assert.match(message, /kubectl --context east delete secret --namespace \S+-a omni/u);
});

contextTest('a copy that is newer than home is neither written nor pruned', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  const { metadata } = await there.get('ConfigMap/a/omni');
  const origin = JSON.parse(metadata.annotations['kubed.appscode.com/origin']);
  const newer = JSON.stringify({ ...origin, resourceVersion: '99999999999' });
  await there.annotate('ConfigMap/a/omni', { 'kubed.appscode.com/origin': newer });
  const restored = await two.reconcile(path);
  assert.deepEqual([restored.changes, restored.findings, restored.code], [[], ['newer-than-home'], 1]);
  await home.delete('ConfigMap/src/omni');
  const gone = await two.reconcile(path);
  assert.deepEqual([gone.changes, gone.findings, gone.code], [[], ['newer-than-home'], 1]);
});

contextTest('--max-prune counts over all clusters, and a percentage is of each', async (two) => {
  const { home, there } = two;
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    west: { cluster: there, namespace: home.ns('b') },
  });
  const names = ['one', 'two', 'three'];
  for (const name of names) await ask(home, 'east,west', `ConfigMap/src/${name}`);
  await two.reconcile(path);
  for (const name of names.slice(0, 2)) await home.delete(`ConfigMap/src/${name}`);
  const refused = await two.reconcile(path, '--max-prune', '3');
  assert.deepEqual([refused.findings, refused.code], [['prune-withheld', 'prune-withheld'], 1]);
  assert.ok(await there.get('ConfigMap/a/one'));
  const percent = await two.reconcile(path, '--max-prune', '66%');
  assert.deepEqual([percent.findings, percent.code], [['prune-withheld', 'prune-withheld'], 1]);
  const allowed = await two.reconcile(path, '--max-prune', '4');
  assert.deepEqual([allowed.report.summary.prune, allowed.code], [4, 0]);
});

contextTest('purge removes the copies of this home in all namespaces there', async (two) => {
  const { home, there } = two;
  const path = await two.kubeconfig({
    east: { cluster: there },
    west: { cluster: there, namespace: home.ns('b') },
  });
  await ask(home, 'east,west');
  await two.reconcile(path);
  await there.create('ConfigMap/b/mine', { data: {} });
  const purge = await home.run(
    'purge',
    ...home.own,
    '--remote-kubeconfig',
    path,
    '--remote-allow',
    'insecure',
    '-o',
    'json',
  );
  const { changes, summary } = JSON.parse(purge.stdout);
  assert.equal(purge.code, 0, purge.stderr);
  assert.equal(await there.get('ConfigMap/src/omni'), undefined);
  assert.equal(await there.get('ConfigMap/b/omni'), undefined);
  assert.ok(await there.get('ConfigMap/b/mine'));
  assert.ok(changes.length >= 2 && summary.failed === 0);
});

contextTest(
  'a copy of the old operator there is taken over if it names our live source, and is never pruned',
  async (two) => {
    const { home, there } = two;
    const source = await ask(home, 'east');
    const { namespace, name, uid } = source.metadata;
    const labels = {
      'kubed.appscode.com/origin.name': name,
      'kubed.appscode.com/origin.namespace': namespace,
      'kubed.appscode.com/origin.cluster': 'some-name',
    };
    const origin = (id: string): object => ({
      'kubed.appscode.com/origin': JSON.stringify({ namespace, name, uid: id, resourceVersion: '1' }),
    });
    await there.create(
      'ConfigMap/a/omni',
      { data: { old: 'x' } },
      { labels, annotations: origin(uid) },
      { manager: 'kubed' },
    );
    const path = await east(two);
    const ran = await two.reconcile(path);
    assert.deepEqual(two.remoteChanges(ran), ['east update ConfigMap/a/omni old-operator done']);
    await there.create(
      'ConfigMap/b/omni',
      { data: {} },
      { labels, annotations: origin(uid) },
      { manager: 'kubed' },
    );
    const all = await two.kubeconfig({
      east: { cluster: there, namespace: home.ns('a') },
      west: { cluster: there, namespace: home.ns('b') },
    });
    const kept = await two.reconcile(all);
    assert.deepEqual(kept.changes, []);
    assert.ok(await there.get('ConfigMap/b/omni'));
  },
);

contextTest('no value of a Secret and no token is in any output', async (two) => {
  const { home, there } = two;
  const value = 'c29tZS1zZWNyZXQtdmFsdWU';
  await ask(home, 'east', 'Secret/src/omni', { you: value });
  const user = { token: 'very-secret-token-in-the-file' };
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    dead: { cluster: DEAD, user },
  });
  for (const format of ['text', 'json', 'yaml', 'markdown']) {
    const options = ['--remote-kubeconfig', path, '--remote-allow', 'insecure', '-o', format, '-v'];
    const { stdout, stderr } = await home.run('reconcile', ...home.own, ...options);
    const text = stdout + stderr;
    for (const secret of [value, Buffer.from(value).toString('base64'), user.token])
      assert.ok(!text.includes(secret));
  }
});

contextTest(
  'an edit there is undone, also one that only --verify sees, and a dry run of the server writes nothing',
  async (two) => {
    const { home, there } = two;
    const path = await east(two);
    await ask(home, 'east', 'Secret/src/omni');
    await two.reconcile(path);
    await there.merge('Secret/a/omni', { stringData: { you: 'edited' } });
    for (const options of [['--dry-run=server'], ['--verify', '--dry-run']])
      assert.deepEqual(two.remoteChanges(await two.reconcile(path, ...options)), [
        'east update Secret/a/omni edited planned',
      ]);
    assert.deepEqual(two.remoteChanges(await two.reconcile(path)), ['east update Secret/a/omni edited done']);
    const verified = await two.reconcile(path, '--verify');
    assert.deepEqual([verified.changes, verified.findings, verified.code], [[], [], 0]);
  },
);

contextTest('--prune-after marks a copy there first', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  await home.delete('ConfigMap/src/omni');
  const marked = await two.reconcile(path, '--prune-after', '1h');
  assert.deepEqual(two.remoteChanges(marked), ['east mark ConfigMap/a/omni source-gone done']);
  const waiting = await two.reconcile(path, '--prune-after', '1h');
  assert.deepEqual([waiting.changes, waiting.findings], [[], ['waiting-to-be-pruned']]);
  assert.ok(await there.get('ConfigMap/a/omni'));
  assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
    'east prune ConfigMap/a/omni source-gone done',
  ]);
});

contextTest('a namespace there that opts out takes no copies and loses those it has', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  const namespace = `/api/v1/namespaces/${home.ns('a')}`;
  const ignore = { metadata: { annotations: { 'kubed.appscode.com/ignore': 'true' } } };
  await there.must('PATCH', namespace, ignore, { contentType: 'application/merge-patch+json' });
  assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
    'east prune ConfigMap/a/omni namespace-ignored done',
  ]);
  assert.deepEqual((await two.reconcile(path)).changes, []);
});

contextTest('a server there that does not speak TLS is an error of its context alone', async (two) => {
  if (two.there.simulated === undefined) return;
  const { home, there } = two;
  const server = two.there.simulated.url.replace('http:', 'https:');
  const path = await two.kubeconfig({
    east: { cluster: { server } },
    west: { cluster: there, namespace: home.ns('b') },
  });
  await ask(home, 'east,west');
  const ran = await two.reconcile(path);
  assert.deepEqual(two.remoteChanges(ran), ['west create ConfigMap/b/omni missing done']);
  assert.deepEqual([ran.findings, ran.code], [['context-failed'], 1]);
});

contextTest(
  'of two homes with one cluster name, the first one keeps its place, and the second one says so',
  async (two) => {
    if (two.there.simulated === undefined) return;
    const { home, there } = two;
    await using rival = await TestCluster.openReal(undefined, {}, home.prefix);
    for (const each of ['src', 'a']) await rival.namespace(each);
    const path = await east(two);
    await ask(home, 'east');
    await ask(rival, 'east');
    await ask(rival, 'east', 'ConfigMap/src/other');
    assert.equal((await two.reconcile(path)).code, 0);
    const options = ['--remote-kubeconfig', path, '--remote-allow', 'insecure'];
    const second = await rival.reconcile(...options);
    assert.deepEqual(second.changes, ['create ConfigMap/a/other missing done']);
    assert.deepEqual([second.findings, second.code], [['conflict'], 1]);
    await rival.delete('ConfigMap/src/omni');
    await rival.delete('ConfigMap/src/other');
    assert.deepEqual((await rival.reconcile(...options)).changes, [
      'prune ConfigMap/a/other source-gone done',
    ]);
    assert.deepEqual((await two.reconcile(path)).changes, []);
    assert.ok(await there.get('ConfigMap/a/omni'));
  },
);

contextTest('copies of a lost home are purged by its uid only', async (two) => {
  const { home, there } = two;
  const path = await east(two);
  await ask(home, 'east');
  await two.reconcile(path);
  const uid = '11111111-2222-3333-4444-555555555555';
  await there.annotate('ConfigMap/a/omni', { [UID]: uid });
  const purge = async (...options: readonly string[]): Promise<readonly string[]> => {
    const scope = [...home.own, '--remote-kubeconfig', path, '--remote-allow', 'insecure', '-o', 'json'];
    const { stdout } = await home.run('purge', ...scope, ...options);
    return JSON.parse(stdout).changes.map(({ action, name }: Json) => `${action} ${name}`);
  };
  assert.deepEqual(await purge(), []);
  assert.deepEqual(await purge('--former-cluster-uid', uid), ['prune omni']);
  assert.equal(await there.get('ConfigMap/a/omni'), undefined);
});

contextTest('a preview of manifests says that it leaves other clusters out', async (two) => {
  const { home } = two;
  const file = join(two.folder, 'source.yaml');
  const metadata = { name: 'omni', namespace: home.ns('src'), annotations: { [SYNC_CONTEXTS]: 'east' } };
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} }));
  const path = await east(two);
  const preview = await two.reconcile(path, '--dry-run', '-f', file);
  assert.deepEqual([preview.changes, preview.findings, preview.code], [[], ['other-clusters-left-out'], 0]);
});

contextTest('Events on a source tell what was done in other clusters', async (two) => {
  const { home } = two;
  await ask(home, 'east');
  const ran = await two.reconcile(await east(two), '--events');
  assert.equal(ran.code, 0, ran.stderr);
  const { items } = await home.must('GET', `/api/v1/namespaces/${home.ns('src')}/events`);
  assert.deepEqual(
    items.map(({ reason, message }: Json) => `${reason} ${message}`),
    ['Synced In other clusters (east): 1 copy created.'],
  );
});

contextTest('sync-keys applies there, and names and consent speak of home', async (two) => {
  const { home, there } = two;
  const annotations = {
    [SYNC_CONTEXTS]: 'east',
    'kubed.appscode.com/sync-keys': 'ca.crt=ca-bundle.crt',
    'kubed.appscode.com/sync-namespaces': 'nowhere',
  };
  const stringData = { 'ca.crt': 'public', 'tls.key': 'private', 'tls.crt': 'cert' };
  await home.create('Secret/src/tls', { type: 'kubernetes.io/tls', stringData }, { annotations });
  const path = await east(two);
  const refusing = { metadata: { annotations: { 'kubed.appscode.com/accept-from': '' } } };
  await there.must('PATCH', `/api/v1/namespaces/${home.ns('a')}`, refusing, {
    contentType: 'application/merge-patch+json',
  });
  const ran = await two.reconcile(path, '--require-consent');
  assert.deepEqual(two.remoteChanges(ran), ['east create Secret/a/tls missing done']);
  const copy = await there.get('Secret/a/tls');
  assert.deepEqual([copy.type, Object.keys(copy.data)], ['Opaque', ['ca-bundle.crt']]);
  assert.deepEqual((await two.reconcile(path, '--require-consent')).changes, []);
  await home.annotate('Secret/src/tls', { 'kubed.appscode.com/sync-keys': '' });
  const frozen = await two.reconcile(path);
  assert.deepEqual([frozen.changes, frozen.code], [[], 1]);
});

contextTest(
  'a context that leads to another cluster now makes its copies there, and leaves the old ones',
  async (two) => {
    if (two.there.simulated === undefined) return;
    const { home, there } = two;
    await using third = await TestCluster.openReal(undefined, {}, home.prefix);
    await third.namespace('a');
    await ask(home, 'east');
    await two.reconcile(await east(two));
    const path = await two.kubeconfig({ east: { cluster: third, namespace: home.ns('a') } });
    const ran = await two.reconcile(path);
    assert.deepEqual(two.remoteChanges(ran), ['east create ConfigMap/a/omni missing done']);
    assert.ok(await there.get('ConfigMap/a/omni'));
    await home.delete('ConfigMap/src/omni');
    assert.deepEqual(two.remoteChanges(await two.reconcile(path)), [
      'east prune ConfigMap/a/omni source-gone done',
    ]);
    assert.ok(await there.get('ConfigMap/a/omni'));
  },
);
