import type { Result } from '../model/failure.ts';
import {
  type Manifest,
  type DeclaredObjects,
  bodyOf,
  namespacesOf,
  unknownAlike,
} from '../model/manifest.ts';
import type { Body, Kind, ObjectKey, ObjectMeta } from '../model/objects.ts';
import { keyOf } from '../model/keys.ts';
import type { CopyList } from '../plan/read-plan.ts';
import type { Reader } from './reader.ts';

/**
 * Returns a reader that treats manifests as a cluster. It sends no request. The order of the manifests does not matter.
 */
export function offlineReader(manifests: DeclaredObjects): Reader {
  const declared = manifests.objects.map(bodyOf);
  const bodies = declared.map(unknownAlike(declared));
  const objects = new Map<ObjectKey, Body>(bodies.map((body) => [keyOf(body), body]));
  const named = byName(bodies);
  const find = (name: Parameters<typeof keyOf>[0]): Promise<Result<Body | undefined>> =>
    resolved(objects.get(keyOf(name)));
  return {
    snapshot: (kinds) =>
      resolved({
        namespaces: namespacesOf(manifests),
        objects: bodies.filter(({ kind }) => kinds.includes(kind)).map(metaOf),
      }),
    body: find,
    meta: find,
    copies: async function* copies(list) {
      yield await resolved(bodiesOf(list, named));
    },
  };
}

/** Returns the bodies that a list can contain: a copy has the name of its source. */
export function bodiesOf(
  { kind, namespace: place, sources }: CopyList,
  named: ReturnType<typeof byName<Body>>,
): readonly Body[] {
  const names = new Set(sources.map((key) => key.slice(key.lastIndexOf('/') + 1)));
  return [...names].flatMap((name) =>
    (named.get(`${kind}/${name}`) ?? []).filter(({ namespace }) => (place ?? namespace) === namespace),
  );
}

/** Returns the objects of all namespaces by kind and name. */
export function byName<T extends Pick<Manifest, 'kind' | 'name'>>(
  objects: readonly T[],
): ReadonlyMap<`${Kind}/${string}`, readonly T[]> {
  const groups = new Map<`${Kind}/${string}`, T[]>();
  for (const object of objects) {
    const group = groups.get(`${object.kind}/${object.name}`);
    if (group === undefined) groups.set(`${object.kind}/${object.name}`, [object]);
    else group.push(object);
  }
  return groups;
}

/** Returns the metadata of an object. */
export function metaOf({ content: _, ...meta }: Body): ObjectMeta {
  return meta;
}

function resolved<T>(value: T): Promise<{ readonly ok: true; readonly value: T }> {
  return Promise.resolve({ ok: true, value });
}
