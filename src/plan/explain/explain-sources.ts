import type { CopyAnswer, InventoryEntry, ObjectAnswer, TakenBy } from '../../model/explanation.ts';
import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import { compareNames, compareText, get, keyFrom, keyOf, nameOf, originOf } from '../../model/keys.ts';
import type { Kind, ObjectKey, ObjectMeta, ObjectName, Origin } from '../../model/objects.ts';
import { MANAGED_BY, ORIGIN_CLUSTER, SYNC, SYNC_CONTEXTS, canBeSource } from '../annotations/markers.ts';
import { readMarks } from '../annotations/read-marks.ts';
import { isAnnotated } from '../key-findings.ts';
import type { ExplainablePlan } from './explainable-plan.ts';
import { explainerFor } from './explain-copy.ts';

/** Returns every source with the counts of its copies, and every origin that only has copies to lose, sorted. */
export function inventory(plan: ExplainablePlan): readonly InventoryEntry[] {
  const counter = new Counter();
  for (const { selector, syncNamespaces, syncKeys, frozen, reach, unchanged, ...name } of plan.bySource) {
    const entry = counter.of(name.kind, name);
    const narrowing = {
      ...(syncNamespaces !== undefined && { syncNamespaces }),
      ...(syncKeys !== undefined && { syncKeys }),
    };
    Object.assign(entry, { selector, ...narrowing, ...(frozen && { frozen }), reach, upToDate: unchanged });
  }
  for (const { meta, copy } of plan.draft.classified.index.all) {
    const contexts = get(meta.annotations, SYNC_CONTEXTS);
    if (contexts !== undefined && copy === undefined && canBeSource(meta.kind, meta.name))
      Object.assign(counter.of(meta.kind, meta), { contexts });
  }
  for (const change of plan.changes) counter.of(change.kind, change.origin)[countOfChange(change, plan)] += 1;
  for (const { kind, origin } of plan.waiting) counter.of(kind, origin).toPrune += 1;
  for (const finding of plan.findings) counter.addFinding(finding);
  return counter.entries.toSorted(compareNames);
}

type Counts = { -readonly [K in keyof InventoryEntry]: InventoryEntry[K] };

function countOfChange(change: Change, { notCompared }: ExplainablePlan): CountName {
  switch (change.action) {
    case 'create':
      return 'missing';
    case 'update':
    case 'replace':
    case 'refresh':
      return notCompared.has(keyOf(change)) ? 'notCompared' : 'behind';
    case 'mark':
    case 'prune':
      return 'toPrune';
  }
}

type CountName = 'missing' | 'notCompared' | 'behind' | 'toPrune';

const ZERO = {
  reach: 0,
  upToDate: 0,
  behind: 0,
  notCompared: 0,
  missing: 0,
  conflicts: 0,
  toPrune: 0,
  orphans: 0,
} as const;

class Counter {
  readonly #entries = new Map<ObjectKey, Counts>();

  get entries(): readonly InventoryEntry[] {
    return [...this.#entries.values()];
  }

  of(kind: Kind, { namespace, name }: Origin): Counts {
    const key = keyFrom(kind, namespace, name);
    const entry = this.#entries.get(key) ?? { kind, namespace, name, ...ZERO };
    this.#entries.set(key, entry);
    return entry;
  }

  addFinding(finding: Finding): void {
    switch (finding.reason) {
      case 'conflict':
        this.of(finding.kind, finding.origin).conflicts += 1;
        break;
      case 'own-source-there':
        for (const origin of finding.origins) this.of(finding.kind, origin).conflicts += 1;
        break;
      case 'contested':
        this.of(finding.kind, finding).conflicts += finding.namespaces.length;
        break;
      case 'orphan':
        this.of(finding.kind, finding.origin).orphans += 1;
        break;
      default:
    }
  }
}

/** Returns the answer about one object. Undefined if it does not exist. With `only`, the answer for one namespace. */
export function explainObject(
  name: ObjectName,
  only: string | undefined,
  plan: ExplainablePlan,
): ObjectAnswer | undefined {
  const { index, sources } = plan.draft.classified;
  const there = index.byName(name.kind, name.name).get(name.namespace);
  if (there === undefined) return undefined;
  const { meta, copy } = there;
  const role =
    copy === undefined
      ? roleOf(
          meta,
          sources.some(({ key }) => key === keyOf(meta)),
        )
      : 'copy';
  const origin = copy === undefined ? name : { kind: name.kind, ...originOf(copy.origin) };
  const selector = get((copy === undefined ? meta : index.find(origin))?.annotations ?? {}, SYNC);
  const answerIn = explainerFor(origin, plan);
  const namespaces = namespacesFor(name, origin, only, plan);
  return {
    ...nameOf(name),
    role,
    ...(copy && { origin: originOf(copy.origin) }),
    ...(selector !== undefined && { selector }),
    answers: namespaces
      .map(answerIn)
      .filter((one) => only !== undefined || role !== 'ordinary' || hasCopy(one)),
    findings: plan.findings.filter((finding) => isAbout(finding, name)),
  };
}

/**
 * An object with an annotation outside of `--source-namespace` is a source too, although no run copies it, and so is one that
 * asks for copies in other clusters only.
 */
function roleOf(meta: ObjectMeta, isSource: boolean): ObjectAnswer['role'] {
  return isSource || isAnnotated(meta.annotations) ? 'source' : 'ordinary';
}

/** A copy is answered for in its own namespace. */
function namespacesFor(
  name: ObjectName,
  origin: ObjectName,
  only: string | undefined,
  { draft: { classified } }: ExplainablePlan,
): readonly string[] {
  if (only !== undefined) return [only];
  if (name.namespace !== origin.namespace) return [name.namespace];
  return [...classified.index.namespaces.keys()];
}

function hasCopy({ state }: CopyAnswer): boolean {
  return state !== 'no-copy';
}

/** Whether a finding is about this object itself, and not about its copies. */
function isAbout(finding: Finding, object: ObjectName): boolean {
  switch (finding.reason) {
    case 'suspicious-key':
      return (
        finding.kind === object.kind &&
        finding.objects.some((one) => one.namespace === object.namespace && one.name === object.name)
      );
    case 'marks-disagree':
      return finding.objects.some((one) => keyOf(one) === keyOf(object));
    case 'conflict':
    case 'invalid-selector':
    case 'invalid-annotation':
    case 'key-missing':
    case 'suspicious-selector':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'unknown-key':
    case 'no-namespace-selected':
    case 'own-source-there':
    case 'source-changed':
      return keyOf(finding) === keyOf(object);
    default:
      return false;
  }
}

/** Returns who made an object that has the name of a copy, as far as its metadata says. */
export function takenBy(there: ObjectMeta, { scope }: ExplainablePlan['draft']['classified']): TakenBy {
  const label = get(there.labels, MANAGED_BY);
  const [first] = there.managedFields.toSorted((a, b) => compareText(a.time ?? '', b.time ?? ''));
  const madeBy = first?.manager ?? label;
  const isOfCluster = readMarks(there, scope).marked === 'other-cluster';
  const clusterName = isOfCluster ? get(there.labels, ORIGIN_CLUSTER) : undefined;
  return { ...(madeBy && { madeBy }), ...(clusterName !== undefined && { clusterName }) };
}
