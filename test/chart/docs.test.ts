import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { CommandName } from '../../src/cli/options/command-line.ts';
import { optionsOf } from '../../src/cli/options/spec.ts';
import { version } from '../../src/cli/version.ts';
import { CHART } from '../support/helm.ts';
import { CONTEXT_SEVERITIES } from '../../src/model/context-finding.ts';
import { SKIP_REASONS } from '../../src/report/text/change-lines.ts';
import { failureMessage } from '../../src/report/messages/failure-message.ts';
import type { Failure, FailureReason } from '../../src/model/failure.ts';
import { groupBy } from '../../src/util/group-by.ts';
import { values, valuesTable } from '../support/helm-values.ts';
import type { Json } from '../support/manifests.ts';
import { ROOT } from '../support/program.ts';

const README = join(CHART, 'README.md');
const TROUBLESHOOTING = join(ROOT, 'docs/troubleshooting.md');
const TABLE = /(?<=<!-- values -->\n)[^]*(?=\n<!-- end of values -->)/;

function read(...path: readonly string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const pages: readonly string[] = [
  ...docs.map((name) => join(ROOT, 'docs', name)),
  join(ROOT, 'README.md'),
  join(ROOT, 'CONTRIBUTING.md'),
  README,
];

test('chart, image and program have the same version', () => {
  const chart: Json = load(read('charts/kubed-sync/Chart.yaml'));
  assert.deepEqual([chart.version, chart.appVersion], [version(), version()]);
});

test('every value has a comment', () => {
  assert.deepEqual(
    values()
      .filter(({ about }) => about === '')
      .map(({ path }) => path),
    [],
  );
});

test('the README of the chart has the values of values.yaml; UPDATE_GOLDEN=1 writes them', () => {
  const text = readFileSync(README, 'utf8');
  if (process.env['UPDATE_GOLDEN'] === '1')
    writeFileSync(
      README,
      text.replace(TABLE, () => valuesTable()),
    );
  assert.equal(TABLE.exec(readFileSync(README, 'utf8'))?.[0], valuesTable());
});

test('the schema has every value of values.yaml, and no others', () => {
  const schema: Json = JSON.parse(read('charts/kubed-sync/values.schema.json'));
  const leaves = (node: Json, path: string): readonly string[] =>
    node.properties === undefined
      ? [path]
      : Object.entries(node.properties).flatMap(([key, one]) =>
          leaves(one, path === '' ? key : `${path}.${key}`),
        );
  // An umbrella chart sets these two. The templates do not read them.
  const known = leaves(schema, '').filter((path) => !['global', 'enabled'].includes(path));
  assert.deepEqual(
    known.toSorted(),
    values()
      .map(({ path }) => path)
      .toSorted(),
  );
});

test('every value that the documentation sets is in values.yaml', () => {
  const known = values().map(({ path }) => path);
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    for (const [, set = ''] of text.matchAll(/--set(?:-string)? '?([^\s'`]+)/g)) {
      for (const [, path = ''] of set.matchAll(/(?:^|,)([A-Za-z][A-Za-z.]*)=/g))
        assert.ok(
          known.includes(path) || known.some((one) => path.startsWith(`${one}.`)),
          `${page}: ${path}`,
        );
    }
  }
});

/** Texts from which a user copies commands. */
const commands = [...pages, join(CHART, 'templates/NOTES.txt')].map(
  (page) => [page, readFileSync(page, 'utf8').replaceAll('\\\n', ' ')] as const,
);

test('the documentation recommends a number for maxPrune, because a percentage of few copies allows no delete', () => {
  const proposed = commands.flatMap(([page, text]) =>
    [...text.matchAll(/maxPrune=([^\s,`]+)/g)].map(([, limit]) => [page, limit]),
  );
  assert.ok(proposed.length > 4);
  for (const [page, limit] of proposed) assert.match(limit ?? '', /^\d+$/, page);
});

test('every command that installs the chart sets an image', () => {
  const installs = commands.flatMap(([page, text]) =>
    [...text.matchAll(/^ *helm (?:install|upgrade --install) kubed-sync .*$/gm)].map(([line]) => [
      page,
      line,
    ]),
  );
  assert.ok(installs.length > 3);
  for (const [page, line] of installs)
    assert.match(line ?? '', /image\.repository=registry\.example\.com\/kubed-sync /, page);
});

test('every link between the pages has a target', () => {
  for (const page of pages) {
    for (const [, to = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file = '', anchor] = to.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      assert.ok(existsSync(target), `${page}: ${to}`);
      if (anchor !== undefined) assert.ok(anchorsOf(target).has(anchor), `${page}: ${to}`);
    }
  }
});

function anchorsOf(page: string): ReadonlySet<string> {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(headings, ([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('troubleshooting.md has every finding and every exit code', () => {
  const source = read('src/model/finding.ts') + read('src/model/context-finding.ts');
  const reasons = [...source.matchAll(/readonly reason: '([a-z-]+)'/g)].map(([, reason = '']) => reason);
  const anchors = anchorsOf(TROUBLESHOOTING);
  assert.ok(reasons.length > 35);
  for (const reason of reasons) assert.ok(anchors.has(reason), reason);
  for (const code of ['0', '1', '2', '3', '130 and 143'])
    assert.ok(anchors.has(`exit-code-${code.replaceAll(' ', '-')}`), code);
});

/** A failure with this reason, with `…` for names. Most of them end a list of Secrets. */
function sample(reason: FailureReason): Failure {
  const failure = { reason, message: '…', subject: '…' };
  const secrets = { resource: 'secrets', namespace: '…', name: '…' } as const;
  const list = { verb: 'list', resource: 'secrets' } as const;
  switch (reason) {
    case 'no-kubeconfig':
    case 'bad-kubeconfig':
    case 'unknown-context':
    case 'no-credentials':
      return failure;
    case 'forbidden':
      return { ...failure, message: 'User "…" cannot …', attempt: list };
    case 'conflict':
    case 'already-exists':
      return { ...failure, status: 409, attempt: { verb: 'create', ...secrets } };
    case 'not-found':
      return { ...failure, status: 404, attempt: { verb: 'patch', ...secrets } };
    case 'too-large':
      return { ...failure, status: 413, attempt: { verb: 'create', ...secrets } };
    case 'status':
      return { ...failure, status: 500, attempt: list };
    default:
      return { ...failure, attempt: list };
  }
}

/**
 * What a user reads about a failure. A namespace that is terminating or gone is not a failure, so its copies are
 * skipped.
 */
function printedFor(reason: FailureReason): string {
  if (reason === 'namespace-terminating' || reason === 'namespace-gone')
    return `skipped … ${SKIP_REASONS[reason]}`;
  return failureMessage(sample(reason));
}

test('troubleshooting.md has every failure with its printed message; UPDATE_GOLDEN=1 writes them', () => {
  const [union = ''] = /export type FailureReason =[^;]*;/.exec(read('src/model/failure.ts')) ?? [];
  const reasons = Array.from(union.matchAll(/\| '([a-z-]+)'/g), ([, reason]) => reason as FailureReason);
  assert.ok(reasons.length > 15);
  for (const reason of reasons) {
    const row = new RegExp(`(?<=^\\| \`${reason}\` \\| ).*?(?= \\| .{20,} \\|$)`, 'm');
    const text = readFileSync(TROUBLESHOOTING, 'utf8');
    assert.match(text, row, `troubleshooting.md has no row for ${reason}`);
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(
        TROUBLESHOOTING,
        text.replace(row, () => printedFor(reason)),
      );
    assert.equal(row.exec(readFileSync(TROUBLESHOOTING, 'utf8'))?.[0], printedFor(reason), reason);
  }
});

test('the guide to other clusters has every finding about them, with its severities', () => {
  const rows = [
    ...read('docs/clusters.md').matchAll(/^\| `([a-z-]+)` \| ((?:error|warning|note)[^|]*) \|/gm),
  ];
  const found = rows.map(([, reason = '', words = '']) => [reason, words.match(/error|warning|note/g)]);
  assert.deepEqual(Object.fromEntries(found), CONTEXT_SEVERITIES);
});

test('the usage errors in troubleshooting.md are the messages that the program prints', () => {
  const source = readdirSync(join(ROOT, 'src/cli/options'))
    .map((name) => read('src/cli/options', name))
    .join();
  const [, table = ''] =
    /\| usage error \|[^\n]*\n([^]*?)\n\n/.exec(readFileSync(TROUBLESHOOTING, 'utf8')) ?? [];
  const quotes = Array.from(table.matchAll(/^\| (`[^|]*`) \|/gm), ([, cell = '']) =>
    cell.split('`, `'),
  ).flat();
  assert.ok(quotes.length > 25);
  for (const quote of quotes)
    for (const words of quote.replaceAll('`', '').split('…'))
      assert.ok(source.includes(words.trim()), `${quote}: "${words}" is not in src/cli/options`);
});

test('the README has every option of reconcile', () => {
  const table = read('README.md');
  const names = optionsOf('reconcile').filter(([, { hidden }]) => hidden?.includes('reconcile') !== true);
  assert.ok(names.length > 30);
  for (const [name, { short }] of names)
    assert.ok(
      table.includes(`--${name}`) || (short !== undefined && table.includes(`\`-${short}\``)),
      `--${name}`,
    );
});

test('no page runs a package from a registry before it is published', () => {
  for (const [page, text] of commands)
    assert.doesNotMatch(text, /npx (?:--yes )?kubed-sync|npm install -g kubed-sync/, page);
});

test('the guides to the source code name files and functions that exist', () => {
  const names = /\| `(?:src\/)?([a-z0-9/-]+\.ts)` \|(?: ((?:`\w+`(?:, )?)+) \|)?/g;
  const rows = [read('docs/architecture.md'), read('CONTRIBUTING.md')].flatMap((page) => [
    ...page.matchAll(names),
  ]);
  assert.ok(rows.length > 30);
  for (const [, file = '', functions = ''] of rows) {
    const source = read('src', file);
    for (const [, name = ''] of functions.matchAll(/`(\w+)`/g))
      assert.match(source, new RegExp(`\\b${name}\\b`), `${file}: ${name}`);
  }
});

test('every option in the documentation exists', () => {
  const kubedSync = /kubed-sync (reconcile|purge|render)\b((?:[^\n`|]|\\\n)*)/g;
  for (const page of pages) {
    for (const [, command = '', line = ''] of readFileSync(page, 'utf8').matchAll(kubedSync)) {
      const known = new Set(optionsOf(command as CommandName).map(([name]) => name));
      for (const [, name = ''] of line.matchAll(/ --([a-z-]+)/g))
        assert.ok(known.has(name), `${page}: ${command} --${name}`);
    }
  }
});

test('the files that answer the questions of newcomers do it in their first ten lines', () => {
  const rows = read('CONTRIBUTING.md').matchAll(/^\| ([A-Z].*\?) \| `(src\/[^`]+)` \|$/gm);
  const answers = [...rows].map(([, question = '', file = '']) => ({ question, file }));
  assert.equal(answers.length, 7);
  for (const { question, file } of answers) {
    assert.ok(existsSync(join(ROOT, file)), file);
    const start = read(file).split('\n').slice(0, 10).join('\n');
    const comment = /^\/\*\n.*?\*\//s.exec(start)?.[0] ?? '';
    const plain = (text: string): string => text.replaceAll('`', '').replaceAll(/\s+\*?\s*/g, ' ');
    assert.ok(plain(comment).includes(plain(question)), `${file} does not answer "${question}"`);
    assert.ok(comment.includes('Example: '), `${file} has no example`);
  }
});

test('file names in src are unique, and a folder has at most 15 files', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = files.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, place) => names.indexOf(name) < place),
    [],
  );
  const folders = groupBy(files, ({ parentPath }) => parentPath);
  for (const [folder, inside] of folders) assert.ok(inside.length <= 15, `${folder}: ${inside.length}`);
});
