import type { Finding } from '../../model/finding.ts';
import { nameOf } from '../../model/keys.ts';
import type { ClassifiedSnapshot } from '../../plan/classify.ts';
import { contextSources } from '../../plan/contexts/context-sources.ts';
import type { RunOptions } from '../run-options.ts';

/**
 * Returns what a run says about sources that ask for other clusters, if it serves none. Without a remote kubeconfig that is
 * an error: otherwise a job would stay green while copies elsewhere get old.
 */
export function leftOutFindings(
  { clusters = 'all', manifests, offline = false, settings: { shard } }: RunOptions,
  classified: ClassifiedSnapshot,
): readonly Finding[] {
  if (shard !== undefined && shard.index > 0) return [];
  const sources = contextSources(classified);
  if (sources.length === 0) return [];
  if (manifests !== undefined || offline)
    return [{ reason: 'other-clusters-left-out', why: 'manifests', sources: sources.length }];
  if (clusters === 'home')
    return [{ reason: 'other-clusters-left-out', why: 'clusters-home', sources: sources.length }];
  return sources.map(({ meta, text }) => {
    return { reason: 'no-remote-kubeconfig', ...nameOf(meta), contexts: text };
  });
}

/** The other clusters that a run serves. Undefined: none. Of all shards, only the first one serves them. */
export function servedRemotes({
  clusters = 'all',
  remotes,
  manifests,
  settings: { shard },
}: RunOptions): RunOptions['remotes'] {
  const isOtherShard = shard !== undefined && shard.index > 0;
  return clusters === 'home' || manifests !== undefined || isOtherShard ? undefined : remotes;
}
