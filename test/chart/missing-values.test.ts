import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { IMAGE, json, set } from '../support/chart-values.ts';
import { CHART, type Helm, helms } from '../support/helm.ts';
import { type Value, values } from '../support/helm-values.ts';
import { manifestsOf, tidy, typeProblems } from '../support/manifests.ts';
import { temporaryFolder, umbrella } from '../support/umbrella.ts';

/*
 * Values that are null or missing. Helm passes both to the templates. A null comes from `--set`, or from a key without
 * a value. A value is missing if `helm upgrade --reuse-values` uses the values of an older chart.
 */

/** Keys that must not be null, and what the message must contain. */
const NEEDED: Readonly<Record<string, RegExp>> = {
  image: /image\.repository is empty/,
  'image.repository': /image\.repository is empty/,
  cronJob: /cronJob\.schedule is empty/,
  'cronJob.schedule': /cronJob\.schedule is empty/,
};

/**
 * Keys for which null means something else than the default. All other keys render the same with null as with their
 * default.
 */
const TAKEN_AWAY: ReadonlySet<string> = new Set([
  'config',
  'config.concurrency',
  'config.requestTimeout',
  'verify',
  'verify.schedule',
  'verify.timeoutSeconds',
  'verify.activeDeadlineSeconds',
  'cronJob.startingDeadlineSeconds',
  'cronJob.successfulJobsHistoryLimit',
  'cronJob.failedJobsHistoryLimit',
  'job',
  'job.timeoutSeconds',
  'job.activeDeadlineSeconds',
  'resources',
  'podSecurityContext',
  'securityContext',
  'terminationGracePeriodSeconds',
]);

/** Every key of values.yaml: sections and the keys in them. */
const KEYS: readonly string[] = [
  ...new Set(values().flatMap(({ path }) => [path.split('.')[0] ?? path, path])),
];

/** Empty values of the same type as the default. */
function empty({ default: value }: Value): unknown {
  if (typeof value === 'string') return '';
  if (Array.isArray(value)) return [];
  return typeof value === 'object' && value !== null ? {} : null;
}

/** A tree of values from paths like `cronJob.schedule`. */
function tree(entries: readonly (readonly [string, unknown])[]): object {
  const root: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const [section = '', key] = path.split('.');
    if (key === undefined) root[section] = value;
    else root[section] = { ...(root[section] as object | undefined), [key]: value };
  }
  return root;
}

/**
 * Renders the chart once for each of the values, with one call of helm. Returns the lines of each, with one name for
 * all.
 */
function renderEach(
  helm: Helm,
  context: TestContext,
  cases: readonly object[],
  chart?: string,
): readonly (readonly string[])[] {
  const aliases = cases.map((_, index) => `case${String(index).padStart(3, '0')}`);
  const folder = umbrella(
    context,
    aliases.map((alias) => ({ alias })),
    {},
    chart,
  );
  const file = join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(Object.fromEntries(aliases.map((alias, at) => [alias, cases[at]]))));
  const { code, stdout, stderr } = helm.run('template', 'apps', folder, '-f', file);
  assert.equal(code, 0, stderr);
  const documents = tidy(stdout).split(/^---\n/m);
  return aliases.map((alias) => {
    const own = documents.filter((document) => document.includes(`charts/${alias}/`)).join('---\n');
    assert.deepEqual(manifestsOf(own).flatMap(typeProblems), []);
    return own.replaceAll(alias, 'kubed-sync').split('\n');
  });
}

/** A chart like this one with an empty values.yaml. */
function bareChart(context: TestContext): string {
  const folder = temporaryFolder(context);
  cpSync(CHART, folder, { recursive: true });
  writeFileSync(join(folder, 'values.yaml'), '');
  return folder;
}

const image = ['image.repository', IMAGE] as const;
const schedule = ['cronJob.schedule', '@daily'] as const;

for (const helm of helms()) {
  const options = { skip: helm.skip };

  test(`helm ${helm.major}: each key of values.yaml may be null`, options, (context) => {
    const keys = KEYS.filter((key) => !(key in NEEDED));
    const cases = keys.map((key) => tree([image, [key, null]]));
    const [usual = [], ...each] = renderEach(helm, context, [tree([image]), ...cases]);
    assert.equal(each.length, keys.length);
    for (const [at, lines] of each.entries()) {
      const key = keys[at] ?? '';
      if (!TAKEN_AWAY.has(key)) assert.deepEqual(lines, usual, key);
      else assert.ok(lines.length < usual.length, `${key} takes nothing away`);
      for (const line of lines) assert.ok(usual.includes(line), `${key} adds: ${line}`);
    }
  });

  for (const [key, message] of Object.entries(NEEDED)) {
    test(`helm ${helm.major}: if ${key} is null, one message says what it needs`, options, () => {
      const { code, stderr } = helm.run(
        'template',
        'apps',
        CHART,
        ...(key.startsWith('cron') ? set(`image.repository=${IMAGE}`) : []),
        ...json(key, null),
      );
      assert.notEqual(code, 0, key);
      assert.match(stderr, message);
      assert.equal(stderr.match(/Error:/g)?.length, 1, stderr);
    });
  }

  test(
    `helm ${helm.major}: a chart whose values.yaml lacks every key renders, with null and with empty values`,
    options,
    (context) => {
      const others = values().filter(({ path }) => !(path in NEEDED));
      const cases = [
        ...others.map((value): [string, unknown] => [value.path, empty(value)]),
        ...KEYS.filter((key) => !(key in NEEDED)).map((key): [string, unknown] => [key, null]),
      ];
      const given = [[], ...cases.map((one) => [one])];
      const [usual, ...each] = renderEach(
        helm,
        context,
        given.map((one) => tree([image, schedule, ...one])),
        bareChart(context),
      );
      for (const [at, lines] of each.entries()) assert.deepEqual(lines, usual, JSON.stringify(cases[at]));
    },
  );

  test(`helm ${helm.major}: a null in a map removes its key`, options, (context) => {
    const nulls = {
      cronJob: { schedule: '@daily', annotations: { gone: null, note: 'a' } },
      image: { repository: IMAGE },
      resources: { limits: { memory: null, cpu: '1' } },
      nodeSelector: { gone: null, 'node-role.kubernetes.io/worker': '' },
      podSecurityContext: { runAsUser: null, runAsNonRoot: true },
      commonLabels: { gone: null, team: 'a' },
    };
    const [lines = []] = renderEach(helm, context, [nulls], bareChart(context));
    const text = lines.join('\n');
    assert.doesNotMatch(text, /gone|null|memory|runAsUser/);
    assert.match(text, /node-role\.kubernetes\.io\/worker: ""/);
    assert.match(text, /cpu: "1"/);
  });
}
