import { readOrigin } from './annotations/markers.ts';
import { type ContextFindingReason, isContextFinding } from '../model/context-finding.ts';
import { type MarkSettings, isPlainCopy } from './annotations/read-marks.ts';
import type { Finding, FindingReason } from '../model/finding.ts';
import type { ObjectMeta } from '../model/objects.ts';
import type { Settings, Shard } from '../model/settings.ts';
import { memoize } from '../util/memoize.ts';

/*
 * Which shard handles a namespace, and which one reports a finding (docs/design.md 7)? With `--shard I/N`, N runs share
 * the target namespaces by a hash of the name. A shard is a border of the scope, as `--include-namespace` is. Sources and
 * selectors count in every namespace, but a run writes and deletes only in its own namespaces. All shards together change
 * and report what one run would, and at least one of them fails if one run would fail.
 *
 * Example: the selector of `src/omni` is invalid. No shard touches its copies. Shard 0 reports it and exits with 1.
 */

/** Who reports a finding. */
type Reporter =
  /** The finding is about the run, or about a source as the lists show it. */
  | 'shard 0'
  /** It is about a namespace, or about one object in it. */
  | 'shard of the namespace'
  /** It is about several copies, or only reads and writes show it: each shard reports it for its own namespaces. */
  | 'each shard';

const REPORTED_BY: Readonly<Record<Exclude<FindingReason, ContextFindingReason>, Reporter>> = {
  'invalid-selector': 'shard 0',
  'invalid-annotation': 'shard 0',
  'sync-missing': 'shard 0',
  'suspicious-selector': 'shard 0',
  'source-not-copyable': 'shard 0',
  'no-namespace-selected': 'shard 0',
  'any-namespace-is-a-source': 'shard 0',
  conflict: 'shard of the namespace',
  'own-source-there': 'shard of the namespace',
  'being-deleted': 'shard of the namespace',
  orphan: 'shard of the namespace',
  'copy-with-sync-annotation': 'shard of the namespace',
  'marks-disagree': 'shard of the namespace',
  'unknown-key': 'shard of the namespace',
  'namespace-not-found': 'shard of the namespace',
  'invalid-accept-from': 'shard of the namespace',
  'consent-missing': 'each shard',
  'key-missing': 'each shard',
  contested: 'each shard',
  'suspicious-key': 'each shard',
  'suspicious-ignore': 'each shard',
  'out-of-scope': 'each shard',
  'internal-error': 'each shard',
  'waiting-to-be-pruned': 'each shard',
  'other-cluster-name': 'each shard',
  'source-changed': 'each shard',
  'changed-by-admission': 'each shard',
  'prune-withheld': 'each shard',
};

/** Whether this run reports a finding of its draft. Only shard 0 serves other clusters. */
export function isReported(finding: Finding, { shard, isInShard }: Sharded): boolean {
  if (isContextFinding(finding))
    return finding.reason === 'pushed-by-other-cluster' || shard === undefined || shard.index === 0;
  switch (REPORTED_BY[finding.reason]) {
    case 'shard 0':
      return shard === undefined || shard.index === 0;
    case 'shard of the namespace':
      return 'namespace' in finding && isInShard(finding.namespace);
    case 'each shard':
      return true;
  }
}

/**
 * The shard of a namespace, from 0 to `count - 1`. It must never change: two versions that run in one cluster and disagree
 * would handle a namespace twice or not at all. FNV-1a alone would be a bad hash. Its low bits depend only on the low bits
 * of the name, so `team-1-1`, `team-2-2` and so on would all fall to one of two shards.
 *
 * @internal for tests
 */
export function shardOf(namespace: string, count: number): number {
  return mix(fnv1a(namespace)) % count;
}

/**
 * FNV-1a, 32 bits, over the UTF-8 of a text (draft-eastlake-fnv).
 *
 * @internal for tests
 */
export function fnv1a(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return hash >>> 0;
}

/**
 * The finalizer of MurmurHash3 (`fmix32`): every bit of the result depends on every bit of the hash.
 *
 * @internal for tests
 */
export function mix(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Returns whether a namespace belongs to the shard of a run. Without a shard every namespace does. */
export function shardFilter(shard: Shard | undefined): (namespace: string) => boolean {
  if (shard === undefined) return () => true;
  return memoize((namespace) => shardOf(namespace, shard.count) === shard.index);
}

/** The part of a scope that these functions need. */
interface Sharded extends MarkSettings, Pick<Settings, 'shard'> {
  readonly isInShard: (namespace: string) => boolean;
}

/**
 * Returns whether a run keeps an object of the lists in memory. A shard drops the plain copies of other shards, since no
 * decision of it depends on them. In a cluster that is too large for one process, most objects are such copies.
 */
export function isNeededBy(scope: Sharded): (object: ObjectMeta) => boolean {
  const read = memoize(readOrigin);
  return (object) => scope.isInShard(object.namespace) || !isPlainCopy(object, scope, read);
}
