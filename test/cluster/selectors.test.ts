import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/* Which namespaces an annotation selects: the full grammar of label selectors of Kubernetes. */

const NAMESPACES: Readonly<Record<string, Record<string, string>>> = {
  none: {},
  red: { team: 'red', size: '3' },
  blue: { team: 'blue', size: '12', tier: 'web' },
  empty: { team: '' },
};

/** A selector, and the namespaces of the four above that it selects. */
const SELECTORS: readonly (readonly [selector: string, selected: string])[] = [
  ['', 'blue empty none red'],
  ['true', 'blue empty none red'],
  ['team', 'blue empty red'],
  ['!team', 'none'],
  ['team=red', 'red'],
  ['team==red', 'red'],
  ['team = red , size', 'red'],
  ['team=', 'empty'],
  ['team!=red', 'blue empty none'],
  ['team!=', 'blue none red'],
  ['team in (red,blue)', 'blue red'],
  ['team in (red, )', 'empty red'],
  ['team in ()', 'empty'],
  ['team notin (red)', 'blue empty none'],
  ['team notin (red,blue),team', 'empty'],
  ['size>3', 'blue'],
  ['size<12', 'red'],
  ['size>2,size<13,!tier', 'red'],
  ['kubernetes.io/metadata.name', 'blue empty none red'],
];

test('every operator selects the namespaces that Kubernetes selects', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  for (const [name, labels] of Object.entries(NAMESPACES)) await cluster.namespace(name, labels);
  for (const [each, [selector]] of SELECTORS.entries())
    await cluster.source(`ConfigMap/src/s-${each}`, {}, selector);
  const { report, findings, code } = await cluster.reconcile();
  assert.deepEqual([findings, code], [[], 0]);
  for (const [each, [selector, selected]] of SELECTORS.entries()) {
    const mine = report.changes.filter(({ name }: Json) => name === `s-${each}`);
    const namespaces = mine.map(({ namespace }: Json) => namespace.replace(`${cluster.prefix}-`, ''));
    assert.equal(namespaces.join(' '), selected, selector);
  }
  await cluster.isQuiet();
});

test('Kubernetes itself selects the same', async () => {
  await using cluster = await TestCluster.open();
  for (const [name, labels] of Object.entries(NAMESPACES)) await cluster.namespace(name, labels);
  for (const [selector, selected] of SELECTORS.filter(([text]) => text !== 'true')) {
    const { items } = await cluster.must(
      'GET',
      `/api/v1/namespaces?labelSelector=${encodeURIComponent(selector)}`,
    );
    const names = (items ?? [])
      .map(({ metadata }: Json) => metadata.name)
      .filter((name: string) => name.startsWith(cluster.prefix));
    assert.equal(
      names.map((name: string) => name.slice(cluster.prefix.length + 1)).join(' '),
      selected,
      selector,
    );
  }
});

/** A selector, its finding, and whether that makes the run fail. */
const REMARKS: readonly (readonly [selector: string, reasons: string, code: number])[] = [
  ['false', 'no-namespace-selected suspicious-selector', 0],
  ['yes', 'no-namespace-selected suspicious-selector', 0],
  ['no', 'no-namespace-selected suspicious-selector', 0],
  ['True', 'no-namespace-selected suspicious-selector', 0],
  ['nosuch=label', 'no-namespace-selected', 0],
  ['!team', '', 0],
  ['“team”=red', 'invalid-selector suspicious-selector', 1],
  ['team=red;tier=web', 'invalid-selector', 1],
  ['team in red', 'invalid-selector', 1],
  ['size>big', 'invalid-selector', 1],
  ['-team', 'invalid-selector', 1],
  ['team=-red', 'invalid-selector', 1],
  [',', 'invalid-selector', 1],
];

test('findings report selectors that look wrong, select nothing, or are invalid', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src', { team: 'source' });
  await cluster.namespace('none');
  await cluster.source('ConfigMap/src/omni', {}, '!team');
  await cluster.heals(['create ConfigMap/none/omni missing done']);
  for (const [selector, reasons, code] of REMARKS) {
    await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': selector });
    const ran = await cluster.reconcile('--dry-run');
    assert.deepEqual([ran.findings.join(' '), ran.code], [reasons, code], selector);
    if (code === 1) assert.deepEqual(ran.changes, [], selector);
    if (code === 1)
      assert.match(
        ran.report.findings.find(({ reason }: Json) => reason === 'invalid-selector').message,
        /omni/u,
      );
  }
});
