import { notesOf } from '../model/manifest.ts';
import type { CopyAnswer, Explanation, ObjectAnswer } from '../model/explanation.ts';
import type { Result } from '../model/failure.ts';
import type { ObjectName } from '../model/objects.ts';
import type { RunHooks } from '../model/progress.ts';
import { isSameOrigin, keyOf, nameOf } from '../model/keys.ts';
import { type DraftPlan, draftPlan } from '../plan/draft.ts';
import { type ExplainablePlan, withBodies, withoutBodies } from '../plan/explain/explainable-plan.ts';
import { explainObject, inventory, takenBy } from '../plan/explain/explain-sources.ts';
import { explainContext } from '../plan/explain/explain-context.ts';
import { finalizePlan } from '../plan/finalize.ts';
import { planReads } from '../plan/read-plan.ts';
import type { Reader } from '../readers/reader.ts';
import { decideCopies, readSources } from './read-for-draft.ts';
import { scopeOfHome } from './home-scope.ts';
import { type Run, withRun } from './reconcile.ts';
import { draftContexts } from './contexts/draft-contexts.ts';
import { addRequests } from './contexts/merge-contexts.ts';
import { servedRemotes } from './contexts/left-out.ts';
import type { RunOptions } from './run-options.ts';

/** What `explain` is asked about. */
export interface Question {
  /** Absent: every source. */
  readonly object?: ObjectName;
  /** `--in`. Only with an object. */
  readonly namespace?: string;
}

/** An object that is not there, and the copies that name it as their source. */
export interface NotThere {
  readonly notThere: ObjectName;
  readonly copies: number;
}

/**
 * Explains what a run would decide, and writes nothing. It reads metadata only. With `--verify` and with manifests it reads
 * what a run reads.
 */
export function explainCluster(
  options: RunOptions,
  question: Question,
  hooks: RunHooks,
): Promise<Result<Explanation | NotThere>> {
  return withRun(options, hooks, async (run) => {
    const planned = await planToExplain(run);
    if (!planned.ok) return planned;
    const answered = await answer(run, question, planned.value);
    return answered.ok && !('notThere' in answered.value)
      ? { ok: true, value: await withContexts(run, question, planned.value, answered.value) }
      : answered;
  });
}

/** Adds what the other clusters say, if there are remote kubeconfigs. */
async function withContexts(
  { options, hooks }: Run,
  { namespace }: Question,
  { draft }: ExplainablePlan,
  explanation: Explanation,
): Promise<Explanation> {
  const remotes = servedRemotes(options);
  if (remotes === undefined) return explanation;
  const { object } = explanation;
  const origin = object && nameOf({ ...object, ...object.origin });
  const opening = { home: { classified: draft.classified }, options, hooks };
  const { drafted, findings: found } = await draftContexts(opening, remotes);
  const contexts = drafted.map(({ draft: there, finding, name, server, reachable }) => {
    const answers = there === undefined ? noAnswers(origin) : explainContext(there, origin, namespace);
    const findings = [...(finding === undefined ? [] : [finding]), ...answers.findings];
    return { name, ...(server !== undefined && { server }), reachable, ...answers, findings };
  });
  const requests = drafted.reduce((all, one) => addRequests(all, one.requests), explanation.requests);
  const about = found.filter(
    (one) => origin === undefined || !('kind' in one) || keyOf(one) === keyOf(origin),
  );
  return { ...explanation, contexts, findings: about, requests };
}

function noAnswers(origin: ObjectName | undefined): ReturnType<typeof explainContext> {
  return { sources: [], findings: [], ...(origin && { answers: [] }) };
}

async function planToExplain(run: Run): Promise<Result<ExplainablePlan>> {
  const { reader, options } = run;
  const listed = await reader.snapshot(run.scope.kinds);
  if (!listed.ok) return listed;
  const draft = draftPlan(listed.value, await scopeOfHome(run, listed.value));
  if (!comparesContent(options)) return { ok: true, value: withoutBodies(draft) };
  return readAndDecide(reader, draft, run.hooks);
}

/** Manifests are in memory anyway, and dumps may lack what metadata is compared with. */
function comparesContent({ settings, manifests }: RunOptions): boolean {
  return settings.verify || manifests !== undefined;
}

async function readAndDecide(
  reader: Reader,
  draft: DraftPlan,
  { progress }: RunHooks,
): Promise<Result<ExplainablePlan>> {
  const reads = planReads(draft);
  const read = await readSources(reader, reads);
  if (!read.ok) return read;
  const { sources } = read.value;
  const decided = await decideCopies(reader, { draft, reads, sources, progress, values: false });
  if (!decided.ok) return decided;
  const plan = finalizePlan(draft, { ...read.value, decisions: decided.value });
  return { ok: true, value: withBodies(draft, plan, decided.value) };
}

async function answer(
  run: Run,
  { object: asked, namespace }: Question,
  plan: ExplainablePlan,
): Promise<Result<Explanation | NotThere>> {
  const sources = inventory(plan);
  if (asked === undefined) return { ok: true, value: explanationOf(run, plan, { sources }) };
  const object = explainObject(asked, namespace, plan);
  if (object === undefined) return { ok: true, value: { notThere: asked, copies: copiesOf(asked, plan) } };
  const named = await withTakenBy(object, namespace, plan, run.reader);
  const origin = object.origin ?? object;
  const own = sources.filter((one) => one.kind === asked.kind && isSameOrigin(one, origin));
  return { ok: true, value: explanationOf(run, plan, { sources: own, object: named }) };
}

function copiesOf({ kind, ...name }: ObjectName, { draft }: ExplainablePlan): number {
  const { copies } = draft.classified.index;
  return copies.filter(({ meta, origin }) => meta.kind === kind && isSameOrigin(name, origin)).length;
}

/**
 * Reads the metadata of the object that has the name of a copy, for the answer about one namespace. Where it cannot be read,
 * the answer does without it: a list alone needs fewer rights.
 */
async function withTakenBy(
  object: ObjectAnswer,
  namespace: string | undefined,
  { draft }: ExplainablePlan,
  reader: Reader,
): Promise<ObjectAnswer> {
  const [only] = object.answers;
  if (namespace === undefined || only?.state !== 'conflict' || only.finding.reason !== 'conflict')
    return object;
  const there = await reader.meta(nameOf(only.finding));
  if (!there.ok || there.value === undefined) return object;
  const named: CopyAnswer = { ...only, takenBy: takenBy(there.value, draft.classified) };
  return { ...object, answers: [named] };
}

function explanationOf(
  { options, connection, startedAt }: Run,
  { draft }: ExplainablePlan,
  answers: Pick<Explanation, 'sources' | 'object'>,
): Explanation {
  const { settings, manifests } = options;
  return {
    clusterName: settings.clusterName,
    ...(connection && { target: { ...connection.target, at: startedAt.toISOString() } }),
    comparesContent: comparesContent(options),
    namespaces: draft.classified.index.namespaces.size,
    ...answers,
    ...(manifests && { manifests: notesOf(manifests, settings) }),
    requests: connection?.counts() ?? { list: 0, get: 0, create: 0, patch: 0, delete: 0 },
  };
}
