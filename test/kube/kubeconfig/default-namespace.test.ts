import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kubectlNamespace } from '../../../src/kube/kubeconfig/kubeconfig.ts';
import { connectOptions, scratch } from '../../support/connecting.ts';

/* Where kubectl puts an object that names no namespace (client-go: `DeferredLoadingClientConfig.Namespace`). */

const IN_POD = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

function config(namespace?: string): string {
  return JSON.stringify({
    'current-context': 'x',
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
    contexts: [
      { name: 'x', context: { cluster: 'c', ...(namespace !== undefined && { namespace }) } },
      { name: 'y', context: { cluster: 'c', namespace: 'of-y' } },
    ],
  });
}

interface Case {
  readonly what: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** The content of the file of the pod. */
  readonly pod?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly chosenBy: 'context' | 'pod' | 'none';
}

const CASES: readonly Case[] = [
  { what: 'the context', kubeconfig: config('team'), namespace: 'team', chosenBy: 'context' },
  {
    what: 'the chosen context',
    kubeconfig: config('team'),
    context: 'y',
    namespace: 'of-y',
    chosenBy: 'context',
  },
  {
    what: 'the context before the pod',
    kubeconfig: config('team'),
    pod: 'own',
    namespace: 'team',
    chosenBy: 'context',
  },
  {
    what: 'a context that says default before the pod',
    kubeconfig: config('default'),
    pod: 'own',
    namespace: 'default',
    chosenBy: 'context',
  },
  { what: 'a context without one', kubeconfig: config(), namespace: 'default', chosenBy: 'none' },
  { what: 'a context with an empty one', kubeconfig: config(''), namespace: 'default', chosenBy: 'none' },
  {
    what: 'a context without one in a pod',
    kubeconfig: config(),
    pod: 'own\n',
    namespace: 'own',
    chosenBy: 'pod',
  },
  { what: 'a pod without a kubeconfig', pod: 'own', namespace: 'own', chosenBy: 'pod' },
  {
    what: 'POD_NAMESPACE before the file',
    pod: 'own',
    env: { POD_NAMESPACE: 'said' },
    namespace: 'said',
    chosenBy: 'pod',
  },
  { what: 'a pod without the file', pod: '', namespace: 'default', chosenBy: 'none' },
  {
    what: 'POD_NAMESPACE outside of a pod',
    env: { POD_NAMESPACE: 'said' },
    namespace: 'default',
    chosenBy: 'none',
  },
  { what: 'an invalid kubeconfig', kubeconfig: '{', pod: 'own', namespace: 'default', chosenBy: 'none' },
];

for (const { what, kubeconfig, context, pod, env, namespace, chosenBy } of CASES)
  test(`the namespace is that of ${what}`, (t) => {
    const folder = scratch(t);
    const account = join(folder, 'account');
    mkdirSync(account);
    if (pod !== undefined) writeFileSync(join(account, 'token'), 't');
    if (pod !== undefined && pod !== '') writeFileSync(join(account, 'namespace'), pod);
    if (kubeconfig !== undefined) writeFileSync(join(folder, 'config'), kubeconfig);
    const options = connectOptions({
      env: {
        HOME: folder,
        ...(kubeconfig !== undefined && { KUBECONFIG: join(folder, 'config') }),
        ...(pod !== undefined && IN_POD),
        ...env,
      },
      ...(context !== undefined && { context }),
    });
    assert.deepEqual(kubectlNamespace(options, account), { namespace, chosenBy });
  });
