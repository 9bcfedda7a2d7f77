import { SYNC_KEYS, SYNC_NAMESPACES, isMark } from '../annotations/markers.ts';
import { consentOf } from '../annotations/accept-from.ts';
import { selects } from '../annotations/narrowing.ts';
import { contentDifferences, metadataDifferences } from '../copy/differences.ts';
import { copyContent } from '../copy/narrow-content.ts';
import { copied } from '../copy/strip.ts';
import { type ClassifiedSnapshot, type Source, isIgnored } from '../classify.ts';
import {
  type Cause,
  type Change,
  type Create,
  type FieldDifference,
  type Mark,
  type Prune,
  type WriteReason,
  causesOf,
} from '../../model/change.ts';
import type { Body, Namespace, ObjectKey } from '../../model/objects.ts';
import type { Plan } from '../../model/plan.ts';
import { contains, get, isSameOrigin, keyOf, originKeyOf } from '../../model/keys.ts';
import { memoize } from '../../util/memoize.ts';

/*
 * What do manifests change (docs/design.md 4.9)? There are two plans: one for the cluster as it is, and one for the cluster
 * with the manifests. A change that is in both is pending anyway. Each other change gets its causes: what differs between
 * the two states, as far as it decides about this copy. Examples:
 *
 *   before                        after                        change   causes
 *   ----------------------------  ---------------------------  -------  ------------------------------------------
 *   no copy, selected             the same                     create   missing; pending anyway
 *   selector `env=prod`           selector ``                  create   selector-changed
 *   no namespace                  a selected namespace         create   namespace-added
 *   copy edited by kubectl-edit   the same                     update   edited; pending anyway
 *   copy edited by kubectl-edit   another value of the source  update   edited, source-changed
 */

/** One state of a cluster, and what a run plans for it. */
export interface PlannedState {
  readonly classified: ClassifiedSnapshot;
  readonly plan: Plan;
}

/** The objects that manifests declare, before and after. */
export type DeclaredBodies = ReadonlyMap<
  ObjectKey,
  { readonly before: Body | undefined; readonly after: Body }
>;

/** Returns the plan of the state after, with the causes of its changes. */
export function comparePlans(before: PlannedState, after: PlannedState, declared: DeclaredBodies): Plan {
  const context = new Comparison(before, after, declared);
  return { ...after.plan, changes: after.plan.changes.map((change) => context.explain(change)) };
}

type Rewrite = Exclude<Change, Create | Mark | Prune>;

class Comparison {
  readonly #before: ClassifiedSnapshot;
  readonly #after: ClassifiedSnapshot;
  readonly #sourcesBefore: ReadonlyMap<ObjectKey, Source>;
  readonly #sourcesAfter: ReadonlyMap<ObjectKey, Source>;
  readonly #changesBefore: ReadonlyMap<ObjectKey, Change>;
  /** The copied fields in which a declared object differs, by its key. */
  readonly #differences: (key: string) => readonly FieldDifference[];
  readonly #declared: (
    key: ObjectKey,
  ) => { readonly before: Body | undefined; readonly after: Body } | undefined;

  constructor(before: PlannedState, after: PlannedState, declared: DeclaredBodies) {
    this.#before = before.classified;
    this.#after = after.classified;
    this.#sourcesBefore = sourcesByKey(before.classified);
    this.#sourcesAfter = sourcesByKey(after.classified);
    this.#changesBefore = new Map(before.plan.changes.map((change) => [keyOf(change), change]));
    const { strip } = after.classified.scope;
    const bodies: ReadonlyMap<string, { readonly before: Body | undefined; readonly after: Body }> = declared;
    this.#declared = (key) => declared.get(key);
    this.#differences = memoize((key) => copiedDifferences(bodies.get(key), strip));
  }

  /** Returns the change with its causes. */
  explain(change: Change): Change {
    const anyway = this.#changesBefore.get(keyOf(change));
    if (anyway !== undefined && this.#isSame(anyway, change)) return pendingAnyway(anyway, change);
    if (change.action === 'create') return withCauses(change, this.#createCauses(change));
    if (!isRewrite(change)) return withCauses(change, this.#pruneCauses(change));
    return this.#explainRewrite(change, anyway);
  }

  /** Whether a change is also made without the manifests. An update to other content is another update. */
  #isSame(anyway: Change, change: Change): boolean {
    if (anyway.action !== change.action || !isSameOrigin(anyway.origin, change.origin)) return false;
    if (!isRewrite(change)) return true;
    return this.#differences(originKeyOf(change)).length + this.#differences(keyOf(change)).length === 0;
  }

  #createCauses({ kind, origin, namespace: name }: Create): readonly Cause[] {
    const [old, now] = this.#sourcesOf({ kind, origin });
    const [was, is] = this.#namespaces(name);
    return [
      ...(old === undefined ? [{ code: 'source-added' } as const] : []),
      ...(was === undefined ? [{ code: 'namespace-added' } as const] : []),
      ...(was !== undefined && isIgnored(was) ? [{ code: 'namespace-allowed' } as const] : []),
      ...this.#consentCauses(was, origin.namespace),
      ...selectionCauses([old, now], [was, is]),
    ];
  }

  #consentCauses(was: Namespace | undefined, from: string): readonly Cause[] {
    const { scope } = this.#before;
    const consent = was === undefined ? 'given' : consentOf(was, from, scope);
    const isAccepted = consent === 'given' || (consent === 'absent' && !scope.requireConsent);
    return isAccepted ? [] : [{ code: 'namespace-accepts' }];
  }

  #pruneCauses({ kind, origin, namespace, reason }: Mark | Prune): readonly Cause[] {
    if (reason !== 'namespace-not-selected' && reason !== 'namespace-not-named') return [];
    return selectionCauses(this.#sourcesOf({ kind, origin }), this.#namespaces(namespace));
  }

  #explainRewrite(change: Rewrite, anyway: Change | undefined): Rewrite {
    const { reason } = change;
    if (reason !== 'source-changed' && reason !== 'edited') return change;
    const [old, now] = this.#sourcesOf(change);
    if (old === undefined) return { ...change, causes: [{ code: 'source-added' }] };
    const fields = change.fields.filter((field) => !isMark(field));
    const drift = driftCauses(anyway, fields);
    const narrowed = this.#keysCause(change, fields);
    const byKeys = narrowed?.fields ?? [];
    const differences = this.#differences(originKeyOf(change));
    const changed = without(fieldsIn(fields, differences), byKeys);
    const rest = without(fields, [...drift.flatMap((cause) => cause.fields), ...changed, ...byKeys]);
    const causes: readonly Cause[] = [
      ...drift,
      ...(byKeys.length > 0 && narrowed !== undefined ? [narrowed] : []),
      ...(changed.length > 0 ? [{ code: 'source-changed', fields: changed } as const] : []),
      ...(rest.length > 0 ? [{ code: reason, fields: rest } as const] : []),
    ];
    if (causes.length > 0) return { ...change, reason: reasonOf(causes), causes };
    const byAnnotations = [selectorCause(old, now), namesCause(old, now), narrowed].flatMap((cause) =>
      cause === undefined ? [] : [withoutFields(cause)],
    );
    return byAnnotations.length === 0 ? change : { ...change, causes: byAnnotations };
  }

  /** The change of `sync-keys`, and the fields in which copies differ because of it. Undefined if it did not change. */
  #keysCause(change: Rewrite, fields: readonly FieldDifference[]): Cause | undefined {
    const { before: was, after: is } = this.#declared(originKeyOf(change)) ?? {};
    if (was === undefined || is === undefined) return undefined;
    const [before, after] = [was, is].map(({ annotations }) => get(annotations, SYNC_KEYS));
    if (before === after) return undefined;
    const { [SYNC_KEYS]: _, ...others } = is.annotations;
    const annotations = before === undefined ? others : { ...others, [SYNC_KEYS]: before };
    const asBefore = { ...is, annotations };
    const byKeys = fieldsIn(fields, contentDifferences(is, { content: copyContent(asBefore) }));
    return { code: 'sync-keys-changed', fields: byKeys, texts: { before, after } };
  }

  #sourcesOf(change: Parameters<typeof originKeyOf>[0]): SourcePair {
    const key = originKeyOf(change);
    return [this.#sourcesBefore.get(key), this.#sourcesAfter.get(key)];
  }

  #namespaces(name: string): NamespacePair {
    return [this.#before.index.namespaces.get(name), this.#after.index.namespaces.get(name)];
  }
}

/** The change as it is made without the manifests. The values that a preview shows are only in the change after. */
function pendingAnyway(anyway: Change, change: Change): Change {
  const marks = { causes: causesOf(anyway), pendingAnyway: true } as const;
  if (!isRewrite(change) || !isRewrite(anyway)) return { ...anyway, ...marks };
  return { ...change, reason: anyway.reason, ...marks };
}

function isRewrite(change: Change): change is Rewrite {
  return 'fields' in change;
}

/** A source or a namespace before and after. */
type SourcePair = readonly [Source | undefined, Source | undefined];
type NamespacePair = readonly [Namespace | undefined, Namespace | undefined];

function sourcesByKey({ sources }: ClassifiedSnapshot): ReadonlyMap<ObjectKey, Source> {
  return new Map(sources.map((source) => [source.key, source]));
}

function withCauses<T extends Create | Mark | Prune>(change: T, causes: readonly Cause[]): T {
  return causes.length === 0 ? change : { ...change, causes };
}

/**
 * Why a source selects a namespace now and did not before, or the reverse: its selector changed, its `sync-namespaces`, or
 * the labels of the namespace. Each counts if going back on it alone would undo the selection. If none would, all count.
 */
function selectionCauses([old, now]: SourcePair, [was, is]: NamespacePair): readonly Cause[] {
  const isSelected = isSelectedBy(now, is);
  if (isSelectedBy(old, was) === isSelected) return [];
  const back = (part: Partial<Source>): Source | undefined => (old && now ? { ...now, ...part } : undefined);
  const factors = [
    { cause: selectorCause(old, now), undone: isSelectedBy(back({ selector: old?.selector }), is) },
    { cause: namesCause(old, now), undone: isSelectedBy(back({ names: old?.names }), is) },
    { cause: labelsCause(was, is), undone: isSelectedBy(now, was) },
  ];
  const decisive = factors.filter(({ undone }) => undone !== isSelected);
  const counting = decisive.length === 0 ? factors : decisive;
  return counting.flatMap(({ cause }) => (cause === undefined ? [] : [cause]));
}

function isSelectedBy(source: Source | undefined, namespace: Namespace | undefined): boolean {
  return source !== undefined && namespace !== undefined && selects(source, namespace);
}

function namesCause(old: Source | undefined, now: Source | undefined): Cause | undefined {
  if (old === undefined || now === undefined) return undefined;
  const [before, after] = [old, now].map(({ meta }) => get(meta.annotations, SYNC_NAMESPACES));
  return before === after ? undefined : { code: 'sync-namespaces-changed', texts: { before, after } };
}

function labelsCause(was: Namespace | undefined, is: Namespace | undefined): Cause | undefined {
  if (was === undefined || is === undefined || isEqual(was.labels, is.labels)) return undefined;
  return { code: 'namespace-labels-changed' };
}

function selectorCause(old: Source | undefined, now: Source | undefined): Cause | undefined {
  if (old === undefined || now === undefined || old.text === now.text) return undefined;
  return { code: 'selector-changed', selectors: { before: old.text, after: now.text } };
}

type DriftCause = Cause & Required<Pick<Cause, 'fields'>>;

/** The causes of a change that is made anyway, as far as they explain these fields. */
function driftCauses(anyway: Change | undefined, fields: readonly FieldDifference[]): readonly DriftCause[] {
  if (anyway === undefined || !isRewrite(anyway)) return [];
  return causesOf(anyway).flatMap((cause): readonly DriftCause[] => {
    const own = fieldsIn(fields, cause.fields ?? anyway.fields);
    return own.length === 0 ? [] : [{ ...cause, fields: own }];
  });
}

function without(
  fields: readonly FieldDifference[],
  others: readonly FieldDifference[],
): readonly FieldDifference[] {
  const known = new Set(others.map(fieldKey));
  return fields.filter((field) => !known.has(fieldKey(field)));
}

function withoutFields({ fields: _, ...cause }: Cause): Cause {
  return cause;
}

function fieldsIn(
  fields: readonly FieldDifference[],
  among: readonly FieldDifference[],
): readonly FieldDifference[] {
  const keys = new Set(among.map(fieldKey));
  return fields.filter((field) => keys.has(fieldKey(field)));
}

function fieldKey({ part, key = '' }: FieldDifference): string {
  return `${part}/${key}`;
}

function reasonOf(causes: readonly Cause[]): WriteReason {
  return causes.some(({ code }) => code === 'edited') ? 'edited' : 'source-changed';
}

/** The fields of a declared object that copies take over, and in which it differs before and after. */
function copiedDifferences(
  pair: { readonly before: Body | undefined; readonly after: Body } | undefined,
  strip: readonly string[],
): readonly FieldDifference[] {
  if (pair?.before === undefined || pair.before === pair.after) return [];
  const { before, after } = pair;
  const [labels, annotations] = [copied(before.labels, strip), copied(before.annotations, strip)];
  const want = { labels: copied(after.labels, strip), annotations: copied(after.annotations, strip) };
  const unwanted = { labels: Object.keys(labels), annotations: Object.keys(annotations) };
  return [
    ...contentDifferences(after, { content: copyContent(before) }),
    ...metadataDifferences(want, { ...before, labels, annotations }, unwanted),
  ];
}

function isEqual(a: Namespace['labels'], b: Namespace['labels']): boolean {
  return contains(a, b) && contains(b, a);
}
