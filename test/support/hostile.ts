import type { Body, FieldTree, ManagedFieldsEntry, StringMap } from '../../src/model/objects.ts';
import { entry, tree } from './build.ts';

/*
 * Objects as a tenant can store them: up to 1.5 MB, and of every shape that the API server lets through. A size counts what
 * the shape repeats; at {@link MOST} each shape has about 1.5 MB.
 */

/** Changes an object in one hostile way. */
export type Shape = (object: Body, size: number) => Body;

/** How often the small parts of a shape fit into 1.5 MB. */
export const MOST = 126_000;

const LARGE_VALUE = 12;

function numbered<T>(size: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: size }, (_, at) => make(at));
}

function fields(size: number): FieldTree {
  return Object.fromEntries(numbered(size, (at) => [`f:k${at}`, {}]));
}

/** A tree that is so deep: `{"f:data":{"f:data":…}}`. */
function deep(step: string, depth: number): FieldTree {
  let below: FieldTree = {};
  for (let level = 0; level < depth; level += 1) below = { [step]: below };
  return below;
}

function owning(object: Body, entries: readonly ManagedFieldsEntry[]): Body {
  return { ...object, managedFields: [...object.managedFields, ...entries] };
}

function annotated(object: Body, annotations: StringMap): Body {
  return { ...object, annotations: { ...object.annotations, ...annotations } };
}

function withKeys(size: number, prefix: string, value = ''): StringMap {
  return Object.fromEntries(numbered(size, (at) => [`${prefix}${at}`, value]));
}

/** Keys that plain objects treat specially, as own keys. */
const SPECIAL: StringMap = JSON.parse(
  '{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d","length":"1","":"e","0":"f"}',
);

const WRONG_TYPES = [
  '{"f:data":null}',
  '{"f:data":[]}',
  '{"f:data":"x"}',
  '{"f:data":{"f:k":null,"f:l":1,"k:{\\"a\\":1}":{}}}',
  '{"__proto__":{"f:k":{}},"f:metadata":{"f:labels":"x","f:annotations":[1,2]}}',
  '{"f:data":{"__proto__":{},"f:__proto__":{},"f:":{},"":{}}}',
];

const ORIGINS = [
  'null',
  '[]',
  '"x"',
  '1e999',
  '{"namespace":"platform"}',
  '{"namespace":{},"name":[]}',
  '{"__proto__":{"namespace":"platform","name":"omni"}}',
  '{"namespace":"platform","name":"omni","uid":1,"resourceVersion":{}}',
  '{"namespace":"platform","name":"omni","kind":"Secret","uid":"","resourceVersion":""}',
  '{"namespace":"../platform","name":"omni/x","uid":"u","resourceVersion":"1"}',
];

function withOrigin(object: Body, origin: string): Body {
  return annotated(object, { 'kubed.appscode.com/origin': origin });
}

function selecting(object: Body, selector: string): Body {
  return annotated(object, { 'kubed.appscode.com/sync': selector });
}

/** Every shape by name. Those with a selector make the object a source. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'many content fields of our entry': (object, size) =>
    owning(object, [entry('kubed-sync', { 'f:data': fields(size) })]),
  'many content fields of another manager': (object, size) =>
    owning(object, [entry('x', { 'f:data': fields(size) })]),
  'many labels and annotations of our entry': (object, size) =>
    owning(object, [
      entry('kubed-sync', {
        'f:metadata': { 'f:labels': fields(size / 2), 'f:annotations': fields(size / 2) },
      }),
    ]),
  'many fields at the top': (object, size) => owning(object, [entry('kubed-sync', fields(size))]),
  'many fields that are applied': (object, size) =>
    owning(object, [entry('kubed-sync', { 'f:stringData': fields(size) }, { operation: 'Apply' })]),
  'many entries of many managers': (object, size) =>
    owning(
      object,
      numbered(size / 4, (at) => entry(`m${at}`, { 'f:data': { 'f:k': {} } })),
    ),
  'many entries of ours': (object, size) =>
    owning(
      object,
      numbered(size / 4, () => entry('kubed-sync', { 'f:data': { 'f:k': {} } })),
    ),
  'many empty entries': (object, size) =>
    owning(
      object,
      numbered(size, () => ({})),
    ),
  'a deep tree of our entry': (object, size) => owning(object, [entry('kubed-sync', deep('f:data', size))]),
  'a deep tree of labels': (object, size) =>
    owning(object, [entry('x', { 'f:metadata': { 'f:labels': deep('f:k', size) } })]),
  'trees of wrong types': (object) =>
    owning(
      object,
      WRONG_TYPES.map((json) => entry('kubed-sync', tree(json))),
    ),
  'many labels': (object, size) => ({ ...object, labels: { ...object.labels, ...withKeys(size, 'k') } }),
  'special labels': (object) => ({
    ...object,
    labels: Object.assign(structuredClone(SPECIAL), object.labels),
  }),
  'many annotations': (object, size) => annotated(object, withKeys(size, 'k')),
  'many annotations that look like ours': (object, size) =>
    annotated(object, withKeys(size / 3, 'kubed.appscode.com/k')),
  'many labels that look like ours': (object, size) => ({
    ...object,
    labels: { ...object.labels, ...withKeys(size / 3, 'appscode.com/sync') },
  }),
  'special annotations': (object) => ({
    ...object,
    annotations: Object.assign(structuredClone(SPECIAL), object.annotations),
  }),
  'a large annotation': (object, size) => annotated(object, { large: 'x'.repeat(size * LARGE_VALUE) }),
  'a large key that looks like ours': (object, size) =>
    annotated(object, { [`kubed.appscode.com/sync${'c'.repeat(size * LARGE_VALUE)}`]: '' }),
  'a large mark of fields': (object, size) =>
    annotated(object, { 'kubed.appscode.com/fields': '0'.repeat(size * LARGE_VALUE) }),
  'a large label value': (object, size) => ({
    ...object,
    labels: { ...object.labels, 'kubed.appscode.com/origin.cluster': 'x'.repeat(size * LARGE_VALUE) },
  }),
  'an origin of nested arrays': (object, size) => withOrigin(object, '['.repeat(size * LARGE_VALUE)),
  'an origin of nested objects': (object, size) =>
    withOrigin(object, '{"a":'.repeat(size) + '1' + '}'.repeat(size)),
  'an origin with a large name': (object, size) =>
    withOrigin(object, JSON.stringify({ namespace: 'platform', name: 'n'.repeat(size * LARGE_VALUE) })),
  ...Object.fromEntries(
    ORIGINS.map((origin): [string, Shape] => [
      `the origin ${origin}`,
      (object) => withOrigin(object, origin),
    ]),
  ),
  'a selector of many terms': (object, size) => selecting(object, 'a,'.repeat(size)),
  'a selector of many valid terms': (object, size) => selecting(object, `${'a!=b,'.repeat(size)}a!=b`),
  'a selector of many values': (object, size) => selecting(object, `a in (${'x,'.repeat(size)}y)`),
  'a selector of many brackets': (object, size) => selecting(object, '('.repeat(size * LARGE_VALUE)),
  'many data keys': (object, size) => ({
    ...object,
    content: { ...object.content, data: withKeys(size, 'k', 'v') },
  }),
  'special data keys': (object) => ({ ...object, content: { ...object.content, data: SPECIAL } }),
  'a large value': (object, size) => ({
    ...object,
    content: { ...object.content, data: { k: 'v'.repeat(size * LARGE_VALUE) } },
  }),
};
