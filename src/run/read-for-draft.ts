import { type ReadObjects, decidePending } from '../plan/finalize.ts';
import type { Result } from '../model/failure.ts';
import type { Decision } from '../plan/decide-copy.ts';
import type { Body, ObjectKey, ObjectMeta, ObjectName } from '../model/objects.ts';
import type { DraftPlan, PendingCopy } from '../plan/draft.ts';
import { keyOf } from '../model/keys.ts';
import { type CopyList, pageSize, planReads } from '../plan/read-plan.ts';
import { ValuePreview } from '../plan/preview/preview-values.ts';
import { mapConcurrently } from '../util/map-concurrently.ts';
import type { Reader } from '../readers/reader.ts';
import type { RunHooks } from '../model/progress.ts';

/** Reads under way at a time; a run reads few bodies, and each may be a megabyte. */
const CONCURRENCY = 8;

/**
 * Reads what a draft needs and judges the copies as they come in, so that one body per source is held and none per copy
 * (design section 4.3). The first read that fails ends it: no plan is made from a part. With `values` the verdicts carry
 * what a preview shows of them.
 */
export async function readForDraft(
  reader: Reader,
  draft: DraftPlan,
  hooks: RunHooks,
  { values = false }: { readonly values?: boolean } = {},
): Promise<Result<ReadObjects>> {
  const reads = planReads(draft);
  const sources = await readEach(reads.sources, (name) => reader.body(name));
  if (!sources.ok) return sources;
  const origins = await readEach(reads.origins, (name) => reader.meta(name));
  if (!origins.ok) return origins;
  const judging = new Judging(draft, sources.value, hooks, values ? new ValuePreview() : undefined);
  const listed = await readLists(reader, reads.lists, judging);
  if (!listed.ok) return listed;
  const read = await readEach(reads.copies, async (name) => {
    const body = await reader.body(name);
    if (body.ok) judging.take(keyOf(name), body.value);
    return body.ok ? { ok: true, value: undefined } : body;
  });
  if (!read.ok) return read;
  return {
    ok: true,
    value: { sources: sources.value, origins: origins.value, decisions: judging.decisions },
  };
}

/** Judges copies one by one and lets go of their bodies. */
class Judging {
  readonly #draft: DraftPlan;
  readonly #sources: ReadonlyMap<ObjectKey, Body | undefined>;
  readonly #hooks: RunHooks;
  readonly #pending: ReadonlyMap<ObjectKey, PendingCopy>;
  readonly #preview: ValuePreview | undefined;
  readonly decisions = new Map<ObjectKey, Decision>();

  constructor(
    draft: DraftPlan,
    sources: ReadonlyMap<ObjectKey, Body | undefined>,
    hooks: RunHooks,
    preview: ValuePreview | undefined,
  ) {
    this.#draft = draft;
    this.#preview = preview;
    this.#sources = sources;
    this.#hooks = hooks;
    const compared = draft.pending.filter(({ there }) => there !== undefined);
    this.#pending = new Map(compared.map((pending) => [pending.key, pending]));
  }

  /** Takes the body of a copy; one that nobody waits for is passed over, one that is seen twice counts once. */
  take(key: ObjectKey, there: Body | undefined): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    const source = this.#sources.get(keyOf(pending.source.meta));
    const decision = decidePending(pending, source, there, this.#draft);
    if (decision !== undefined) this.decisions.set(key, this.#shown(decision, source, there));
    this.#hooks.progress({ phase: 'comparing', done: this.decisions.size, total: this.#pending.size });
  }

  #shown(decision: Decision, source: Body | undefined, there: Body | undefined): Decision {
    if (source === undefined || there === undefined) return decision;
    return this.#preview?.show(decision, source, there) ?? decision;
  }

  pageSize(list: CopyList): number {
    return pageSize(list.sources.map((key) => this.#sources.get(key)));
  }
}

async function readLists(
  reader: Reader,
  lists: readonly CopyList[],
  judging: Judging,
): Promise<Result<void>> {
  // A list of one namespace is short; of the long ones a page at a time is enough in memory.
  const concurrency = lists.some(({ namespace }) => namespace === undefined) ? 1 : CONCURRENCY;
  const read = await mapConcurrently(lists, concurrency, (list) =>
    reader.copies(list, judging.pageSize(list), (body) => judging.take(keyOf(body), body)),
  );
  return read.ok ? { ok: true, value: undefined } : read;
}

type Read<T> = (name: ObjectName) => Promise<Result<T | undefined>>;

async function readEach<T extends ObjectMeta>(
  names: readonly ObjectName[],
  read: Read<T>,
): Promise<Result<Map<ObjectKey, T | undefined>>> {
  const all = await mapConcurrently(names, CONCURRENCY, async (name) => {
    const answered = await read(name);
    return answered.ok ? { ok: true, value: [keyOf(name), answered.value] as const } : answered;
  });
  return all.ok ? { ok: true, value: new Map(all.value) } : all;
}
