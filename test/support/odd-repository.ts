import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/*
 * A repository with every oddity that real repositories have: a preview must read what kubectl reads, and name the rest.
 */

/** What must be in no output: the values of its Secrets. */
export const ODD_SECRETS: readonly string[] = ['hunter2', 'aHVudGVyMg=='];

const SYNC = 'annotations: {kubed.appscode.com/sync: ""}';

const FILES: Readonly<Record<string, string | Buffer>> = {
  'README.md': '# Clusters\n',
  '.github/workflows/ci.yaml': 'on: push\njobs: {}\n',
  'namespaces.yaml': ['prod', 'dev', 'kube-system'].map(namespaceManifest).join('---\n'),
  'platform/ca.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: platform, ${SYNC}}\ndata: {ca.crt: x}\n`,
  'platform/list.yaml': `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: regcred\n    namespace: platform\n    annotations: {kubed.appscode.com/sync: env=prod}\n  stringData: {password: hunter2}\n`,
  'platform/two.json': `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","namespace":"platform","annotations":{"kubed.appscode.com/sync":"env in (prod)"}}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"two","namespace":"platform"}}\n`,
  'platform/utf16.yaml': Buffer.from(
    `\uFEFFapiVersion: v1\nkind: ConfigMap\nmetadata: {name: wide, namespace: platform, ${SYNC}}\n`,
    'utf16le',
  ),
  'platform/names.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: names\n  namespace: platform\n  annotations: {kubed.appscode.com/sync: "prod,dev"}\n`,
  'platform/misspelt.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: misspelt\n  namespace: platform\n  annotations: {kubed.appscode.com/sync: "", kubed.appscode.com/sync-context: a}\n`,
  'platform/nothing.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nothing\n  namespace: platform\n  annotations:\n    kubed.appscode.com/sync:\n`,
  'platform/typo.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: typo, namespace: platform}\nstringdata: {password: hunter2}\n`,
  'platform/shifted.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: shifted, namespace: platform}\nstringData:\n  password:\nhunter2: x\n`,
  'platform/twice.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice, namespace: platform}\ndata: {a: x}\ndata: {a: y}\n`,
  'platform/nowhere.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nowhere, ${SYNC}}\n`,
  'platform/sops.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: sops, namespace: platform, ${SYNC}}\nstringData: {password: "ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:2=,type:str]"}\nsops: {version: 3.9.0}\n`,
  'platform/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken\n',
  'platform/certificate.yaml': `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: wild, namespace: platform}\nspec: {secretTemplate: {${SYNC}}}\n`,
  'chart/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'chart/values.yaml': 'image: app\n',
  'chart/templates/config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  ${SYNC}\n`,
  'overlay/kustomization.yaml': `resources: [../platform]\nconfigMapGenerator:\n- name: made\n  options: {${SYNC}}\n`,
};

function namespaceManifest(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {env: ${name}}}\n`;
}

/** Writes the repository into a new folder. Dispose of it after the test. */
export function oddRepository(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-odd-'));
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync('gone.yaml', join(folder, 'platform/dangling.yaml'));
  symlinkSync('..', join(folder, 'platform/loop'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
