import { type ReadObjects, decidePending } from '../plan/finalize.ts';
import type { Result } from '../model/failure.ts';
import type { Decision } from '../plan/decide-copy.ts';
import type { Body, ObjectKey, ObjectMeta, ObjectName } from '../model/objects.ts';
import type { DraftPlan, PendingCopy } from '../plan/draft.ts';
import { keyOf } from '../model/keys.ts';
import { type CopyList, type ReadPlan, pageSize } from '../plan/read-plan.ts';
import { ValuePreview } from '../plan/preview/preview-values.ts';
import { mapConcurrently } from '../util/map-concurrently.ts';
import type { Reader } from '../readers/reader.ts';
import type { RunHooks } from '../model/progress.ts';

/** Reads to send at a time. A run reads few bodies, and each may have a megabyte. */
const CONCURRENCY = 8;

/** The sources whose bodies a plan needs, and the origins that copies are about to leave. */
export type ReadSources = Pick<ReadObjects, 'sources' | 'origins'>;

/** Reads the sources and the origins of a read plan, all of them or the first failure (docs/design.md 5.3, 5.5). */
export async function readSources(reader: Reader, reads: ReadPlan): Promise<Result<ReadSources>> {
  const sources = await readEach(reads.sources, (name) => reader.body(name));
  if (!sources.ok) return sources;
  const origins = await readEach(reads.origins, (name) => reader.meta(name));
  return origins.ok ? { ok: true, value: { sources: sources.value, origins: origins.value } } : origins;
}

/** What {@link decideCopies} works on. */
export interface CopyWork {
  readonly draft: DraftPlan;
  readonly reads: ReadPlan;
  readonly sources: ReadObjects['sources'];
  readonly progress: RunHooks['progress'];
  /** The decisions carry the values that a preview shows. */
  readonly values: boolean;
}

/**
 * Reads the copies to compare, page by page, and decides on each page before it reads the next. So memory holds one body
 * per source and one page of copies (docs/design.md 5.3). Returns the decisions on all copies, or the first failure.
 */
export async function decideCopies(
  reader: Reader,
  work: CopyWork,
): Promise<Result<ReadObjects['decisions']>> {
  const decide = pageDecider(work);
  const { lists, copies } = work.reads;
  // The list of one namespace is short. Of the long ones, one page at a time is enough in memory.
  const concurrency = lists.some(({ namespace }) => namespace === undefined) ? 1 : CONCURRENCY;
  const listed = await mapConcurrently(lists, concurrency, async (list) => {
    for await (const page of reader.copies(list, pageSizeOf(list, work.sources))) {
      if (!page.ok) return page;
      decide.page(page.value);
    }
    return DONE;
  });
  if (!listed.ok) return listed;
  const read = await mapConcurrently(copies, CONCURRENCY, async (name) => {
    const body = await reader.body(name);
    if (!body.ok) return body;
    if (body.value !== undefined) decide.page([body.value]);
    return DONE;
  });
  return read.ok ? { ok: true, value: decide.decisions } : read;
}

const DONE = { ok: true, value: undefined } as const;

function pageSizeOf({ sources: keys }: CopyList, sources: ReadObjects['sources']): number {
  return pageSize(keys.map((key) => sources.get(key)));
}

interface PageDecider {
  readonly page: (bodies: readonly Body[]) => void;
  readonly decisions: ReadonlyMap<ObjectKey, Decision>;
}

/** Decides on the copies that the draft waits for, and ignores all others. A copy that comes twice is decided twice. */
function pageDecider({ draft, sources, progress, values }: CopyWork): PageDecider {
  const pending = comparedCopies(draft);
  const preview = values ? new ValuePreview() : undefined;
  const decisions = new Map<ObjectKey, Decision>();
  const decideOne = (there: Body): void => {
    const waiting = pending.get(keyOf(there));
    const source = waiting && sources.get(keyOf(waiting.source.meta));
    if (waiting === undefined || source === undefined) return;
    const decision = orInternalError(there, () => {
      const decided = decidePending(waiting, source, there, draft);
      return decided && (preview?.show(decided, source, there) ?? decided);
    });
    if (decision !== undefined) decisions.set(waiting.key, decision);
  };
  const page = (bodies: readonly Body[]): void => {
    for (const body of bodies) decideOne(body);
    progress({ phase: 'comparing', done: decisions.size, total: pending.size });
  };
  return { page, decisions };
}

/** Returns what `decide` returns. If it throws, only the decision on this object suffers: a finding reports it. */
function orInternalError(
  { kind, namespace, name }: ObjectName,
  decide: () => Decision | undefined,
): Decision | undefined {
  try {
    return decide();
  } catch {
    return { result: 'finding', finding: { reason: 'internal-error', kind, namespace, name } };
  }
}

function comparedCopies({ pending }: DraftPlan): ReadonlyMap<ObjectKey, PendingCopy> {
  return new Map(pending.flatMap((one) => (one.there === undefined ? [] : [[one.key, one] as const])));
}

async function readEach<T extends ObjectMeta>(
  names: readonly ObjectName[],
  read: (name: ObjectName) => Promise<Result<T | undefined>>,
): Promise<Result<Map<ObjectKey, T | undefined>>> {
  const all = await mapConcurrently(names, CONCURRENCY, async (name) => {
    const result = await read(name);
    return result.ok ? { ok: true, value: [keyOf(name), result.value] as const } : result;
  });
  return all.ok ? { ok: true, value: new Map(all.value) } : all;
}
