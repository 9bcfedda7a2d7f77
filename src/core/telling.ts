import type { Finding, ObjectName } from './model.ts';
import { keyOf } from './records.ts';
import type { Rules } from './rules.ts';
import { matches, parseSync } from './selector.ts';
import type { Survey } from './survey.ts';

/*
 * Which shard tells what (`--shard`). All shards together tell what one run would tell, and each thing once where that
 * is possible:
 * - about a namespace, a copy or a place for one: the shard of that namespace. What counts or lists copies or namespaces
 *   (`out-of-scope`, `other-cluster-name`, `contested`) does so for those of the shard;
 * - about a source, or a copy that poses as one: the shard of its own namespace, whatever selects it or not. Where it is
 *   an error, each shard that leaves something undone because of it tells it too, since it may not exit 0;
 * - what shows only when a source is read (`source-changed`, `source-not-copyable` for its content): each shard that had
 *   to read it;
 * - about the run as such: shard 0.
 */

/** A finding about a source as it is in the lists, or about a copy that poses as one. */
export type SourceFinding = Extract<
  Finding,
  {
    readonly reason:
      | 'invalid-selector'
      | 'suspicious-selector'
      | 'source-not-copyable'
      | 'copy-with-sync-annotation'
      | 'sync-contexts-ignored';
  }
>;

/** What says whether a shard is concerned. */
type Concerned = Pick<Survey, 'inventory' | 'rules' | 'sources' | 'targets'>;

/** Whether this run tells what concerns no namespace, copy or source but the run as such. */
export function tellsOfRun({ shard }: Rules): boolean {
  return shard === undefined || shard.index === 0;
}

/** Whether this run tells a finding about a source: its namespace is the shard's, or the shard cannot do its work. */
export function isTold(finding: SourceFinding, concerned: Concerned): boolean {
  if (concerned.rules.isInShard(finding.namespace)) return true;
  switch (finding.reason) {
    case 'invalid-selector':
    case 'copy-with-sync-annotation':
      return keepsCopies(finding, concerned);
    case 'source-not-copyable':
      return keepsCopies(finding, concerned) || isAskedFor(finding, concerned);
    case 'suspicious-selector':
    case 'sync-contexts-ignored':
      return false;
  }
}

/** Copies of the shard stay exactly as they are, because of what is wrong with their origin. */
function keepsCopies(origin: ObjectName, { inventory, rules }: Concerned): boolean {
  const key = keyOf(origin);
  return [...inventory.shelf(origin.kind, origin.name)].some(
    ([namespace, { copy }]) => copy?.from === key && rules.isInShard(namespace),
  );
}

/** Copies in the shard are asked for, whether there are some or not. */
function isAskedFor(finding: SourceFinding, { sources, targets }: Concerned): boolean {
  const key = keyOf(finding);
  const others = targets.filter(({ name }) => name !== finding.namespace);
  return sources.some((source) => {
    const parsed = source.key === key ? parseSync(source.text) : undefined;
    return parsed?.ok === true && others.some(({ labels }) => matches(parsed.selector, labels));
  });
}
