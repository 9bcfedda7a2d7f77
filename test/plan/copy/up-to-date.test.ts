import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isUpToDate } from '../../../src/plan/copy/up-to-date.ts';
import { desired, desiredFromMetadata } from '../../../src/plan/copy/desired.ts';
import { writeFields } from '../../../src/plan/annotations/markers.ts';
import type { Body, StringMap } from '../../../src/model/objects.ts';
import type { Settings } from '../../../src/model/settings.ts';
import {
  changed,
  copyOf,
  entry,
  oldCopyOf,
  ourEntry,
  secret,
  settings,
  tree,
  treeOf,
} from '../../support/build.ts';

const markOf =
  ({ sha256 }: Settings) =>
  (content: readonly string[]): string =>
    writeFields(content, sha256);

const source = secret('demo/omni', {
  uid: 'u-1',
  resourceVersion: '42',
  data: { a: 'MQ==', b: 'Mg==' },
  labels: { app: 'omni' },
  annotations: { note: 'n' },
});
const copy = copyOf(source, 'team-a');
const labels = (more: StringMap): Body => changed(copy, { labels: { ...copy.labels, ...more } });
const annotations = (more: StringMap): Body =>
  changed(copy, { annotations: { ...copy.annotations, ...more } });
const { app: _, ...withoutApp } = copy.labels;
const { 'kubed.appscode.com/fields': __, ...withoutFields } = copy.annotations;
const also = (fields: string, operation = 'Update'): Body =>
  changed(copy, { managedFields: [...copy.managedFields, entry('x', tree(fields), { operation })] });
const ours = (content: object): Body =>
  changed(copy, { managedFields: [ourEntry({ ...treeOf(copy), ...content })] });

const rows: readonly {
  readonly name: string;
  readonly copy: Body;
  readonly source?: Body;
  readonly settings?: Settings;
  readonly current: boolean;
}[] = [
  { name: 'as we wrote it', copy, current: true },
  { name: 'its content is not compared', copy: changed(copy, { data: {} }), current: true },
  {
    name: 'the source has another resourceVersion',
    source: changed(source, { resourceVersion: '43' }),
    copy,
    current: false,
  },
  { name: 'the source has another uid', source: changed(source, { uid: 'u-9' }), copy, current: false },
  { name: 'a wanted label missing', copy: changed(copy, { labels: withoutApp }), current: false },
  { name: 'a wanted label changed', copy: labels({ app: '' }), current: false },
  { name: 'a label of another manager', copy: labels({ theirs: 'x' }), current: true },
  { name: 'a wanted annotation changed', copy: annotations({ note: '' }), current: false },
  { name: 'an annotation of another manager', copy: annotations({ theirs: 'x' }), current: true },
  { name: 'another cluster name', copy, settings: settings({ clusterName: 'x' }), current: false },
  {
    name: 'our label, no longer wanted',
    copy,
    settings: settings({ strip: ['app'] }),
    current: false,
  },
  {
    name: 'our annotation, no longer wanted',
    copy,
    settings: settings({ strip: ['note'] }),
    current: false,
  },
  {
    name: 'our label, no longer wanted and removed',
    copy: changed(copy, { labels: withoutApp }),
    settings: settings({ strip: ['app'] }),
    current: true,
  },
  { name: 'the fields mark missing', copy: changed(copy, { annotations: withoutFields }), current: false },
  {
    name: 'the fields mark changed',
    copy: annotations({ 'kubed.appscode.com/fields': 'x' }),
    current: false,
  },
  { name: 'a field that another manager owns', copy: ours({ 'f:data': { 'f:a': {} } }), current: false },
  { name: 'a field too many', copy: ours({ 'f:data': { 'f:a': {}, 'f:b': {}, 'f:c': {} } }), current: false },
  {
    name: 'a field that another manager owns too',
    copy: also('{"f:data":{"f:a":{}}}', 'Apply'),
    current: false,
  },
  { name: 'a different field of another manager', copy: also('{"f:data":{"f:z":{}}}'), current: false },
  {
    name: 'metadata of another manager',
    copy: also('{"f:metadata":{"f:labels":{"f:app":{}}}}'),
    current: true,
  },
  { name: 'stringData applied', copy: also('{"f:stringData":{"f:a":{}}}', 'Apply'), current: false },
  { name: 'nothing tracked', copy: changed(copy, { managedFields: [] }), current: false },
  { name: 'a copy of the old operator', copy: oldCopyOf(source, 'team-a'), current: false },
];

suite('up to date by metadata alone', () => {
  for (const { name, copy: there, source: from = source, settings: options = settings(), current } of rows) {
    test(`${name}: ${current}`, () =>
      assert.equal(isUpToDate(there, desiredFromMetadata(from, options), markOf(options)), current));
  }

  test('an empty copy that we wrote is up to date', () => {
    const empty = secret('demo/omni');
    assert.ok(
      isUpToDate(copyOf(empty, 'team-a'), desiredFromMetadata(empty, settings()), markOf(settings())),
    );
  });
});

test('metadata has all labels and annotations of a copy, except the mark fields', () => {
  const { labels: all, annotations: known } = desiredFromMetadata(source, settings());
  assert.deepEqual(all, copy.labels);
  assert.deepEqual(known, withoutFields);
  assert.deepEqual(desired(source, settings()), { labels: copy.labels, annotations: copy.annotations });
});

suite('managedFields with more names than a call can have arguments', () => {
  for (const count of [126_000, 150_000]) {
    const keys = Array.from({ length: count }, (_, index) => `k${index}`);
    const fields = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]));
    const mark = markOf(settings())([...keys.map((key) => `data/${key}`), 'type']);
    const marked = annotations({ 'kubed.appscode.com/fields': mark });

    test(`if the mark lacks ${count} of the names, the copy is read`, () => {
      const there = ours({ 'f:data': fields });
      assert.equal(isUpToDate(there, desiredFromMetadata(source, settings()), markOf(settings())), false);
    });

    test(`if the mark has all ${count} names, the copy is up to date`, () => {
      const there = changed(marked, {
        managedFields: [ourEntry({ ...treeOf(copy), 'f:data': fields })],
      });
      assert.equal(isUpToDate(there, desiredFromMetadata(source, settings()), markOf(settings())), true);
    });
  }
});
