import { type Manifest, type Declared, bodyOf, namespacesOf, unknownAlike } from '../model/manifest.ts';
import type { Body, Kind, ObjectKey, ObjectMeta } from '../model/objects.ts';
import { keyOf } from '../model/keys.ts';
import type { CopyList } from '../plan/read-plan.ts';
import type { Reader } from './reader.ts';

/** Reads manifests as if they were a cluster; nothing is asked of any. Of their order nothing depends. */
export function offlineReader(manifests: Declared): Reader {
  const declared = manifests.objects.map(bodyOf);
  const bodies = declared.map(unknownAlike(declared));
  const objects = new Map<ObjectKey, Body>(bodies.map((body) => [keyOf(body), body]));
  const named = byName(bodies);
  const found = (key: ObjectKey): Body | undefined => objects.get(key);
  return {
    snapshot: (kinds) =>
      answer({
        namespaces: namespacesOf(manifests),
        objects: bodies.filter(({ kind }) => kinds.includes(kind)).map(metaOf),
      }),
    body: (name) => answer(found(keyOf(name))),
    meta: (name) => answer(found(keyOf(name))),
    copies: (list, _, onBody) => {
      for (const body of bodiesOf(list, named)) onBody(body);
      return answer(undefined);
    },
  };
}

/** A copy has the name of its source: of those that a list is about, no others need to be looked at. */
export function bodiesOf(
  { kind, namespace: place, sources }: CopyList,
  named: ReturnType<typeof byName<Body>>,
): readonly Body[] {
  const names = new Set(sources.map((key) => key.slice(key.lastIndexOf('/') + 1)));
  return [...names].flatMap((name) =>
    (named.get(`${kind}/${name}`) ?? []).filter(({ namespace }) => (place ?? namespace) === namespace),
  );
}

/** Bodies by kind and name, in all namespaces. */
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

/** What a list of metadata would show. */
export function metaOf({ content: _, ...meta }: Body): ObjectMeta {
  return meta;
}

/** What needs no waiting for. */
function answer<T>(value: T): Promise<{ readonly ok: true; readonly value: T }> {
  return Promise.resolve({ ok: true, value });
}
