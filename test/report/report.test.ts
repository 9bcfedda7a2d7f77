import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../src/model/failure.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Report } from '../../src/model/run-report.ts';
import { findingHint } from '../../src/report/messages/finding-hint.ts';
import { findingMessage } from '../../src/report/messages/finding-message.ts';
import { failureMessage } from '../../src/report/messages/failure-message.ts';
import { renderJson } from '../../src/report/json/json-report.ts';
import {
  joinFirst,
  countOf,
  joinWithOr,
  formatCount,
  inNamespaces,
} from '../../src/report/strings/names-and-counts.ts';
import { colorsFor } from '../../src/report/text/colors.ts';
import { renderText } from '../../src/report/text/text-report.ts';
import { sanitizeLine, sanitize } from '../../src/report/strings/sanitize.ts';
import { removeNameMarks } from '../../src/report/strings/name-marks.ts';
import { renderYaml } from '../../src/report/json/yaml-report.ts';
import { narrowingFindings } from '../golden/narrowing-reports.ts';
import { EVERYTHING, ALL_FINDINGS } from '../golden/reports.ts';
import { eventMessage } from '../../src/report/messages/event-message.ts';
import { logLine, reportEntries } from '../../src/report/json/log-lines.ts';
import { renderComplaints } from '../../src/report/text/text-report.ts';
import { renderMarkdown } from '../../src/report/markdown/markdown-report.ts';
import { summaryLine } from '../../src/report/text/summary-line.ts';
import { assertReport } from '../support/schema.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const wild = fc.string({ unit: 'binary', maxLength: 40 });
const plain = { verbose: true, colorize: colorsFor(0) };

test('sanitize removes every control character and changes nothing else', () => {
  fc.assert(
    fc.property(wild, (text) => {
      assert.doesNotMatch(sanitize(text), CONTROL);
      assert.equal(sanitize(sanitize(text)), sanitize(text));
      if (!CONTROL.test(text)) assert.equal(sanitize(text), text);
    }),
  );
  assert.equal(sanitize('a\u001b[31m\u202e\u{e0001}\ud800é✓'), 'a\\u001b[31m\\u202e\\udb40\\udc01\\ud800é✓');
  assert.equal(sanitizeLine('no:\r\n  not\ttoday'), 'no: not\\u0009today');
});

/** A report in which every text from outside has control characters. */
function wildReport(text: string): Report {
  const name = { kind: 'ConfigMap', namespace: text, name: text } as const;
  const origin = { namespace: text, name: text };
  const change = { action: 'create', ...name, origin, reason: 'missing' } as const;
  const fields = [{ part: 'data', key: text, op: 'add' }] as const;
  const findings: readonly Finding[] = [
    { reason: 'suspicious-selector', ...name, selector: text, why: 'quotes' },
    { reason: 'source-not-copyable', ...name, why: { code: 'type', type: text } },
    { reason: 'no-remote-kubeconfig', ...name, contexts: text },
    { reason: 'changed-by-admission', ...name, fields },
    { reason: 'unknown-key', ...name, keys: [{ part: 'annotation', key: text }] },
    {
      reason: 'suspicious-key',
      kind: 'Secret',
      part: 'label',
      key: text,
      objects: [{ namespace: text, name: text }],
    },
    { reason: 'suspicious-ignore', value: text, namespaces: [text] },
    ...narrowingFindings(text),
  ];
  const guard = { uid: text, resourceVersion: text };
  return {
    ...EVERYTHING,
    changes: [
      { change, outcome: { outcome: 'failed', message: text } },
      {
        change: { ...change, action: 'update', reason: 'edited', fields, editors: [text], guard },
        outcome: { outcome: 'done' },
      },
    ],
    findings,
  };
}

/** Findings of 10,000 objects, each with a key of its own. */
function manyKeys(): readonly Finding[] {
  return Array.from({ length: 10_000 }, (_, at): readonly Finding[] => {
    const key = `kubed.appscode.com/k${at}`;
    const object = { namespace: 'a', name: `s${at}` };
    return [
      { reason: 'unknown-key', kind: 'Secret', ...object, keys: [{ part: 'annotation', key }] },
      { reason: 'suspicious-key', kind: 'Secret', part: 'annotation', key, objects: [object] },
      {
        reason: 'copy-with-sync-annotation',
        kind: 'Secret',
        ...object,
        origin: { namespace: 'b', name: 'x' },
      },
      { reason: 'suspicious-ignore', value: `${at}`, namespaces: [`n${at}`] },
    ];
  }).flat();
}

test('many findings whose hints differ in names only are a few lines, with one hint for each reason', () => {
  const text = renderText({ ...EVERYTHING, changes: [], findings: manyKeys() }, { ...plain, verbose: false });
  assert.ok(text.split('\n').length < 40, text);
  assert.match(text, /-> Remove it: kubectl annotate secret NAME -n NAMESPACE KEY-/u);
  assert.match(text, /kubectl annotate namespace NAMESPACE kubed\.appscode\.com\/ignore=true --overwrite/u);
  assert.match(text, /and 9,995 more like these/u);
});

test('one finding has a hint that can be run as it is', () => {
  const [unknown] = manyKeys();
  assert.ok(unknown);
  const text = renderText({ ...EVERYTHING, changes: [], findings: [unknown] }, plain);
  assert.match(text, /-> Remove it: kubectl annotate secret s0 -n a kubed\.appscode\.com\/k0-/u);
});

test('a name or key that a shell would not read as one word is not repeated in a command', () => {
  for (const word of ['$(reboot)', 'a b', '-x', '', 'a;b', '`x`', "a'b", 'a\nb', '*']) {
    const hint = findingHint({
      reason: 'unknown-key',
      kind: 'Secret',
      namespace: word,
      name: word,
      keys: [{ part: 'annotation', key: word }],
    });
    assert.equal(removeNameMarks(hint), 'Remove it: kubectl annotate secret … -n … …-');
  }
});

test('messages about keys have at most 25 words', () => {
  for (const finding of ALL_FINDINGS)
    if (
      /^(?:unknown|suspicious)-(?:key|ignore)$/u.test(finding.reason) &&
      !('objects' in finding && finding.objects.length > 1)
    )
      assert.ok(findingMessage(finding).split(' ').length <= 25, findingMessage(finding));
});

test('no report contains a control character, and JSON can be read back', () => {
  fc.assert(
    fc.property(wild, (text) => {
      const report = wildReport(text);
      for (const rendered of [renderText(report, plain), renderJson(report), renderYaml(report)]) {
        assert.doesNotMatch(rendered.replaceAll('\n', ''), CONTROL);
      }
      assert.equal(JSON.parse(renderJson(report)).changes[0].namespace, text);
    }),
  );
});

test('a line break cannot forge a row of the text', () => {
  const lines = renderText(wildReport('x\nfailed     everything'), plain).split('\n');
  assert.equal(lines.filter((line) => line.startsWith('failed')).length, 1);
});

test('extra fields of a finding or change are not in the document', () => {
  const object = { data: { password: 'hunter2' }, annotations: { a: 'hunter2' }, content: 'hunter2' };
  const findings = ALL_FINDINGS.map((finding) => ({ ...finding, ...object }));
  const changes = EVERYTHING.changes.map(({ change, outcome }) => ({
    change: { ...change, ...object },
    outcome,
  }));
  const report = { ...EVERYTHING, findings, changes };
  for (const text of [renderJson(report), renderYaml(report), renderText(report, plain)]) {
    assert.doesNotMatch(text, /hunter2/);
  }
});

test('lists and counts are written in words', () => {
  assert.equal(formatCount(999), '999');
  assert.equal(formatCount(1_234_567), '1,234,567');
  assert.equal(countOf(1, 'copy', 'copies'), '1 copy');
  assert.equal(countOf(0, 'copy', 'copies'), '0 copies');
  assert.equal(joinFirst(['a', 'b', 'c'], 2), 'a, b, c');
  assert.equal(joinFirst(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
  assert.equal(removeNameMarks(inNamespaces(['a'], 3)), 'in a');
  const five = inNamespaces(['a', 'b', 'c', 'd', 'e'], 3);
  assert.equal(removeNameMarks(five), 'in 5 namespaces: a, b, c, …');
  assert.equal(
    removeNameMarks(inNamespaces(['a', 'b', 'c', 'd', 'kube-system', 'x', 'y'], 3)),
    'in 7 namespaces: a, b, c, kube-system, …',
  );
  assert.equal(
    removeNameMarks(inNamespaces(['a', 'b', 'c', 'd', 'kube-system'], 3)),
    'in 5 namespaces: a, b, c, d, kube-system',
  );
  assert.equal(
    removeNameMarks(inNamespaces(['kube-public', 'a', 'b', 'c', 'd'], 3)),
    'in 5 namespaces: kube-public, a, b, …',
  );
  assert.equal(joinWithOr(['a']), 'a');
  assert.equal(joinWithOr(['a', 'b', 'c']), 'a, b or c');
});

const OBJECT = { kind: 'ConfigMap', namespace: 'demo', name: 'omni' } as const;
const PLACE = { file: 'a.yaml', line: 3 };

/** With all that a report of manifests can have. */
const OF_MANIFESTS: Report = {
  ...EVERYTHING,
  dryRun: true,
  serverDryRun: true,
  findings: [
    ...ALL_FINDINGS,
    {
      reason: 'no-namespace-selected',
      ...OBJECT,
      selector: 'app-dev',
      guess: { meant: 'selector', selector: 'kubernetes.io/metadata.name in (app-dev)' },
    },
  ],
  manifests: {
    problems: [{ at: PLACE, object: 'ConfigMap demo/omni', issue: { code: 'bad-key', field: 'data.a b' } }],
    warnings: [{ at: PLACE, issue: { code: 'null-value', field: 'data.x', part: 'others', selects: false } }],
    makers: [{ at: PLACE, object: 'Certificate a/b' }],
    ignored: new Map(),
    placed: { namespace: 'team', chosenBy: 'context', objects: 2, sources: [OBJECT], excluded: [OBJECT] },
  },
  unchecked: [
    { reason: 'namespace', changes: 3, namespaces: ['new-a', 'new-b'] },
    { reason: 'copy', changes: 1, namespaces: ['a'] },
    { reason: 'values', changes: 1, namespaces: ['a'] },
  ],
};

test('the marks of names are in no output', () => {
  const outputs = [
    ...[true, false].map((verbose) => renderText(OF_MANIFESTS, { ...plain, verbose })),
    renderComplaints(OF_MANIFESTS, plain),
    renderJson(OF_MANIFESTS),
    renderYaml(OF_MANIFESTS),
    renderMarkdown(OF_MANIFESTS),
    summaryLine(OF_MANIFESTS),
    ...reportEntries(OF_MANIFESTS).map((entry) => logLine('', entry)),
    eventMessage({
      reason: 'Conflict',
      findings: ALL_FINDINGS.filter(({ reason }) => reason === 'conflict'),
    } as never),
  ];
  for (const output of outputs) assert.doesNotMatch(output, /[\uFDD0\uFDD1]|\\ufdd[01]/i);
});

test('what the API server was not asked about, and what an author meant, is in every format', () => {
  const document = JSON.parse(renderJson(OF_MANIFESTS));
  assertReport(document);
  assert.deepEqual(document.manifests.unchecked, OF_MANIFESTS.unchecked);
  assert.equal(document.findings.at(-1).meant, 'kubernetes.io/metadata.name in (app-dev)');
  const says =
    'The API server was not asked about 3 changes in 2 namespaces: new-a, new-b (only the manifests declare the namespace).';
  assert.ok(renderText(OF_MANIFESTS, plain).includes(says));
  assert.ok(renderMarkdown(OF_MANIFESTS).includes(says.replace('new-a, new-b', '`new-a`, `new-b`')));
  assert.ok(reportEntries(OF_MANIFESTS).some(({ msg }) => removeNameMarks(msg) === says));
  const meant = 'You may have meant: kubed.appscode.com/sync: "kubernetes.io/metadata.name in (app-dev)"';
  assert.ok(renderText(OF_MANIFESTS, plain).includes(meant));
});

test('a report can have changes in 150,000 namespaces', () => {
  const [first] = EVERYTHING.changes;
  assert.ok(first);
  const changes = Array.from({ length: 150_000 }, (_, at) => ({
    ...first,
    change: { ...first.change, namespace: `n${at}` },
  }));
  const report = { ...EVERYTHING, changes };
  assert.match(renderText(report, { ...plain, verbose: false }), / in 150,000 namespaces: n0, n1, n2, …/);
});

const LIST = { verb: 'list', resource: 'secrets' } as const;
const SERVER = 'https://10.0.0.1:6443';

/** Each failure with its line. */
const FAILURES: readonly [Failure, string][] = [
  [
    {
      reason: 'forbidden',
      status: 403,
      attempt: LIST,
      message:
        'secrets is forbidden: User "system:serviceaccount:ops:kubed-sync" cannot list resource "secrets" in API group "" at the cluster scope',
    },
    'system:serviceaccount:ops:kubed-sync is not allowed to list secrets in all namespaces. Grant the verb list on secrets in all namespaces, or limit the run with --namespace.',
  ],
  [
    {
      reason: 'forbidden',
      status: 403,
      attempt: { verb: 'get', resource: 'configmaps', namespace: 'demo', name: 'omni' },
      message: 'no',
    },
    'Not allowed to get configmap demo/omni: no. Grant the verb get on configmaps.',
  ],
  [
    { reason: 'forbidden', status: 403, attempt: { ...LIST, namespace: 'team-a' }, message: 'no' },
    'Not allowed to list secrets in team-a: no. Grant the verb list on secrets with a Role in namespace team-a. Check that the namespace exists.',
  ],
  [
    {
      reason: 'forbidden',
      status: 403,
      attempt: { verb: 'get', resource: 'namespaces', name: 'team-a' },
      message: 'namespaces "team-a" is forbidden: User "robot" cannot get resource "namespaces"',
    },
    'robot is not allowed to get namespace team-a. Grant the verb get on namespaces with a Role in namespace team-a. Check that the namespace exists.',
  ],
  [
    { reason: 'unreachable', attempt: LIST, subject: SERVER, message: 'connection refused' },
    `Cannot list secrets in all namespaces: the API server ${SERVER} cannot be reached: connection refused. Check the address in the kubeconfig and the network, and check that the cluster is running.`,
  ],
  [
    { reason: 'bad-certificate', subject: SERVER, message: 'self-signed certificate' },
    `The certificate of the API server ${SERVER} is not accepted: self-signed certificate. Set certificate-authority of the cluster in the kubeconfig to the CA that signed it. Without that setting, NODE_EXTRA_CA_CERTS adds CAs.`,
  ],
  [
    { reason: 'unauthorized', status: 401, subject: SERVER, message: 'Unauthorized' },
    `The API server ${SERVER} does not accept the credentials: Unauthorized. They may have expired, or be from another cluster: log in again.`,
  ],
  [
    { reason: 'unknown-context', subject: 'east', message: 'there are west, north' },
    'The kubeconfig has no usable context "east": there are west, north. List the contexts with `kubectl config get-contexts`, and choose one with --context.',
  ],
  [
    { reason: 'no-kubeconfig', subject: '/x', message: 'the file does not exist' },
    'No kubeconfig at /x: the file does not exist. Use --kubeconfig FILE, or set KUBECONFIG.',
  ],
  [
    { reason: 'bad-kubeconfig', subject: '/x', message: 'it is empty' },
    'Kubeconfig /x: it is empty. Correct the file, or use another one with --kubeconfig FILE.',
  ],
  [
    { reason: 'no-credentials', subject: 'east', message: 'aws: exit code 1' },
    'No credentials for context east: aws: exit code 1. Log in again, or check the command that the kubeconfig runs.',
  ],
  [
    {
      reason: 'status',
      status: 500,
      attempt: { verb: 'list', resource: 'namespaces' },
      message: 'etcdserver: \u001b[2Jno leader',
    },
    'Cannot list namespaces: etcdserver: \\u001b[2Jno leader (HTTP 500). Run again.',
  ],
];

for (const [failure, line] of FAILURES) {
  test(`failure ${failure.reason}: ${failure.message.slice(0, 30)}`, () =>
    assert.equal(failureMessage(failure), line));
}

const OTHERS: readonly Failure['reason'][] = [
  'timed-out',
  'client-certificate-refused',
  'tls-failed',
  'proxy-failed',
  'anonymous',
  'connection-lost',
  'not-found',
  'conflict',
  'already-exists',
  'namespace-terminating',
  'namespace-gone',
  'malformed-answer',
  'implausible-list',
  'stopped',
];
for (const reason of OTHERS) {
  test(`failure ${reason} is one line with a hint`, () => {
    assert.match(failureMessage({ reason, message: 'why', subject: SERVER }), /why.*\. [A-Z].*\.$/i);
  });
}
