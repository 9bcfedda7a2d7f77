import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { type CommandName, optionsOf } from '../../src/cli/options/spec.ts';
import { version } from '../../src/cli/version.ts';
import { CHART } from '../support/helm.ts';
import { values, valuesTable } from '../support/helm-values.ts';
import type { Json } from '../support/manifests.ts';
import { ROOT } from '../support/program.ts';

const README = join(CHART, 'README.md');
const TABLE = /(?<=<!-- values -->\n)[^]*(?=\n<!-- end of values -->)/;

function read(...path: readonly string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const pages: readonly string[] = [...docs.map((name) => join(ROOT, 'docs', name)), README];

test('chart, image and program have one version', () => {
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
  // An umbrella chart sets these two. The templates read neither.
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

/** Texts that a user copies commands from. */
const commands = [...pages, join(ROOT, 'README.md'), join(CHART, 'templates/NOTES.txt')].map(
  (page) => [page, readFileSync(page, 'utf8').replaceAll('\\\n', ' ')] as const,
);

test('the documentation proposes a number for maxPrune, because a percentage of few copies refuses every removal', () => {
  const proposed = commands.flatMap(([page, text]) =>
    [...text.matchAll(/maxPrune=([^\s,`]+)/g)].map(([, limit]) => [page, limit]),
  );
  assert.ok(proposed.length > 4);
  for (const [page, limit] of proposed) assert.match(limit ?? '', /^\d+$/, page);
});

test('every command that installs the chart sets an image of the reader', () => {
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
  const reasons = [...read('src/model/finding.ts').matchAll(/readonly reason: '([a-z-]+)'/g)].map(
    ([, reason = '']) => reason,
  );
  const anchors = anchorsOf(join(ROOT, 'docs/troubleshooting.md'));
  assert.ok(reasons.length > 15);
  for (const reason of reasons) assert.ok(anchors.has(reason), reason);
  for (const code of ['0', '1', '2', '3', '130 and 143'])
    assert.ok(anchors.has(`exit-code-${code.replaceAll(' ', '-')}`), code);
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
