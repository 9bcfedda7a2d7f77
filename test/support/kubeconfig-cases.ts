import { TEST_CERTIFICATE, TEST_KEY } from './connecting.ts';

/** Kubeconfigs for a comparison with kubectl. `$HTTP` and `$HTTPS` become the addresses of two test servers. */
export interface KubeconfigCase {
  readonly name: string;
  /** Files by name; `KUBECONFIG` names them in this order. */
  readonly files: Readonly<Record<string, string>>;
  /** Replaces all files. */
  readonly env?: string;
  readonly context?: string;
}

const BASE64 = (text: string): string => Buffer.from(text).toString('base64');
const CA = BASE64(TEST_CERTIFICATE);
const KEY = BASE64(TEST_KEY);

const SECURE = `server: $HTTPS, certificate-authority-data: ${CA}`;
const CLUSTER = SECURE;

/** One context `x` with cluster `c` and user `u`. */
function config(cluster: string, user: string, context = 'cluster: c, user: u'): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{name: c, cluster: {${cluster}}}]`,
    `users: [{name: u, user: {${user}}}]`,
    `contexts: [{name: x, context: {${context}}}]`,
    'current-context: x',
    '',
  ].join('\n');
}

const GOOD = config(CLUSTER, 'token: good');

function user(name: string, fields: string): KubeconfigCase {
  return { name, files: { a: config(CLUSTER, fields) } };
}

function cluster(name: string, fields: string): KubeconfigCase {
  return { name, files: { a: config(fields, 'token: good') } };
}

function text(name: string, content: string): KubeconfigCase {
  return { name, files: { a: content } };
}

const WRITINGS: readonly KubeconfigCase[] = [
  text('plain', GOOD),
  text('an empty file', ''),
  text('only comments', '# nothing\n---\n'),
  text('a list', '- a\n'),
  text('bad YAML', 'a: *b\n'),
  text('a second document', `${GOOD}---\ncurrent-context: other\n`),
  text('a second document that is broken', `${GOOD}---\na: [\n`),
  text('an empty first document', `---\n---\n${GOOD}`),
  text('a duplicate key', `${GOOD}current-context: x\n`),
  text('a duplicate key with another value', `current-context: gone\n${GOOD}`),
  text('a duplicate token', GOOD.replace('token: good', 'token: first, token: second')),
  text(
    'a merge key',
    GOOD.replace(
      'users: [{name: u, user: {token: good}}]',
      'base: &b {token: merged}\nusers: [{name: u, user: {<<: *b}}]',
    ),
  ),
  text('a merge key for the CA', `base: &b {${SECURE}}\n${config('<<: *b', 'token: good')}`),
  text(
    'JSON',
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: '$HTTP' } }],
      contexts: [{ name: 'x', context: { cluster: 'c' } }],
      'current-context': 'x',
    }),
  ),
  text('no apiVersion and kind', GOOD.replace('apiVersion: v1\nkind: Config\n', '')),
  text('another kind', GOOD.replace('kind: Config', 'kind: Secret')),
  text('another apiVersion', GOOD.replace('apiVersion: v1', 'apiVersion: v2')),
  text('unknown fields', `${GOOD}more: {a: b}\npreferences: {}\n`),
  text('a byte order mark', `\uFEFF${GOOD}`),
  text('Windows line ends', GOOD.replaceAll('\n', '\r\n')),
  text('two users of one name', GOOD.replace('users: [', 'users: [{name: u, user: {token: first}}, ')),
  text('users null', GOOD.replace(/^users: .*$/m, 'users: null').replace(', user: u', '')),
  text('users as a mapping', GOOD.replace(/^users: .*$/m, 'users: {u: {token: good}}')),
  text('a name that is a number', GOOD.replaceAll('name: u', 'name: 7').replace('user: u', 'user: 7')),
  text('a current-context that is a number', GOOD.replace('current-context: x', 'current-context: 7')),
  text('a cluster of null', GOOD.replace(/cluster: \{.*\}\}\]/, 'cluster: null}]')),
];

const CONTEXTS: readonly KubeconfigCase[] = [
  text('a context without a user', config(CLUSTER, 'token: good', 'cluster: c')),
  text('a context with an empty user', config(CLUSTER, 'token: good', 'cluster: c, user: ""')),
  text('a context with a user that is not there', config(CLUSTER, 'token: good', 'cluster: c, user: gone')),
  text(
    'a context with a cluster that is not there',
    config(CLUSTER, 'token: good', 'cluster: gone, user: u'),
  ),
  text('a context without a cluster', config(CLUSTER, 'token: good', 'user: u')),
  text('a context with a namespace', config(CLUSTER, 'token: good', 'cluster: c, user: u, namespace: team')),
  text('no current-context', GOOD.replace('current-context: x', '')),
  text('a current-context that is not there', GOOD.replace('current-context: x', 'current-context: gone')),
  { ...text('a context that is asked for', GOOD.replace('current-context: x', '')), context: 'x' },
  { ...text('an unknown context that is asked for', GOOD), context: 'gone' },
];

const FILES: readonly KubeconfigCase[] = [
  { name: 'an empty file before a good one', files: { empty: '', good: GOOD } },
  { name: 'a missing file before a good one', files: { good: GOOD }, env: '$DIR/gone:$DIR/good' },
  { name: 'only a missing file', files: {}, env: '$DIR/gone' },
  { name: 'a broken file before a good one', files: { broken: 'a: *b\n', good: GOOD } },
  { name: 'a broken file after a good one', files: { good: GOOD, broken: 'a: *b\n' } },
  { name: 'the same file twice', files: { good: GOOD }, env: '$DIR/good:$DIR/good' },
  { name: 'a directory before a good file', files: { good: GOOD }, env: '$DIR:$DIR/good' },
  {
    name: 'two files with one user, the first counts',
    files: { a: GOOD, b: config(CLUSTER, 'token: second') },
  },
  {
    name: 'two files, fields of one user in both',
    files: { a: config(CLUSTER, 'as: jane'), b: config(CLUSTER, 'token: second') },
  },
  {
    name: 'two files, fields of one cluster in both',
    files: {
      a: config('insecure-skip-tls-verify: true', 'token: good'),
      b: config('server: $HTTPS', 'token: good'),
    },
  },
  {
    name: 'two files, fields of one context in both',
    files: { a: config(CLUSTER, 'token: good', 'cluster: c, namespace: team'), b: GOOD },
  },
  {
    name: 'two files, the first current-context counts',
    files: { a: 'current-context: x\n', b: GOOD.replace('current-context: x', 'current-context: gone') },
  },
  {
    name: 'two files, false in the first and true in the second',
    files: {
      a: config('server: $HTTPS, insecure-skip-tls-verify: false', 'token: good'),
      b: config('server: $HTTPS, insecure-skip-tls-verify: true', 'token: good'),
    },
  },
];

const CLUSTERS: readonly KubeconfigCase[] = [
  cluster('a CA as data', SECURE),
  cluster('a CA of null', 'server: $HTTPS, insecure-skip-tls-verify: true, certificate-authority-data: null'),
  {
    name: 'a CA as a file beside it',
    files: {
      a: config('server: $HTTPS, certificate-authority: ca.crt', 'token: good'),
      'ca.crt': TEST_CERTIFICATE,
    },
    env: '$DIR/a',
  },
  cluster('a CA file that is not there', 'server: $HTTPS, certificate-authority: gone.crt'),
  {
    name: 'a CA as data and as a file',
    files: {
      a: config(`${SECURE}, certificate-authority: ca.crt`, 'token: good'),
      'ca.crt': TEST_CERTIFICATE,
    },
    env: '$DIR/a',
  },
  cluster('a CA without PEM', `server: $HTTPS, certificate-authority-data: ${BASE64('nothing')}`),
  cluster('a CA that is not base64', 'server: $HTTPS, certificate-authority-data: "!!"'),
  cluster('a CA and insecure-skip-tls-verify', `${SECURE}, insecure-skip-tls-verify: true`),
  cluster('insecure-skip-tls-verify', 'server: $HTTPS, insecure-skip-tls-verify: true'),
  cluster('insecure-skip-tls-verify: yes', 'server: $HTTPS, insecure-skip-tls-verify: yes'),
  cluster('insecure-skip-tls-verify: "true"', 'server: $HTTPS, insecure-skip-tls-verify: "true"'),
  cluster('insecure-skip-tls-verify: 1', 'server: $HTTPS, insecure-skip-tls-verify: 1'),
  cluster('no CA for a certificate of its own', 'server: $HTTPS'),
  cluster('tls-server-name', `${SECURE}, tls-server-name: api.test`),
  cluster('a wrong tls-server-name', `${SECURE}, tls-server-name: other.test`),
  cluster('no server', 'insecure-skip-tls-verify: true'),
  cluster('a server with a path', 'server: $HTTPS/k8s/c-1/, insecure-skip-tls-verify: true'),
  cluster('a token over plain HTTP', 'server: $HTTP'),
  cluster('a proxy of an unknown scheme', `${CLUSTER}, proxy-url: "ftp://p:1"`),
  cluster('a proxy without a scheme', `${CLUSTER}, proxy-url: "p:1"`),
];

const USERS: readonly KubeconfigCase[] = [
  user('no credentials', ''),
  user('a user name and password', 'username: me, password: pass'),
  user('a user name without a password', 'username: me'),
  user('a token and a password', 'token: good, username: me, password: pass'),
  user('a token that is a number', 'token: 123'),
  user('a token that is a date', 'token: 2020-01-01'),
  user('a token of null', 'token: null'),
  user('a token file that is not there', 'tokenFile: /gone/token'),
  user('a token file that is not there, and a token', 'tokenFile: /gone/token, token: good'),
  {
    name: 'a token file beside it',
    files: { a: config(CLUSTER, 'tokenFile: token, token: inline'), token: 'filed\n' },
    env: '$DIR/a',
  },
  {
    name: 'an empty token file',
    files: { a: config(CLUSTER, 'tokenFile: token'), token: '' },
    env: '$DIR/a',
  },
  {
    name: 'an empty token file and a token',
    files: { a: config(CLUSTER, 'tokenFile: token, token: inline'), token: '' },
    env: '$DIR/a',
  },
  user('a certificate with its key', `client-certificate-data: ${CA}, client-key-data: ${KEY}`),
  user('a certificate without a key', `client-certificate-data: ${CA}`),
  user('a key without a certificate', `client-key-data: ${KEY}`),
  user('a certificate without PEM', `client-certificate-data: ${BASE64('no')}, client-key-data: ${KEY}`),
  user(
    'impersonation',
    'token: good, as: jane, as-groups: [devs, ops], as-uid: "7", as-user-extra: {a: [x]}',
  ),
  user('groups to impersonate without a user', 'token: good, as-groups: [devs]'),
  user(
    'a plugin',
    'exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /bin/sh, args: [\'-c\', \'echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"plugged\\"}}"\']}',
  ),
  user(
    'a plugin and a token',
    'token: good, exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /bin/false}',
  ),
  user(
    'a plugin without interactiveMode',
    'exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/true}',
  ),
  user('a plugin without apiVersion', 'exec: {command: /bin/true}'),
  user(
    'a plugin of v1alpha1',
    'exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: /bin/true}',
  ),
  user(
    'a plugin without command',
    'exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}',
  ),
  user(
    'a plugin that must be interactive',
    'exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: /bin/true}',
  ),
  user(
    'a plugin that prints nothing',
    'exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: /bin/true}',
  ),
  user(
    'a plugin that fails',
    'exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: /bin/false}',
  ),
  user(
    'a plugin that reads stdin',
    'exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: /bin/sh, args: [\'-c\', \'cat; echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1beta1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"plugged\\"}}"\']}',
  ),
  user('an unknown auth provider', 'auth-provider: {name: gcp}'),
];

/** Every case. Each name occurs once. */
export const KUBECONFIG_CASES: readonly KubeconfigCase[] = [
  ...WRITINGS,
  ...CONTEXTS,
  ...FILES,
  ...CLUSTERS,
  ...USERS,
];
