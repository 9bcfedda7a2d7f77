import { SYNC } from '../plan/annotations/markers.ts';
import { type Json, isJson } from '../util/is-json.ts';

/*
 * Objects of other kinds whose controllers make ConfigMaps and Secrets. A template in the object sets their
 * annotations.
 */

/** The path to the annotations in the template, by kind. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Certificate', ['spec', 'secretTemplate', 'annotations']],
  ['ExternalSecret', ['spec', 'target', 'template', 'metadata', 'annotations']],
  ['ClusterExternalSecret', ['spec', 'externalSecretSpec', 'target', 'template', 'metadata', 'annotations']],
  ['SealedSecret', ['spec', 'template', 'metadata', 'annotations']],
]);

/** Returns the path of the sync annotation in an object that makes sources. Undefined if it makes none. */
export function makerPath(json: Json): readonly (string | number)[] | undefined {
  const path = typeof json['kind'] === 'string' ? TEMPLATES.get(json['kind']) : undefined;
  if (path !== undefined && isMarked(at(json, path))) return [...path, SYNC];
  return generatorPath(json);
}

/** Returns the path in a kustomization: in the options of all generators, or of one of them. */
function generatorPath(json: Json): readonly (string | number)[] | undefined {
  const generators = ['configMapGenerator', 'secretGenerator'].filter((name) => Array.isArray(json[name]));
  if (generators.length > 0 && isMarked(at(json, ['generatorOptions', 'annotations'])))
    return ['generatorOptions', 'annotations', SYNC];
  for (const name of generators) {
    const entries: readonly unknown[] = Array.isArray(json[name]) ? json[name] : [];
    const index = entries.findIndex((entry) => isMarked(at(entry, ['options', 'annotations'])));
    if (index !== -1) return [name, index, 'options', 'annotations', SYNC];
  }
  return undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (inner, key) => (isJson(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function isMarked(annotations: unknown): boolean {
  return isJson(annotations) && Object.hasOwn(annotations, SYNC);
}

/** Returns `Certificate certs/wildcard`, without the parts that the object does not have. */
export function makerName(json: Json): string {
  const text = (path: readonly string[]): string => {
    const value = at(json, path);
    return typeof value === 'string' ? value : '';
  };
  const [kind, namespace, name] = [
    text(['kind']),
    text(['metadata', 'namespace']),
    text(['metadata', 'name']),
  ];
  if (name === '') return kind === '' ? 'Kustomization' : kind;
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
