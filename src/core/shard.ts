import { SYNC, readMarks, readOrigin } from './marks.ts';
import type { ObjectKey, ObjectMeta, ObjectName, Settings, Shard, Snapshot } from './model.ts';
import { compareNames, has, keyOf } from './records.ts';
import { remembered } from './remembered.ts';

/*
 * `--shard I/N`: N runs share the target namespaces among them by a hash of the name. What falls to another shard is
 * neither changed nor counted nor told here (`telling.ts`). Sources are seen wherever they are.
 */

/**
 * The shard, from 0 to `count - 1`, that a namespace falls to. This is a contract for ever: two versions that disagree,
 * at work in one cluster, would leave a namespace to nobody or to two. FNV-1a alone would do badly, since its low bits
 * know of the low bits of the name only: all of `team-1-1`, `team-2-2` and so on would fall to one of two shards.
 */
export function shardOf(namespace: string, count: number): number {
  return mix(fnv1a(namespace)) % count;
}

/** FNV-1a, 32 bits, over the UTF-8 of a text (draft-eastlake-fnv). */
export function fnv1a(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3 (`fmix32`): every bit of the answer depends on every bit of the hash. */
export function mix(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Whether a namespace falls to the shard of a run; without one every namespace does. */
export function shardBorder(shard: Shard | undefined): (namespace: string) => boolean {
  if (shard === undefined) return () => true;
  return remembered((namespace) => shardOf(namespace, shard.count) === shard.index);
}

/** What the functions below need of the rules of a run. */
interface Sharded extends Pick<Settings, 'clusterName' | 'sha256' | 'shard'> {
  readonly isInShard: (namespace: string) => boolean;
  readonly isVisible: (namespace: string) => boolean;
  readonly isTargetNamespace: (namespace: string) => boolean;
}

/**
 * Whether a listed object can matter to a run: it is in one of its namespaces, or annotated, and so a source or what
 * hinders one. One thing more can, which nobody can tell while a list is read: {@link unseenOrigins}.
 */
export function isNeeded(object: ObjectMeta, { isInShard }: Sharded): boolean {
  return isInShard(object.namespace) || has(object.annotations, SYNC);
}

/**
 * Origins of the shard's copies in scope that {@link isNeeded} let go, if they are there at all: objects in namespaces of other
 * shards that are no source any more. Whether they exist decides what becomes of their copies, so they are read one by
 * one. In a quiet cluster there are none.
 */
export function unseenOrigins({ objects }: Snapshot, rules: Sharded): readonly ObjectName[] {
  const { shard, isInShard, isVisible, isTargetNamespace } = rules;
  if (shard === undefined) return [];
  const seen = new Set(objects.filter(({ namespace }) => !isInShard(namespace)).map(keyOf));
  const unseen = new Map<ObjectKey, ObjectName>();
  const read = remembered(readOrigin);
  for (const meta of objects) {
    const isJudged = isInShard(meta.namespace) && isTargetNamespace(meta.namespace);
    const marks = isJudged ? readMarks(meta, rules, read) : undefined;
    if (marks?.marked !== 'ours') continue;
    const { namespace } = marks.origin;
    if (isInShard(namespace) || !isVisible(namespace)) continue;
    const origin = { kind: meta.kind, namespace, name: meta.name };
    if (isListed(origin) && !seen.has(keyOf(origin))) unseen.set(keyOf(origin), origin);
  }
  return [...unseen.values()].toSorted(compareNames);
}

/** Releases of Helm are not listed (design section 3): a run that is no shard does not see them either. */
function isListed({ kind, name }: ObjectName): boolean {
  return kind !== 'Secret' || !name.startsWith('sh.helm.release.v1.');
}
