import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import type { Body, StringMap } from '../../src/model/objects.ts';
import type { Change } from '../../src/model/change.ts';
import type { Settings } from '../../src/model/settings.ts';
import type { Outcome, Report } from '../../src/model/run-report.ts';
import { ValuePreview } from '../../src/plan/preview/preview-values.ts';
import { renderJson } from '../../src/report/json/json-report.ts';
import { renderMarkdown } from '../../src/report/markdown/markdown-report.ts';
import { colorsFor } from '../../src/report/text/colors.ts';
import { renderComplaints, renderText } from '../../src/report/text/text-report.ts';
import { renderYaml } from '../../src/report/json/yaml-report.ts';
import { cluster, narrowing, reconciled } from '../support/clusters.ts';
import { assertReport } from '../support/schema.ts';
import { type World, planOf, settingsWith, sha256, worldOf } from '../support/world.ts';

/* No output of any format at any verbosity contains a value of a Secret, or a form of it that identifies it. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };

/**
 * Gives every object its own values after a run, so that no copy has the content of its source. Those of Secrets are
 * base64 that occurs nowhere else.
 */
function drifted(world: World): World {
  const objects = [...reconciled(world).objects.values()].map((object): Body => {
    const ownValue = (value: string): string => `${object.kind}-${object.namespace}-${value}-hush`;
    const encoded = (value: string): string => Buffer.from(ownValue(value)).toString('base64');
    const data = mapped(object.content.data, object.kind === 'Secret' ? encoded : ownValue);
    return { ...object, content: { ...object.content, data } };
  });
  return worldOf(world.namespaces, objects);
}

function mapped(map: StringMap, change: (value: string) => string): StringMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** Random options of a run that reads every copy, so it finds all differences. */
const verifying = narrowing.map((options) => settingsWith({ ...options, verify: true }));

/** The forms of a value that must not appear: itself, encoded or digested, all of it or an identifying part. */
function formsOf(base64: string): readonly string[] {
  const bytes = Buffer.from(base64, 'base64');
  const digests = [sha256(bytes.toString()), sha256(base64)];
  return [
    bytes.toString(),
    base64,
    base64.slice(0, 12),
    bytes.toString('hex'),
    ...digests.flatMap((digest) => [
      digest,
      digest.slice(0, 16),
      Buffer.from(digest, 'hex').toString('base64'),
    ]),
  ];
}

const OUTCOMES: readonly Outcome[] = [
  { outcome: 'planned' },
  { outcome: 'done' },
  { outcome: 'failed', message: 'no', status: 403 },
  { outcome: 'skipped', why: 'interrupted' },
];

function* reportsOf(world: World, settings: Settings): Generator<Report> {
  for (const preview of [undefined, new ValuePreview(), new ValuePreview(4)]) {
    const plan = planOf(world, settings, preview);
    for (const outcome of OUTCOMES) {
      const carried = plan.changes.map((change: Change) => ({ change, outcome }));
      const { findings } = plan;
      const requests = { list: 3, get: 0, create: 0, patch: 0, delete: 0 };
      yield {
        dryRun: outcome.outcome === 'planned',
        clusterName: '',
        plan,
        changes: carried,
        findings,
        requests,
      };
    }
  }
}

function* outputsOf(report: Report): Generator<string> {
  yield JSON.stringify(report);
  yield renderJson(report);
  yield renderYaml(report);
  yield renderMarkdown(report);
  for (const verbose of [false, true]) {
    const looks = { verbose, colorize: colorsFor(0), width: 80 };
    yield renderText(report, looks);
    yield renderComplaints(report, looks);
  }
}

test('no output contains a value of a Secret', () => {
  fc.assert(
    fc.property(cluster, verifying, (random, settings) => {
      const world = drifted(random);
      const secrets = [...world.objects.values()].filter(({ kind }) => kind === 'Secret');
      const values = new Set(secrets.flatMap(({ content }) => Object.values(content.data)));
      const forms = [...values].flatMap(formsOf);
      for (const report of reportsOf(world, settings)) {
        assertReport(JSON.parse(renderJson(report)));
        for (const output of outputsOf(report))
          for (const form of forms) assert.ok(!output.includes(form), `${form} in:\n${output}`);
      }
    }),
    RUNS,
  );
});

test('JSON and YAML contain no value of a ConfigMap either', () => {
  fc.assert(
    fc.property(cluster, verifying, (world, settings) => {
      for (const report of reportsOf(drifted(world), settings))
        for (const output of [renderJson(report), renderYaml(report)]) assert.doesNotMatch(output, /VaLuE/);
    }),
    RUNS,
  );
});

test('the clusters of these tests have values to show', () => {
  const kinds = fc
    .sample(fc.tuple(cluster, verifying), { numRuns: 2000, seed: 1 })
    .flatMap(([world, settings]) =>
      planOf(drifted(world), settings, new ValuePreview()).changes.flatMap((change) =>
        'values' in change && change.values ? [change.kind] : [],
      ),
    );
  for (const kind of ['ConfigMap', 'Secret'])
    assert.ok(kinds.filter((one) => one === kind).length > 5, `${kinds.length}`);
});

test('a preview with values has the same decisions', () => {
  fc.assert(
    fc.property(cluster, verifying, (random, settings) => {
      const world = drifted(random);
      const shown = planOf(world, settings, new ValuePreview());
      const bare = shown.changes.map((change) => {
        if (!('values' in change)) return change;
        const { values: _, ...rest } = change;
        return rest;
      });
      assert.deepEqual({ ...shown, changes: bare }, planOf(world, settings));
    }),
    RUNS,
  );
});
