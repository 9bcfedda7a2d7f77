import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, type Reported, TestCluster } from '../support/cluster.ts';

/*
 * The guide of the operator that this program replaces, "Synchronize Configuration across Namespaces", step by step.
 * The output of its `kubectl get configmaps --all-namespaces | grep omni` must be the same. As in the guide, runs are
 * cluster-wide, and copies go to default, kube-system and kube-public. Only the names differ.
 */

type Kind = 'ConfigMap' | 'Secret';

const KINDS: readonly Kind[] = ['ConfigMap', 'Secret'];
const SYNC = 'kubed.appscode.com/sync';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The values of a source as its kind keeps them. */
function dataOf(kind: Kind, data: Record<string, string>): Record<string, string> {
  const encode = (text: string): string => (kind === 'Secret' ? Buffer.from(text).toString('base64') : text);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encode(value)]));
}

/** One cluster, and one source that is called `omni` in the guide. */
class Guide {
  readonly kind: Kind;
  readonly cluster: TestCluster;
  readonly name: string;

  private constructor(kind: Kind, cluster: TestCluster) {
    this.kind = kind;
    this.cluster = cluster;
    this.name = `${cluster.prefix}-omni`;
  }

  /** Creates a cluster with the namespace `demo` and the source, which is not annotated yet. */
  static async open(kind: Kind): Promise<Guide> {
    const guide = new Guide(kind, await TestCluster.open());
    await guide.cluster.namespace('demo');
    await guide.createSource('demo');
    return guide;
  }

  /** Deletes the copies outside the namespaces of the test, also after a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { metadata } of await this.everything())
      if (metadata.name.startsWith(this.cluster.prefix)) {
        const path = `/api/v1/namespaces/${metadata.namespace}/${this.#resource}/${metadata.name}`;
        await this.cluster.send('DELETE', path);
      }
    await this.cluster[Symbol.asyncDispose]();
  }

  get #resource(): string {
    return `${this.kind.toLowerCase()}s`;
  }

  /** `Kind/namespace/name` for the harness. */
  at(namespace: string): string {
    return `${this.kind}/${namespace}/${this.name}`;
  }

  /** `kubectl apply -f demo-0.yaml` */
  createSource(namespace: string): Promise<Json> {
    const data = dataOf(this.kind, { you: 'only', leave: 'once' });
    const metadata = { annotations: { [LAST_APPLIED]: JSON.stringify({ data }) } };
    return this.cluster.create(this.at(namespace), { data }, metadata, { manager: 'kubectl' });
  }

  /**
   * `kubectl annotate … kubed.appscode.com/sync=VALUE -n NAMESPACE --overwrite`; null is `kubed.appscode.com/sync-`.
   */
  annotate(value: string | null, namespace = 'demo'): Promise<Json> {
    return this.cluster.annotate(this.at(namespace), { [SYNC]: value });
  }

  /** `kubectl label namespace NAMESPACE KEY=VALUE` */
  label(namespace: string, labels: Record<string, string | null>): Promise<Json> {
    const path = `/api/v1/namespaces/${this.cluster.ns(namespace)}`;
    const contentType = 'application/merge-patch+json';
    return this.cluster.must('PATCH', path, { metadata: { labels } }, { contentType });
  }

  /** `kubectl delete ns NAMESPACE`. The namespace stays terminating, with or without a namespace controller. */
  async terminate(namespace: string): Promise<void> {
    await this.cluster.merge(this.at(namespace), { metadata: { finalizers: ['test.example/hold'] } });
    await this.cluster.must('DELETE', `/api/v1/namespaces/${this.cluster.ns(namespace)}`);
  }

  /** Finishes the deletion, as the namespace controller does. */
  async finish(namespace: string): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const path = this.cluster.path(this.at(namespace));
    await this.cluster.send('DELETE', path);
    await this.cluster.send('PATCH', path, { metadata: { finalizers: null } }, { contentType });
    await this.cluster.finishNamespace(this.cluster.ns(namespace));
    while ((await this.namespaces()).includes(namespace)) await sleep(50);
  }

  /** Returns every object of the kind in the cluster. */
  async everything(): Promise<readonly Json[]> {
    const { items } = await this.cluster.must('GET', `/api/v1/${this.#resource}`);
    return items ?? [];
  }

  /** Returns those objects that the guide is about. */
  async everyOne(): Promise<readonly Json[]> {
    return (await this.everything()).filter(({ metadata }) => metadata.name === this.name);
  }

  /** Returns the names of all namespaces, with short names for those of the test. */
  async namespaces(): Promise<readonly string[]> {
    const { items } = await this.cluster.must('GET', '/api/v1/namespaces');
    return items.map(({ metadata }: Json) => this.#short(metadata.name)).toSorted();
  }

  #short(namespace: string): string {
    return namespace.replace(`${this.cluster.prefix}-`, '');
  }

  /** `kubectl get … --all-namespaces | grep omni`: returns the namespaces, each with the number of keys. */
  async show(): Promise<readonly string[]> {
    const found = await this.everyOne();
    return found
      .map(({ metadata, data }) => `${this.#short(metadata.namespace)} ${Object.keys(data).length}`)
      .toSorted();
  }

  /** Runs cluster-wide and must find no problem. Returns the changes to the objects of this test. */
  async run(...args: readonly string[]): Promise<Reported['changes']> {
    const { code, stdout, stderr } = await this.cluster.run('reconcile', '-o', 'json', ...args);
    assert.notEqual(stdout, '', stderr);
    const { changes, findings }: Json = JSON.parse(stdout);
    const isOwn = ({ name }: Json): boolean => name?.startsWith(this.cluster.prefix) === true;
    const errors = findings.filter((finding: Json) => isOwn(finding) && finding.severity === 'error');
    assert.deepEqual(errors, []);
    if (this.cluster.simulated !== undefined) assert.equal(code, 0, stdout + stderr);
    return changes
      .filter(isOwn)
      .map(({ action, namespace, outcome }: Json) => `${action} ${this.#short(namespace)} ${outcome}`);
  }

  /** Runs once and compares the table. Another run must have nothing to do. */
  async becomes(rows: readonly string[], ...args: readonly string[]): Promise<void> {
    await this.run(...args);
    assert.deepEqual(await this.show(), rows);
    assert.deepEqual(await this.run(...args), []);
  }

  /** Like {@link becomes}, with two keys in every namespace of the cluster, including those of the guide. */
  async becomesEverywhere(atLeast: readonly string[]): Promise<void> {
    const namespaces = await this.namespaces();
    for (const namespace of atLeast) assert.ok(namespaces.includes(namespace), namespace);
    await this.becomes(namespaces.map((namespace) => `${namespace} 2`));
  }

  /** Checks that every copy has exactly this data and these marks, and nothing else of the source. */
  async areCopies(data: Record<string, string>): Promise<void> {
    const source = await this.cluster.get(this.at('demo'));
    const { namespace } = source.metadata;
    const copies = (await this.everyOne()).filter(({ metadata }) => metadata.namespace !== namespace);
    assert.notEqual(copies.length, 0);
    for (const copy of copies) {
      assert.deepEqual(copy.data, dataOf(this.kind, data));
      assert.deepEqual([copy.type, copy.binaryData], [source.type, undefined]);
      checkMarks(copy, source);
    }
  }
}

const ORIGIN = 'kubed.appscode.com/origin';

/** Checks the origin annotation and the three labels. No other mark may be there except those of docs/design.md 3. */
function checkMarks({ metadata }: Json, source: Json): void {
  const { namespace, name, uid, resourceVersion } = source.metadata;
  const { [ORIGIN]: origin, 'kubed.appscode.com/fields': fields, ...others } = metadata.annotations;
  assert.equal(origin, JSON.stringify({ namespace, name, uid, resourceVersion }));
  assert.match(fields, /^[0-9a-f]{16}$/);
  assert.deepEqual(others, {});
  assert.deepEqual(metadata.labels, {
    'app.kubernetes.io/managed-by': 'kubed-sync',
    [`${ORIGIN}.cluster`]: '',
    [`${ORIGIN}.name`]: name,
    [`${ORIGIN}.namespace`]: namespace,
  });
  assert.deepEqual([metadata.ownerReferences, metadata.finalizers], [undefined, undefined]);
}

const SYSTEM = ['default', 'kube-public', 'kube-system'];

for (const kind of KINDS) {
  test(`the guide, step by step, with a ${kind}`, async (context) => {
    await using guide = await Guide.open(kind);
    const { cluster } = guide;
    const app = `kubed-${cluster.prefix}`;
    const applied = await cluster.get(guide.at('demo'));

    await context.test('without an annotation there is only the source', () => guide.becomes(['demo 2']));

    await context.test('with the annotation every namespace gets a copy', async () => {
      await guide.annotate('');
      await guide.becomesEverywhere([...SYSTEM, 'demo']);
      await guide.areCopies({ you: 'only', leave: 'once' });
    });

    await context.test('the value "true" means the same', async () => {
      await guide.annotate('true');
      await guide.becomesEverywhere([...SYSTEM, 'demo']);
      await guide.areCopies({ you: 'only', leave: 'once' });
    });

    await context.test('a new namespace gets its copy, and no other copy is written', async () => {
      await cluster.namespace('other');
      assert.deepEqual(await guide.run(), ['create other done']);
      await guide.becomesEverywhere([...SYSTEM, 'demo', 'other']);
    });

    await context.test('a fixed typo reaches all copies, and the old key is removed', async () => {
      const data = { leave: null, ...dataOf(kind, { live: 'once' }) };
      await cluster.merge(guide.at('demo'), { data });
      await guide.becomesEverywhere([...SYSTEM, 'demo', 'other']);
      await guide.areCopies({ you: 'only', live: 'once' });
    });

    await context.test('with a selector that no namespace matches only the source is left', async () => {
      await guide.annotate(`app=${app}`);
      await guide.becomes(['demo 2']);
    });

    await context.test('a namespace that gets the label gets its copy', async () => {
      await guide.label('other', { app });
      await guide.becomes(['demo 2', 'other 2']);
      await guide.areCopies({ you: 'only', live: 'once' });
    });

    await context.test('with another selector the copy moves to the namespaces that it selects', async () => {
      await cluster.namespace('third', { team: app });
      await guide.annotate(`team in (${app}), app!=${app}`);
      assert.deepEqual(await guide.run(), ['create third done', 'prune other done']);
      await guide.becomes(['demo 2', 'third 2']);
    });

    await context.test('a namespace that loses its label loses its copy', async () => {
      await guide.label('third', { team: null });
      await guide.becomes(['demo 2']);
      await guide.label('third', { team: app });
      await guide.becomes(['demo 2', 'third 2']);
    });

    await context.test(
      'without the annotation the copies are deleted, and the source stays as it was',
      async () => {
        await guide.annotate(null);
        await guide.becomes(['demo 2']);
        const { metadata, data } = await cluster.get(guide.at('demo'));
        assert.deepEqual(data, dataOf(kind, { you: 'only', live: 'once' }));
        assert.deepEqual([metadata.uid, metadata.labels], [applied.metadata.uid, undefined]);
        assert.deepEqual(metadata.annotations, applied.metadata.annotations);
      },
    );
  });

  test(`the source namespace can be restricted, with a ${kind}`, async () => {
    await using guide = await Guide.open(kind);
    const { cluster } = guide;
    await cluster.namespace('other');
    await cluster.namespace('elsewhere');
    const stray = `${kind}/elsewhere/${cluster.prefix}-stray`;
    await cluster.create(stray, { data: {} }, { annotations: { [SYNC]: '' } });
    await guide.annotate('');
    const copy = stray.replace('elsewhere', 'other');
    const [own, away] = [cluster.ns('demo'), cluster.ns('elsewhere')];

    for (const option of ['--source-namespace', '--config-source-namespace']) {
      await guide.run(option, own);
      assert.notEqual(await cluster.get(guide.at('other')), undefined, option);
      assert.equal(await cluster.get(copy), undefined, option);
    }

    await guide.run();
    const before = await cluster.get(copy);
    assert.equal(before.metadata.labels['kubed.appscode.com/origin.namespace'], away);
    await cluster.annotate(stray, { [SYNC]: null });
    await guide.run('--config-source-namespace', own);
    assert.deepEqual(await cluster.get(copy), before);
    await guide.run('--source-namespace', own, '--source-namespace', away);
    assert.equal(await cluster.get(copy), undefined);
    assert.notEqual(await cluster.get(guide.at('other')), undefined);
  });

  test(`the copies of a deleted source are deleted, with a ${kind}`, async () => {
    await using guide = await Guide.open(kind);
    await guide.annotate('');
    await guide.becomesEverywhere([...SYSTEM, 'demo']);
    await guide.cluster.delete(guide.at('demo'));
    await guide.becomes([]);
  });

  test(`deleted namespaces need no cleanup, with a ${kind}`, async (context) => {
    await using guide = await Guide.open(kind);
    await guide.cluster.namespace('other');
    await guide.annotate('');
    await guide.becomesEverywhere([...SYSTEM, 'demo', 'other']);

    await context.test('without a namespace with a copy, the others stay', async () => {
      await guide.terminate('other');
      assert.deepEqual(await guide.run(), []);
      await guide.finish('other');
      assert.deepEqual(await guide.run(), []);
      await guide.becomesEverywhere([...SYSTEM, 'demo']);
    });

    await context.test(
      'the copies of a source stay until its namespace is gone, and are then deleted',
      async () => {
        const before = await guide.show();
        await guide.terminate('demo');
        await guide.run();
        assert.deepEqual(await guide.show(), before);
        await guide.finish('demo');
        await guide.becomes([]);
      },
    );
  });
}
