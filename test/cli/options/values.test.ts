import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colorLevel } from '../../../src/cli/output.ts';
import {
  parseClusterName,
  parseConcurrency,
  parseDryRun,
  parseDuration,
  parseGlob,
  parseKind,
  parseMaxPrune,
  parseNamespace,
  parseOnConflict,
  parseOutput,
  parseRequestTimeout,
  parseShard,
  parseStrip,
  parseSwitch,
} from '../../../src/cli/options/values.ts';
import { UsageError } from '../../../src/cli/options/usage-error.ts';

type Parser = (text: string) => unknown;

function accepts(name: string, parse: Parser, table: Readonly<Record<string, unknown>>): void {
  for (const [text, value] of Object.entries(table)) {
    test(`${name} accepts ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), value));
  }
}

function rejects(name: string, parse: Parser, texts: readonly string[]): void {
  for (const text of texts) {
    test(`${name} rejects ${JSON.stringify(text)}`, () => assert.throws(() => parse(text), UsageError));
  }
}

accepts('a duration', parseDuration, {
  '0': 0,
  '0s': 0,
  '5s': 5000,
  '1m30s': 90_000,
  '500ms': 500,
  '1h': 3_600_000,
  '1.5h': 5_400_000,
  '.5s': 500,
  '1.s': 1000,
  '1h1m1s1ms': 3_661_001,
  '1ns': 1,
  '10us': 1,
  '2500µs': 3,
  '596h': 2_145_600_000,
});
rejects('a duration', parseDuration, [
  '',
  '5',
  '5 s',
  's',
  '-5s',
  '+5s',
  '1d',
  '1m 30s',
  '5S',
  '.s',
  '1e3s',
  '597h',
  '٣s',
]);
accepts('a request time-out', parseRequestTimeout, { '0': 0, '60': 60_000, '5s': 5000 });
rejects('a request time-out', parseRequestTimeout, ['-1', '1.5', 'x']);

const L63 = 'a'.repeat(63);
accepts('a glob', parseGlob, {
  '*': '*',
  'team-*': 'team-*',
  '?': '?',
  '*-prod': '*-prod',
  [L63]: L63,
  [`*${L63}*`]: `*${L63}*`,
});
rejects('a glob', parseGlob, [
  '',
  'Team-*',
  'team_*',
  '[ab]',
  '{a,b}',
  '-a',
  'a-',
  'a.b',
  'a/b',
  `${L63}a`,
  `${L63}?`,
  ' a',
  'a*\n',
]);
accepts('a namespace', parseNamespace, { demo: 'demo', 'a-b': 'a-b', '1': '1', [L63]: L63 });
rejects('a namespace', parseNamespace, ['', '*', 'Demo', 'a_b', '-a', 'a-', 'a.b', `${L63}a`, 'a,b', 'a\n']);
accepts('a cluster name', parseClusterName, {
  '': '',
  'k1.k8s.mylabs.dev': 'k1.k8s.mylabs.dev',
  A_b: 'A_b',
  [L63]: L63,
});
rejects('a cluster name', parseClusterName, ['-a', 'a-', 'a b', 'ä', `${L63}a`, 'a/b']);
accepts(
  '--strip',
  parseStrip,
  Object.fromEntries(
    ['a', 'a.b/c', 'a.b/*', 'olm.*', 'argocd.argoproj.io/hook*', 'a*'].map((one) => [one, one]),
  ),
);
rejects('--strip', parseStrip, [
  '',
  '*',
  '**',
  'a**',
  '/a',
  'a/',
  'a/b/c',
  'a/b/*',
  '-a',
  'A.b/c',
  '*a',
  'a b',
  '/*',
  `${L63}a`,
]);
accepts('--shard', (text) => parseShard(text, {}), {
  '0/1': { index: 0, count: 1 },
  '0/3': { index: 0, count: 3 },
  '999/1000': { index: 999, count: 1000 },
});
rejects('--shard', (text) => parseShard(text, { JOB_COMPLETION_INDEX: '-1' }), [
  '',
  '1',
  '/',
  '1/',
  '/3',
  '3/3',
  '1/1',
  '-1/3',
  '0/0',
  '0/1001',
  '0/99999999999999999999',
  '99999999999999999999/3',
  '0.5/3',
  '0 / 3',
  ' 0/3',
  '0/3\n',
  '1/3/5',
  'auto',
  'auto/',
  'auto/3',
  'AUTO/3',
  '٣/4',
]);
accepts('--max-prune', parseMaxPrune, {
  '0': { count: 0 },
  '20': { count: 20 },
  '0%': { percent: 0 },
  '100%': { percent: 100 },
});
rejects('--max-prune', parseMaxPrune, [
  '',
  '-1',
  '1.5',
  '101%',
  '%',
  '10 %',
  'x',
  '99999999999999999999',
  '1e3',
]);
accepts('--concurrency', parseConcurrency, { '1': 1, '16': 16, '1000': 1000 });
rejects('--concurrency', parseConcurrency, ['', '0', '-1', '1001', '1.5', 'x']);
accepts('--kind', parseKind, {
  configmap: 'ConfigMap',
  ConfigMaps: 'ConfigMap',
  cm: 'ConfigMap',
  SECRET: 'Secret',
  secrets: 'Secret',
});
rejects('--kind', parseKind, ['', 'pod', 'configmap,secret']);
accepts('--output', parseOutput, { text: 'text', json: 'json', yaml: 'yaml', markdown: 'markdown' });
rejects('--output', parseOutput, ['', 'html', 'JSON']);
accepts('--on-conflict', parseOnConflict, {
  fail: 'fail',
  skip: 'skip',
  adopt: 'adopt',
  'adopt-mirrors': 'adopt-mirrors',
});
rejects('--on-conflict', parseOnConflict, ['', 'overwrite']);
accepts('--dry-run', parseDryRun, {
  client: 'client',
  server: 'server',
  none: 'none',
  true: 'client',
  '1': 'client',
  FALSE: 'none',
  '0': 'none',
});
rejects('--dry-run', parseDryRun, ['', 'yes', 'Server', '2']);
accepts('a switch', parseSwitch, { true: true, TRUE: true, '1': true, false: false, '0': false });
rejects('a switch', parseSwitch, ['yes', 'no', '2', '']);

const COLOURS: readonly [string, Parameters<typeof colorLevel>, 0 | 1][] = [
  ['a terminal', ['auto', {}, true], 1],
  ['a pipe', ['auto', {}, false], 0],
  ['NO_COLOR', ['auto', { NO_COLOR: '1' }, true], 0],
  ['an empty NO_COLOR', ['auto', { NO_COLOR: '' }, true], 1],
  ['FORCE_COLOR', ['auto', { FORCE_COLOR: '1' }, false], 1],
  ['FORCE_COLOR=0', ['auto', { FORCE_COLOR: '0' }, true], 0],
  ['both', ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true], 0],
  ['a dumb terminal', ['auto', { TERM: 'dumb' }, true], 0],
  ['always', ['always', { NO_COLOR: '1' }, false], 1],
  ['never', ['never', { FORCE_COLOR: '1' }, true], 0],
];
for (const [name, args, level] of COLOURS) {
  test(`colour: ${name}`, () => assert.equal(colorLevel(...args), level));
}
