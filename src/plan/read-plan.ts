import { ORIGIN_CLUSTER, ORIGIN_NAME, ORIGIN_NAMESPACE, originLabels } from './annotations/markers.ts';
import {
  type Body,
  KINDS,
  type Kind,
  type ObjectKey,
  type ObjectMeta,
  type ObjectName,
  type Origin,
} from '../model/objects.ts';
import type { DraftPlan, PendingCopy } from './draft.ts';
import { compareNames, keyFrom, keyOf } from '../model/keys.ts';

/** What has to be read before a draft can become a plan (design section 4.3 and 4.5). */
export interface ReadPlan {
  /** Sources that have something to create, to compare or to lose: their bodies. */
  readonly sources: readonly ObjectMeta[];
  /** Origins to look at once more before a copy leaves them, whose bodies are not read anyway: their metadata. */
  readonly origins: readonly ObjectName[];
  /** Copies to compare, by lists and by single reads. */
  readonly lists: readonly CopyList[];
  readonly copies: readonly ObjectName[];
}

/** One label-selected list that shows several copies to compare. */
export interface CopyList {
  readonly kind: Kind;
  /** Absent: in all namespaces. */
  readonly namespace?: string;
  readonly labelSelector: string;
  /** The sources whose size tells how large the listed bodies are. */
  readonly sources: readonly ObjectKey[];
}

/** Lists pay for every copy of an origin, single reads for a round trip each: below this share single reads are less. */
const LIST_SHARE = 0.1;

/** Says what a draft needs to be read. Nothing at all, in a quiet cluster. */
export function planReads(draft: DraftPlan): ReadPlan {
  const read = [...draft.pending.map(({ source }) => source.meta), ...losingSources(draft)];
  const sources = [...new Map(read.map((source) => [keyOf(source), source])).values()];
  const bodies = new Set(sources.map(keyOf));
  const origins = leftOrigins(draft).filter((origin) => !bodies.has(keyOf(origin)));
  const compared = draft.pending.filter(({ there }) => there !== undefined);
  const { lists, copies } = draft.classified.scope.verify
    ? verifyReads(compared, draft)
    : copyReads(compared, draft);
  return { sources: sources.toSorted(compareNames), origins, lists, copies: copies.toSorted(compareNames) };
}

/**
 * Sources that lose a copy which they no longer ask for. One that cannot be copied keeps its copies (design section 3,
 * "Frozen"), and whether it can be must not depend on what else is to be read.
 */
function losingSources({ prunes, classified }: DraftPlan): readonly ObjectMeta[] {
  const losing = new Set(prunes.map(({ kind, origin }) => keyFrom(kind, origin.namespace, origin.name)));
  if (losing.size === 0) return [];
  return classified.sources.flatMap(({ key, meta }) => (losing.has(key) ? [meta] : []));
}

/** Every origin that loses a copy: by a prune, or by a hand-over. */
function leftOrigins({ prunes, pending }: DraftPlan): readonly ObjectName[] {
  const names = new Map<ObjectKey, ObjectName>();
  const add = (kind: Kind, { namespace, name }: Origin): unknown =>
    names.set(keyFrom(kind, namespace, name), { kind, namespace, name });
  for (const { kind, origin } of prunes) add(kind, origin);
  for (const { source, from } of pending) if (from !== undefined) add(source.meta.kind, from);
  return [...names.values()].toSorted(compareNames);
}

type CopyReads = Pick<ReadPlan, 'lists' | 'copies'>;

/** `--verify`: one list per kind of everything that is ours, or one per kind and namespace. */
function verifyReads(compared: readonly PendingCopy[], { classified: { scope } }: DraftPlan): CopyReads {
  const labelSelector = `${ORIGIN_CLUSTER}=${scope.clusterName},${ORIGIN_NAME},${ORIGIN_NAMESPACE}`;
  const listed = compared.filter(({ adopt }) => adopt === undefined);
  const lists = KINDS.flatMap((kind) => {
    const ours = listed.filter(({ source }) => source.meta.kind === kind);
    return [...byPlace(ours, scope.readsByNamespace)].map(([namespace, group]): CopyList => {
      const sources = sourcesOf(group);
      return { kind, ...(namespace !== undefined && { namespace }), labelSelector, sources };
    });
  });
  return { lists, copies: named(compared.filter(({ adopt }) => adopt !== undefined)) };
}

/** Copies by what one list can show of them: all, or those of one namespace. */
function byPlace(
  compared: readonly PendingCopy[],
  apart: boolean,
): ReadonlyMap<string | undefined, readonly PendingCopy[]> {
  const groups = new Map<string | undefined, PendingCopy[]>();
  for (const pending of compared) {
    const place = apart ? pending.namespace : undefined;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [pending]);
    else group.push(pending);
  }
  return groups;
}

function copyReads(compared: readonly PendingCopy[], draft: DraftPlan): CopyReads {
  if (compared.length === 0) return { lists: [], copies: [] };
  const totals = copiesPerOrigin(draft);
  const [lists, copies]: [CopyList[], ObjectName[]] = [[], []];
  for (const [key, group] of byOrigin(compared)) {
    const [first] = group;
    const many = group.length > 1 && group.length > (totals.get(key) ?? 0) * LIST_SHARE;
    // An origin has one copy in a namespace: a list of that namespace alone would show no more than a single read.
    if (!many || draft.classified.scope.readsByNamespace || first.adopt !== undefined)
      for (const name of named(group)) copies.push(name);
    else lists.push(listOf(first, group, draft));
  }
  return { lists, copies };
}

function listOf(first: PendingCopy, group: readonly PendingCopy[], { classified }: DraftPlan): CopyList {
  const labels = originLabels(
    { ...(first.from ?? first.source.meta), name: first.source.meta.name },
    classified.scope,
  );
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return { kind: first.source.meta.kind, labelSelector, sources: sourcesOf(group) };
}

/** How many copies a list of an origin's would show. */
function copiesPerOrigin({ classified }: DraftPlan): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { originKey: from } of classified.index.copies) totals.set(from, (totals.get(from) ?? 0) + 1);
  return totals;
}

/** Copies to compare by the origin whose marks they bear, which is what a label selector can ask for. */
function byOrigin(
  compared: readonly PendingCopy[],
): ReadonlyMap<string, readonly [PendingCopy, ...PendingCopy[]]> {
  const groups = new Map<string, [PendingCopy, ...PendingCopy[]]>();
  for (const pending of compared) {
    const { kind, namespace, name } = { ...pending.source.meta, ...pending.from };
    const key = pending.adopt !== undefined ? 'adopt' : keyFrom(kind, namespace, name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pending]);
    else group.push(pending);
  }
  return groups;
}

function sourcesOf(group: readonly PendingCopy[]): readonly ObjectKey[] {
  return [...new Set(group.map(({ source }) => keyOf(source.meta)))];
}

function named(group: readonly PendingCopy[]): ObjectName[] {
  return group.map(({ source: { meta }, namespace }) => ({ kind: meta.kind, namespace, name: meta.name }));
}

const PAGE_BYTES = 8 * 1024 * 1024;
const LARGEST_PAGE = 500;

/** How many bodies of copies to ask for in one page, so that a page stays within some megabytes of memory. */
export function pageSize(sources: readonly (Body | undefined)[]): number {
  const largest = sources.reduce(
    (most, source) => Math.max(most, source === undefined ? 0 : contentLength(source)),
    1,
  );
  return Math.max(1, Math.min(LARGEST_PAGE, Math.floor(PAGE_BYTES / (largest + 2048))));
}

function contentLength({ content }: Body): number {
  const lengths = [content.data, content.binaryData].flatMap((map) =>
    Object.entries(map).map(([key, value]) => key.length + value.length),
  );
  return lengths.reduce((sum, length) => sum + length, 0);
}
