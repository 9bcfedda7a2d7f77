import pMap from 'p-map';
import type { Result } from '../model/failure.ts';
import {
  type Manifest,
  type DeclaredObjects,
  type DeclaredWithBase,
  byKey,
  unknownAlike,
} from '../model/manifest.ts';
import { resemblesOurs } from '../plan/annotations/key-spelling.ts';
import type {
  Body,
  Kind,
  Namespace,
  ObjectKey,
  ObjectMeta,
  ObjectName,
  Snapshot,
  StringMap,
} from '../model/objects.ts';
import { type Removed, removedBetween } from '../plan/preview/base-manifests.ts';
import type { DeclaredBodies } from '../plan/preview/compare-plans.ts';
import { overlayBody, overlayNamespace } from '../plan/preview/overlay-manifests.ts';
import { keyOf } from '../model/keys.ts';
import type { Reader } from './reader.ts';
import { bodiesOf, byName, metaOf } from './offline-reader.ts';

/** How many bodies are read at a time. */
const CONCURRENCY = 8;

/** What a preview depends on, in addition to its manifests. */
export interface OverlayOptions {
  /** The creation time of new objects. */
  readonly now: string;
  /** The namespaces of declared objects exist, although no manifest and no list shows them. */
  readonly impliesNamespaces?: boolean;
}

/** A reader of manifests that are laid over a state. */
export interface OverlayReader extends Reader {
  /** The declared objects before and after. Empty until the snapshot is read. */
  readonly declared: () => DeclaredBodies;
}

/**
 * Returns a reader of the cluster as it will be when the manifests are applied. In addition to what a run reads, it reads
 * the bodies of the declared objects that are, or were, sources or copies. What the manifests had before (`base`) and do
 * not have any more counts as deleted.
 */
export function overlayReader(
  live: Reader,
  manifests: DeclaredWithBase,
  options: OverlayOptions,
): OverlayReader {
  const removed = removedBetween(manifests.base ?? NO_MANIFESTS, manifests);
  let overlaid: DeclaredBodies = new Map();
  let named: ReturnType<typeof byName<Body>> = new Map();
  let compared = unknownAlike([]);
  const known = (name: ObjectName): Promise<Result<Body | undefined>> | undefined => {
    const body = overlaid.get(keyOf(name))?.after;
    return body !== undefined || removed.has(name) ? Promise.resolve({ ok: true, value: body }) : undefined;
  };
  return {
    snapshot: async (kinds) => {
      const read = await readOverlay(live, manifests, kinds, { removed, ...options });
      if (!read.ok) return read;
      overlaid = read.value.bodies;
      const after = [...overlaid.values()].map((body) => body.after);
      compared = unknownAlike(after);
      named = byName(after);
      return { ok: true, value: read.value.snapshot };
    },
    body: async (name) => {
      const read = await (known(name) ?? live.body(name));
      return read.ok && read.value !== undefined ? { ok: true, value: compared(read.value) } : read;
    },
    meta: (name) => known(name) ?? live.meta(name),
    copies: async function* copies(list, pageSize) {
      for await (const page of live.copies(list, pageSize)) {
        if (!page.ok) return yield page;
        const value = page.value.filter((body) => !overlaid.has(keyOf(body))).map(compared);
        yield { ok: true, value };
      }
      yield { ok: true, value: bodiesOf(list, named).map(compared) };
    },
    declared: () => overlaid,
  };
}

const NO_MANIFESTS: DeclaredObjects = { namespaces: [], objects: [] };

/** Reads the snapshot with the manifests laid over it, and the bodies of the declared objects. */
async function readOverlay(
  live: Reader,
  manifests: DeclaredWithBase,
  kinds: readonly Kind[],
  { now, impliesNamespaces = false, removed }: OverlayOptions & { readonly removed: Removed },
): Promise<Result<{ readonly snapshot: Snapshot; readonly bodies: DeclaredBodies }>> {
  // Reads all objects, also those that are not needed now: a manifest may turn any object into a source.
  const listed = await live.snapshot(kinds);
  if (!listed.ok) return listed;
  const bodies = await overlayAll(live, manifests, listed.value, kinds, now);
  if (!bodies.ok) return bodies;
  const implied = impliesNamespaces ? manifests.objects.map(({ namespace }) => namespace) : [];
  const snapshot = overlaySnapshot(listed.value, bodies.value, manifests, removed, implied);
  return { ok: true, value: { snapshot, bodies: bodies.value } };
}

async function overlayAll(
  live: Reader,
  manifests: DeclaredWithBase,
  { objects }: Snapshot,
  kinds: readonly Kind[],
  now: string,
): Promise<Result<DeclaredBodies>> {
  const there = new Map(objects.map((meta) => [keyOf(meta), meta]));
  const base = byKey(manifests.base?.objects ?? []);
  const relevant = [...byKey(manifests.objects)].filter(([key, manifest]) => {
    const meta = there.get(key);
    return kinds.includes(manifest.kind) && (meta === undefined || needsBody(manifest) || needsBody(meta));
  });
  const read = await pMap(
    relevant,
    ([key, manifest]) => (there.has(key) ? live.body(manifest) : Promise.resolve(NOTHING)),
    { concurrency: CONCURRENCY },
  );
  const bodies = new Map<ObjectKey, { before: Body | undefined; after: Body }>();
  for (const [index, [key, manifest]] of relevant.entries()) {
    const body = read[index] ?? NOTHING;
    if (!body.ok) return body;
    const before = body.value;
    bodies.set(key, { before, after: overlayBody(manifest, before, now, base.get(key)) });
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
  bodies: DeclaredBodies,
  manifests: DeclaredWithBase,
  removed: Removed,
  implied: readonly string[],
): Snapshot {
  const others = objects.filter((meta) => !bodies.has(keyOf(meta)) && !removed.has(meta));
  const base = new Map(manifests.base?.namespaces.map((manifest) => [manifest.name, manifest]));
  const names = new Map(namespaces.map((namespace): [string, Namespace] => [namespace.name, namespace]));
  for (const name of removed.namespaces) names.delete(name);
  for (const manifest of manifests.namespaces)
    names.set(manifest.name, overlayNamespace(manifest, names.get(manifest.name), base.get(manifest.name)));
  for (const name of implied)
    if (!names.has(name)) names.set(name, overlayNamespace({ name, terminating: false }, undefined));
  const after = [...bodies.values()].map((body) => metaOf(body.after));
  return { namespaces: [...names.values()], objects: [...others, ...after] };
}
