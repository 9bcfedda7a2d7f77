import type { DemoCluster } from './demo-cluster.ts';

// The first part of the demo: the guide of the old operator, in one cluster.

const SYNC = 'kubed.appscode.com/sync';
const SYNC_NAMESPACES = 'kubed.appscode.com/sync-namespaces';
const SYNC_KEYS = 'kubed.appscode.com/sync-keys';
const SYSTEM = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** One step of the demo. */
export interface Step<Clusters> {
  readonly title: string;
  readonly about: string;
  readonly play: (clusters: Clusters) => Promise<void>;
}

/** Runs the program and shows where omni is: in these namespaces and no others. */
async function syncAndShow(
  cluster: DemoCluster,
  expected: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  await run(cluster, ...options);
  await show(cluster, expected);
}

/** Runs the program, which must succeed. */
export async function run(cluster: DemoCluster, ...options: readonly string[]): Promise<void> {
  const code = await cluster.kubedSync('reconcile', ...options);
  if (code !== 0) throw new Error(`kubed-sync reconcile ended with exit code ${code}`);
}

/** Shows where omni is: in these namespaces and no others. */
export async function show(cluster: DemoCluster, expected: readonly string[]): Promise<void> {
  const shown = await cluster.getConfigMaps('omni');
  const wanted = expected.map((place) => (place.includes('/') ? place : `${place}/omni`)).toSorted();
  if (shown.toSorted().join() !== wanted.join())
    throw new Error(
      `expected ${wanted.join(', ') || 'nothing'}, and there is ${shown.join(', ') || 'nothing'}`,
    );
}

/** The steps of the guide. */
export const GUIDE: readonly Step<DemoCluster>[] = [
  {
    title: 'A ConfigMap',
    about: 'It is in the namespace demo, and no annotation asks for copies yet.',
    play: async (cluster) => {
      await cluster.createNamespace('demo');
      await cluster.createConfigMap('demo', 'omni', { you: 'only', leave: 'once' });
      await syncAndShow(cluster, ['demo']);
    },
  },
  {
    title: 'Annotate it',
    about: 'With an empty value it asks for a copy in every namespace. A second run has\nnothing to do.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC, '');
      await syncAndShow(cluster, [...SYSTEM, 'demo']);
      await run(cluster);
    },
  },
  {
    title: 'A new namespace',
    about: 'The next run creates its copy, and writes nothing else.',
    play: async (cluster) => {
      await cluster.createNamespace('other');
      await syncAndShow(cluster, [...SYSTEM, 'demo', 'other']);
    },
  },
  {
    title: 'Fix the typo',
    about: 'The value is "leave" and should be "live". A dry run shows what would be done.',
    play: async (cluster) => {
      await cluster.patchData('demo', 'omni', { leave: null, live: 'once' });
      await run(cluster, '--dry-run');
      await syncAndShow(cluster, [...SYSTEM, 'demo', 'other']);
      const data = await cluster.getData('other', 'omni');
      if (data !== '{"live":"once","you":"only"}') throw new Error(`the copy in other still has ${data}`);
    },
  },
  {
    title: 'A selector',
    about: 'Only namespaces with the label app=kubed: there is none, so the copies go.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC, 'app=kubed');
      await syncAndShow(cluster, ['demo']);
    },
  },
  {
    title: 'Label the namespace',
    about: 'Now the selector matches one.',
    play: async (cluster) => {
      await cluster.labelNamespace('other', 'app', 'kubed');
      await syncAndShow(cluster, ['demo', 'other']);
    },
  },
  {
    title: 'Ask why',
    about: 'Which rule decided in each namespace? This reads, and writes nothing.',
    play: async (cluster) => {
      const code = await cluster.kubedSync('explain', 'configmap/demo/omni');
      if (code !== 0) throw new Error(`kubed-sync explain ended with exit code ${code}`);
    },
  },
  {
    title: 'Namespaces by name',
    about: 'Every namespace again, except those of Kubernetes.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC, '');
      await cluster.annotate('demo', 'omni', SYNC_NAMESPACES, '!kube-*');
      await syncAndShow(cluster, ['default', 'demo', 'other']);
    },
  },
  {
    title: 'Only some keys',
    about: 'The copies get the key "you" and no other. Then all of this is taken back.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC_KEYS, 'you');
      await run(cluster);
      const data = await cluster.getData('other', 'omni');
      if (data !== '{"you":"only"}') throw new Error(`the copy in other still has ${data}`);
      await cluster.annotate('demo', 'omni', SYNC_KEYS, null);
      await cluster.annotate('demo', 'omni', SYNC_NAMESPACES, null);
      await cluster.annotate('demo', 'omni', SYNC, 'app=kubed');
      await syncAndShow(cluster, ['demo', 'other']);
    },
  },
  {
    title: 'Restrict the source namespace',
    about: 'A user annotates another ConfigMap, in a namespace that may not hold sources.',
    play: async (cluster) => {
      await cluster.createConfigMap('other', 'omni-2', { who: 'me' });
      await cluster.annotate('other', 'omni-2', SYNC, '');
      await syncAndShow(cluster, ['demo', 'other', 'other/omni-2'], ['--source-namespace', 'demo']);
    },
  },
  {
    title: 'Remove the annotation',
    about: 'The copies are deleted, the source stays.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC, null);
      await syncAndShow(cluster, ['demo', 'other/omni-2'], ['--source-namespace', 'demo']);
    },
  },
  {
    title: 'Delete the namespace',
    about: 'The source is annotated again. Then its namespace is deleted, and the copies too.',
    play: async (cluster) => {
      await cluster.annotate('demo', 'omni', SYNC, '');
      await syncAndShow(
        cluster,
        [...SYSTEM, 'demo', 'other', 'other/omni-2'],
        ['--source-namespace', 'demo'],
      );
      await cluster.deleteNamespace('demo');
      await syncAndShow(cluster, ['other/omni-2'], ['--source-namespace', 'demo']);
    },
  },
];
