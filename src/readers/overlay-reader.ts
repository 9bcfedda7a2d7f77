import pMap from 'p-map';
import type { Result } from '../model/failure.ts';
import { type Manifest, type DeclaredObjects, byKey, unknownAlike } from '../model/manifest.ts';
import { resemblesOurs } from '../plan/annotations/key-spelling.ts';
import type { Body, Kind, Namespace, ObjectKey, ObjectMeta, Snapshot, StringMap } from '../model/objects.ts';
import { overlayBody, overlayNamespace } from '../plan/preview/overlay-manifests.ts';
import { keyOf } from '../model/keys.ts';
import type { Reader } from './reader.ts';
import { bodiesOf, byName, metaOf } from './offline-reader.ts';

/** How many bodies are read at a time. */
const CONCURRENCY = 8;

/**
 * Returns a reader of the cluster as it will be when the manifests are applied. In addition to what a run reads, it
 * reads the bodies of the declared objects that are, or were, sources or copies. `now` is the creation time of new
 * objects.
 */
export function overlayReader(live: Reader, manifests: DeclaredObjects, now: string): Reader {
  let overlaid: ReadonlyMap<ObjectKey, Body> = new Map();
  let named: ReturnType<typeof byName<Body>> = new Map();
  let compared = unknownAlike([]);
  return {
    snapshot: async (kinds) => {
      // Reads all objects, also those that are not needed now: a manifest may turn any object into a source.
      const listed = await live.snapshot(kinds);
      if (!listed.ok) return listed;
      const bodies = await overlayAll(live, manifests, listed.value, kinds, now);
      if (!bodies.ok) return bodies;
      overlaid = bodies.value;
      compared = unknownAlike([...overlaid.values()]);
      named = byName([...overlaid.values()]);
      return { ok: true, value: overlaySnapshot(listed.value, overlaid, manifests) };
    },
    body: async (name) => {
      const read = await (known(overlaid.get(keyOf(name))) ?? live.body(name));
      return read.ok && read.value !== undefined ? { ok: true, value: compared(read.value) } : read;
    },
    meta: (name) => known(overlaid.get(keyOf(name))) ?? live.meta(name),
    copies: async function* copies(list, pageSize) {
      for await (const page of live.copies(list, pageSize)) {
        if (!page.ok) return yield page;
        const value = page.value.filter((body) => !overlaid.has(keyOf(body))).map(compared);
        yield { ok: true, value };
      }
      yield { ok: true, value: bodiesOf(list, named).map(compared) };
    },
  };
}

function known(body: Body | undefined): Promise<Result<Body>> | undefined {
  return body && Promise.resolve({ ok: true, value: body });
}

type Bodies = ReadonlyMap<ObjectKey, Body>;

async function overlayAll(
  live: Reader,
  manifests: DeclaredObjects,
  { objects }: Snapshot,
  kinds: readonly Kind[],
  now: string,
): Promise<Result<Bodies>> {
  const there = new Map(objects.map((meta) => [keyOf(meta), meta]));
  const relevant = [...byKey(manifests.objects)].filter(([key, manifest]) => {
    const meta = there.get(key);
    return kinds.includes(manifest.kind) && (meta === undefined || needsBody(manifest) || needsBody(meta));
  });
  const read = await pMap(
    relevant,
    ([key, manifest]) => (there.has(key) ? live.body(manifest) : Promise.resolve(NOTHING)),
    { concurrency: CONCURRENCY },
  );
  const bodies = new Map<ObjectKey, Body>();
  for (const [index, [key, manifest]] of relevant.entries()) {
    const body = read[index] ?? NOTHING;
    if (!body.ok) return body;
    bodies.set(key, overlayBody(manifest, body.value, now));
  }
  return { ok: true, value: bodies };
}

const NOTHING: Result<Body | undefined> = { ok: true, value: undefined };

/** Returns whether the body of an object is needed. Without a key that may be ours, only its existence counts. */
function needsBody({
  labels,
  annotations,
}: Partial<Pick<Manifest | ObjectMeta, 'labels' | 'annotations'>>): boolean {
  return isMarked(labels) || isMarked(annotations);
}

function isMarked(map: StringMap = {}): boolean {
  return Object.keys(map).some(resemblesOurs);
}

function overlaySnapshot(
  { namespaces, objects }: Snapshot,
  bodies: Bodies,
  manifests: DeclaredObjects,
): Snapshot {
  const others = objects.filter((meta) => !bodies.has(keyOf(meta)));
  const names = new Map(namespaces.map((namespace): [string, Namespace] => [namespace.name, namespace]));
  for (const manifest of manifests.namespaces)
    names.set(manifest.name, overlayNamespace(manifest, names.get(manifest.name)));
  return { namespaces: [...names.values()], objects: [...others, ...[...bodies.values()].map(metaOf)] };
}
