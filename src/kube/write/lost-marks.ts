import type { Change, FieldDifference } from '../../model/change.ts';
import type { Kind, ObjectName } from '../../model/objects.ts';
import { deleteCommand } from '../../util/delete-command.ts';
import { isJson, objectAt, textAt } from '../api.ts';
import { type WriteResult, skipped } from './write-outcome.ts';
import { type Writing, deleteCopy } from './write-request.ts';

/*
 * A copy without its marks is not recognised again: no run would update or delete it. So when the cluster removes or
 * changes the marks of one object, no more objects of that kind are written.
 */

/** The result of a write whose answer lacks marks that were sent. */
export function marksLost(name: ObjectName, lost: readonly FieldDifference[]): WriteResult {
  const marks = lost.map(({ part, key }) => `${part === 'labels' ? 'label' : 'annotation'} ${key}`);
  const message = `the API server stored ${nounOf(name)} without the marks that were sent: ${marks.join(', ')}`;
  return { outcome: { outcome: 'failed', message }, findings: [], marksLost: true };
}

/**
 * Deletes a copy again that was created without its marks, guarded by the uid in the answer to the create. In a dry run
 * nothing was stored, and nothing is deleted.
 */
export async function takeBack(
  name: ObjectName,
  created: unknown,
  result: WriteResult,
  writing: Writing,
): Promise<WriteResult> {
  const { outcome } = result;
  if (writing.serverDryRun || outcome.outcome !== 'failed') return result;
  const end = await deleteCreated(name, created, writing);
  return { ...result, outcome: { ...outcome, message: `${outcome.message}. ${end}` } };
}

async function deleteCreated(name: ObjectName, created: unknown, writing: Writing): Promise<string> {
  const uid = isJson(created) ? textAt(objectAt(created, 'metadata'), 'uid') : undefined;
  if (uid === undefined) return deleteByHand(name, 'it has no uid');
  const deleted = await deleteCopy(writing, name, { uid }, { mustFinish: true });
  // With another uid it is another object, and ours is gone.
  const isGone = deleted.ok || ['not-found', 'conflict', 'namespace-gone'].includes(deleted.failure.reason);
  return isGone ? 'It was deleted again' : deleteByHand(name, deleted.failure.message);
}

function deleteByHand(name: ObjectName, why: string): string {
  return `It could not be deleted again (${why}). Run: ${deleteCommand(name)}`;
}

function nounOf({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace}/${name}`;
}

/** So many writes go alone at most: where each one fails, the rest need not be slow. */
const MOST_ALONE = 3;

/** Lets the first create and the first patch of each kind go alone, and stops a kind that loses its marks. */
export class LostMarksBreaker {
  readonly #stopped = new Set<Kind>();
  readonly #alone = new Map<string, number>();

  /** Whether a change must be sent alone: no write like it has succeeded yet. */
  mustGoAlone(change: Change): boolean {
    if (change.action === 'prune' || this.#stopped.has(change.kind)) return false;
    return (this.#alone.get(writeOf(change)) ?? 0) < MOST_ALONE;
  }

  /** The result of a change that is not tried; undefined where it may be tried. */
  skip({ kind }: Change): WriteResult | undefined {
    return this.#stopped.has(kind) ? skipped('marks-lost') : undefined;
  }

  /** Records how a change ended. */
  record(change: Change, { outcome, marksLost: lost }: WriteResult): void {
    if (lost) this.#stopped.add(change.kind);
    const write = writeOf(change);
    const count = outcome.outcome === 'done' ? MOST_ALONE : (this.#alone.get(write) ?? 0) + 1;
    this.#alone.set(write, Math.max(count, this.#alone.get(write) ?? 0));
  }
}

/** A replace ends in a create. */
function writeOf({ action, kind }: Change): string {
  return `${kind} ${action === 'create' || action === 'replace' ? 'create' : 'patch'}`;
}
