import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/*
 * Runs what `npm run demo` runs after the build. Each step checks what it shows. This test checks that all steps are
 * there, and that the output comes from the program and the cluster.
 */

const DEMO = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'demo.js');

const TITLES = [
  'A ConfigMap',
  'Annotate it',
  'A new namespace',
  'Fix the typo',
  'A selector',
  'Label the namespace',
  'Ask why',
  'Namespaces by name',
  'Only some keys',
  'Restrict the source namespace',
  'Remove the annotation',
  'Delete the namespace',
  'Another cluster',
  'Ask for copies there',
  'Fix the typo again',
  'Remove one context',
  'Delete the source',
];

const COMMANDS = [
  '$ kubectl annotate configmap omni kubed.appscode.com/sync="" -n demo',
  '$ kubectl create namespace other',
  '$ kubed-sync reconcile --dry-run',
  '$ kubectl annotate configmap omni kubed.appscode.com/sync="app=kubed" -n demo \\\n    --overwrite',
  '$ kubectl label namespace other app=kubed',
  '$ kubed-sync explain configmap/demo/omni',
  '$ kubectl annotate configmap omni kubed.appscode.com/sync-namespaces="!kube-*" \\\n    -n demo',
  '$ kubectl annotate configmap omni kubed.appscode.com/sync-keys="you" -n demo',
  '$ kubed-sync reconcile --source-namespace demo',
  '$ kubectl annotate configmap omni kubed.appscode.com/sync- -n demo',
  '$ kubectl delete namespace demo',
  '$ kubectl --context context-1 create namespace demo-cluster-2',
  '$ kubectl config get-contexts --kubeconfig clusters.yaml',
  '$ kubectl annotate configmap omni \\\n    kubed.appscode.com/sync-contexts="context-1,context-2" -n demo',
  '$ kubed-sync reconcile --source-namespace demo \\\n    --remote-kubeconfig=clusters.yaml --remote-allow=insecure',
  '$ kubectl annotate configmap omni kubed.appscode.com/sync-contexts="context-1" \\\n    -n demo --overwrite',
  '$ kubectl delete configmap omni -n demo',
];

interface Step {
  readonly title: string;
  readonly text: string;
}

async function play(env: NodeJS.ProcessEnv): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [DEMO], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

function stepsOf(text: string): readonly Step[] {
  const parts = text.split(/^\d+\. (.*)$/mu).slice(1);
  return parts.flatMap((title, index) => (index % 2 === 0 ? [{ title, text: parts[index + 1] ?? '' }] : []));
}

/** The namespaces of the last table in a step. */
function tableOf({ text }: Step): readonly string[] {
  const [, last = ''] = text.split(
    /.*\$ kubectl (?:--context context-1 )?get configmaps -A \| grep omni\n/su,
  );
  const [table = ''] = last.split('\n\n');
  return [...table.matchAll(/^(\S+) +omni +2 +\d+s$/gmu)].map(([, namespace = '']) => namespace);
}

test('the demo runs the guide, and each step is as expected', async () => {
  const { code, out, err } = await play({ KUBED_SYNC_KIND: 'secret', KUBECONFIG: '/nonexistent' });
  assert.deepEqual([code, err], [0, ''], out + err);
  const steps = stepsOf(out);
  assert.deepEqual(
    steps.map(({ title }) => title),
    TITLES,
  );
  let from = 0;
  for (const command of COMMANDS) {
    const at = out.indexOf(`\n${command}\n`, from);
    assert.notEqual(at, -1, command);
    from = at;
  }
  assert.deepEqual(steps.map(tableOf), [
    ['demo'],
    ['default', 'demo', 'kube-node-lease', 'kube-public', 'kube-system'],
    ['default', 'demo', 'kube-node-lease', 'kube-public', 'kube-system', 'other'],
    ['default', 'demo', 'kube-node-lease', 'kube-public', 'kube-system', 'other'],
    ['demo'],
    ['demo', 'other'],
    [],
    ['default', 'demo', 'other'],
    ['demo', 'other'],
    ['demo', 'other'],
    ['demo'],
    [],
    [],
    ['demo-cluster-2', 'demo'],
    ['demo-cluster-2', 'demo'],
    ['demo'],
    [],
  ]);
  assert.match(out, /is a simulated API server/u);
  assert.match(
    out,
    /no copy {5}in 4 namespaces: .* \(not selected: no label app, the selector wants kubed\)/u,
  );
  assert.match(out, /created {2}ConfigMap demo\/omni in other/u);
  assert.ok(!out.includes('\u001B'), 'no color without a terminal');
});
