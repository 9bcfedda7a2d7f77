import { isPlainCopy, readOrigin } from './annotations/markers.ts';
import type { Finding } from '../model/finding.ts';
import type { ObjectMeta } from '../model/objects.ts';
import type { Settings, Shard } from '../model/settings.ts';
import { memoize } from '../util/memoize.ts';

/*
 * `--shard I/N`: N runs share the target namespaces among them by a hash of the name. A shard is a scope, like
 * `--include-namespace`: sources and selectors count wherever they are, and a run writes and deletes only in its own
 * namespaces. All shards together change and report what one run would, and at least one of them fails where one run
 * would fail.
 *
 *   a finding about                                             is reported by
 *   ----------------------------------------------------------  -----------------------------------------------------
 *   the run, or a source as the lists show it                   shard 0
 *   a namespace, or one copy                                    the shard of that namespace
 *   several copies (`contested`, and what is counted)           each shard, for the copies in its own namespaces
 *   what only the read of a body or a write shows               each shard that reads it or writes it
 *
 * Example: the selector of `src/omni` is invalid. No shard touches its copies, shard 0 reports it and exits with 1.
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
export function shardFilter(shard: Shard | undefined): (namespace: string) => boolean {
  if (shard === undefined) return () => true;
  return memoize((namespace) => shardOf(namespace, shard.count) === shard.index);
}

/** What the functions below need of the rules of a run. */
interface Sharded extends Pick<Settings, 'clusterName' | 'sha256' | 'shard'> {
  readonly isInShard: (namespace: string) => boolean;
}

/**
 * Whether a run keeps an object of the lists in memory: `isKeptBy(rules)(object)`. A shard drops the plain copies of
 * other shards, since none of its decisions depends on them. They are most of the objects in a cluster that outgrows
 * one process.
 */
export function isNeededBy(scope: Sharded): (object: ObjectMeta) => boolean {
  const read = memoize(readOrigin);
  return (object) => scope.isInShard(object.namespace) || !isPlainCopy(object, scope, read);
}

/** Whether this run reports a finding that metadata shows. See the table above. */
export function isReported(finding: Finding, { shard, isInShard }: Sharded): boolean {
  switch (finding.reason) {
    case 'invalid-selector':
    case 'suspicious-selector':
    case 'source-not-copyable':
    case 'no-namespace-selected':
    case 'sync-contexts-ignored':
    case 'any-namespace-is-a-source':
      return shard === undefined || shard.index === 0;
    case 'conflict':
    case 'own-source-there':
    case 'being-deleted':
    case 'orphan':
    case 'copy-with-sync-annotation':
    case 'marks-disagree':
    case 'namespace-not-found':
      return isInShard(finding.namespace);
    case 'contested':
    case 'out-of-scope':
    case 'other-cluster-name':
    case 'source-changed':
    case 'changed-by-admission':
    case 'prune-withheld':
      return true;
  }
}
