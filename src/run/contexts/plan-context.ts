import type { Result } from '../../model/failure.ts';
import type { ObjectKey } from '../../model/objects.ts';
import type { Plan } from '../../model/plan.ts';
import { keyFrom } from '../../model/keys.ts';
import {
  type ContextHome,
  type ContextState,
  classifyContext,
  contextScope,
} from '../../plan/contexts/classify-context.ts';
import { type DraftPlan, draftContext } from '../../plan/draft.ts';
import { type ReadObjects, finalizePlan } from '../../plan/finalize.ts';
import { planPurge } from '../../plan/purge.ts';
import { planReads } from '../../plan/read-plan.ts';
import type { Scope } from '../../plan/scope.ts';
import { readExisting } from '../../kube/read/read-context.ts';
import { type Reader, liveReader } from '../../readers/reader.ts';
import type { RunHooks } from '../../model/progress.ts';
import { formatTimestamp } from '../../util/timestamp.ts';
import { decideCopies, readSources } from '../read-for-draft.ts';
import type { OpenContext } from './open-context.ts';

/** The plan of one context, and what its writes need. */
export interface PlannedContext {
  readonly open: OpenContext;
  readonly scope: Scope;
  readonly plan: Plan;
  readonly sources: ReadObjects['sources'];
  readonly origins: ReadObjects['origins'];
}

/** What the planning of a context needs. */
export interface Planning {
  readonly home: ContextHome;
  /** Reads sources at home, each body once. */
  readonly homeReader: Reader;
  readonly hooks: RunHooks;
  readonly isPurge: boolean;
}

/** Plans for one context: the plan of the home cluster, over what the context shows (docs/design.md 11). */
export async function planContext(open: OpenContext, planning: Planning): Promise<Result<PlannedContext>> {
  const { home, isPurge } = planning;
  const scope = scopeOf(open, home);
  if (isPurge) {
    const plan = planPurge(classifyContext(home, open.state, scope));
    return { ok: true, value: { open, scope, plan, sources: new Map(), origins: new Map() } };
  }
  const drafted = await draftWithExisting(open, home, scope);
  return drafted.ok ? decide(open, drafted.value, scope, planning) : drafted;
}

/** Drafts the plan of one context, for `explain`: it reads metadata only. */
export function draftOneContext(open: OpenContext, home: ContextHome): Promise<Result<DraftPlan>> {
  return draftWithExisting(open, home, scopeOf(open, home));
}

/** The time of marks is that of the server which stores them. */
function scopeOf({ remote, client }: OpenContext, { classified }: ContextHome): Scope {
  const scope = contextScope(classified.scope, remote);
  const date = client.serverTime;
  return date === undefined ? scope : { ...scope, now: formatTimestamp(date) };
}

/**
 * Drafts, and reads the objects that have the name of a copy to create: the lists show only objects with our label. Then
 * it drafts once more with them. So a dry run sees a conflict too, and no body is sent to be refused.
 */
async function draftWithExisting(
  { client, state }: OpenContext,
  home: ContextHome,
  scope: Scope,
): Promise<Result<DraftPlan>> {
  const draft = (now: ContextState): DraftPlan => draftContext(classifyContext(home, now, scope));
  const first = draft(state);
  const names = first.pending.flatMap(({ there, namespace, source: { meta } }) =>
    there === undefined ? [{ kind: meta.kind, namespace, name: meta.name }] : [],
  );
  const existing = await readExisting(client, names);
  if (!existing.ok) return existing;
  if (existing.value.length === 0) return { ok: true, value: first };
  return { ok: true, value: draft({ ...state, objects: [...state.objects, ...existing.value] }) };
}

async function decide(
  open: OpenContext,
  draft: DraftPlan,
  scope: Scope,
  { homeReader, hooks }: Planning,
): Promise<Result<PlannedContext>> {
  const reads = planReads(draft);
  const read = await readSources(homeReader, reads);
  if (!read.ok) return read;
  const { sources, origins } = read.value;
  const there = liveReader(open.client, hooks);
  const decided = await decideCopies(there, {
    draft,
    reads,
    sources,
    progress: () => undefined,
    values: false,
  });
  if (!decided.ok) return decided;
  const plan = finalizePlan(draft, { ...read.value, decisions: decided.value });
  return { ok: true, value: { open, scope, plan, sources, origins } };
}

/** Returns the plan without the deletes of copies whose source names a context that could not be read. */
export function withoutDeletesOf(plan: Plan, held: ReadonlySet<ObjectKey>): Plan {
  const changes = plan.changes.filter(
    ({ action, kind, origin }) =>
      (action !== 'prune' && action !== 'mark') || !held.has(keyFrom(kind, origin.namespace, origin.name)),
  );
  return { ...plan, changes };
}
