import type { DemoCluster } from './demo-cluster.ts';
import { type Step, run, show } from './demo-guide.ts';

// The second part of the demo: the guide of the old operator for copies in other clusters.

const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';

/** The cluster with the sources, and another one. */
export interface DemoClusters {
  readonly home: DemoCluster;
  readonly there: DemoCluster;
}

/** The simulated servers speak plain HTTP, which a remote kubeconfig may do only if it is allowed. */
const OPTIONS = [
  '--source-namespace',
  'demo',
  '--remote-kubeconfig=clusters.yaml',
  '--remote-allow=insecure',
];

/** Runs the program at home, and shows where omni is in the other cluster. */
async function runAndShow({ home, there }: DemoClusters, expected: readonly string[]): Promise<void> {
  await run(home, ...OPTIONS);
  await show(there, expected);
}

/** The steps of the guide for other clusters. */
export const OTHER_CLUSTERS: readonly Step<DemoClusters>[] = [
  {
    title: 'Another cluster',
    about:
      'It is a second simulated API server. A kubeconfig has two contexts that lead to it.\nOnly the second one has a namespace.',
    play: async ({ home, there }) => {
      await there.createNamespace('demo');
      await there.createNamespace('demo-cluster-2');
      await home.writeContexts(there, { 'context-1': undefined, 'context-2': 'demo-cluster-2' });
    },
  },
  {
    title: 'Ask for copies there',
    about:
      'The annotation names both contexts. Without a namespace of its own, a context gets\nthe copy in the namespace that is called like that of the source.',
    play: async (clusters) => {
      const { home } = clusters;
      await home.createNamespace('demo');
      await home.createConfigMap('demo', 'omni', { you: 'only', leave: 'once' });
      await home.annotate('demo', 'omni', SYNC_CONTEXTS, 'context-1,context-2');
      await runAndShow(clusters, ['demo', 'demo-cluster-2']);
    },
  },
  {
    title: 'Fix the typo again',
    about: 'The copies in the other cluster follow their source.',
    play: async (clusters) => {
      const { home, there } = clusters;
      await home.patchData('demo', 'omni', { leave: null, live: 'once' });
      await runAndShow(clusters, ['demo', 'demo-cluster-2']);
      const data = await there.getData('demo-cluster-2', 'omni');
      if (data !== '{"live":"once","you":"only"}') throw new Error(`the copy there still has ${data}`);
    },
  },
  {
    title: 'Remove one context',
    about: 'Now the annotation names context-1 alone. The copy of the other context is deleted.',
    play: async (clusters) => {
      await clusters.home.annotate('demo', 'omni', SYNC_CONTEXTS, 'context-1');
      await runAndShow(clusters, ['demo']);
    },
  },
  {
    title: 'Delete the source',
    about: 'The last copy in the other cluster is deleted too.',
    play: async (clusters) => {
      await clusters.home.deleteConfigMap('demo', 'omni');
      await runAndShow(clusters, []);
    },
  },
];
