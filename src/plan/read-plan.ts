/*
 * How does `--verify` differ? Without it, a copy that is up to date by its metadata is not read. With it, the draft has every
 * copy compared (`draft.ts`), and `verifyReads` here reads them with one list for each kind (docs/design.md 5.2 and 5.3).
 *
 * Example: 500 copies, and one was edited → without `--verify` a run reads that one. With it, a run reads all 500, in pages.
 */

import { ORIGIN_CLUSTER, ORIGIN_NAME, ORIGIN_NAMESPACE, originLabels } from './annotations/markers.ts';
import {
  type Body,
  KINDS,
  type Kind,
  type ObjectKey,
  type ObjectMeta,
  type ObjectName,
} from '../model/objects.ts';
import type { DraftPlan, PendingCopy } from './draft.ts';
import { compareNames, keyOf, nameOf, originKeyOf } from '../model/keys.ts';
import type { Scope } from './scope.ts';
import { groupBy } from '../util/group-by.ts';

/** What does a run have to read before a draft can become a plan (docs/design.md 5.3 and 5.5)? */
export interface ReadPlan {
  /** Sources whose bodies are read: they have something to create, to compare or to lose. */
  readonly sources: readonly ObjectMeta[];
  /** Origins that lose a copy and whose bodies are not read: their metadata confirms it. */
  readonly origins: readonly ObjectName[];
  /** Copies to compare: those that lists show, and those that are read one by one. */
  readonly lists: readonly CopyList[];
  readonly copies: readonly ObjectName[];
}

/** One label-selected list that shows several copies to compare. */
export interface CopyList {
  readonly kind: Kind;
  /** Absent: in all namespaces. */
  readonly namespace?: string;
  readonly labelSelector: string;
  /** The sources of the copies. Their size tells how large the listed bodies are. */
  readonly sources: readonly ObjectKey[];
}

/**
 * A list returns every copy of an origin, and each single read costs one request. Up to this share of the copies, single
 * reads cost less. Example: of 40 copies, 4 are read one by one, and 5 with a list.
 */
const LIST_SHARE = 0.1;

/** Returns what a draft needs. In a quiet cluster that is nothing. */
export function planReads(draft: DraftPlan): ReadPlan {
  const read = [...draft.pending.map(({ source }) => source.meta), ...losingSources(draft)];
  const sources = new Map(read.map((source) => [keyOf(source), source]));
  const origins = losingOrigins(draft).filter((origin) => !sources.has(keyOf(origin)));
  const compared = draft.pending.filter(({ there }) => there !== undefined);
  const { lists, copies } = draft.classified.scope.verify
    ? verifyReads(compared, draft)
    : copyReads(compared, draft);
  return {
    sources: [...sources.values()].toSorted(compareNames),
    origins,
    lists,
    copies: copies.toSorted(compareNames),
  };
}

/**
 * Sources that lose a copy which they no longer ask for. A source that cannot be copied keeps its copies, and only its
 * body shows that (docs/design.md 4.4). So the body is read even if nothing else needs it.
 */
function losingSources({ prunes, classified }: DraftPlan): readonly ObjectMeta[] {
  const losing = new Set(prunes.map(originKeyOf));
  if (losing.size === 0) return [];
  return classified.sources.flatMap(({ key, meta }) => (losing.has(key) ? [meta] : []));
}

/** Every origin that loses a copy, by a prune or by a hand-over. */
function losingOrigins({ prunes, pending }: DraftPlan): readonly ObjectName[] {
  const names = new Map<ObjectKey, ObjectName>();
  const add = (origin: ObjectName): unknown => names.set(keyOf(origin), origin);
  for (const { kind, origin } of prunes) add({ kind, ...origin });
  for (const { source, from } of pending) if (from !== undefined) add({ kind: source.meta.kind, ...from });
  return [...names.values()].toSorted(compareNames);
}

type CopyReads = Pick<ReadPlan, 'lists' | 'copies'>;

/** Separates objects to adopt from copies. An object to adopt has no labels by which a list would show it. */
function splitAdoptions(compared: readonly PendingCopy[]): {
  readonly adoptions: readonly PendingCopy[];
  readonly ours: readonly PendingCopy[];
} {
  return {
    adoptions: compared.filter(({ adopt }) => adopt !== undefined),
    ours: compared.filter(({ adopt }) => adopt === undefined),
  };
}

/** `--verify`: one list of all our copies for each kind, or for each kind and namespace. */
function verifyReads(compared: readonly PendingCopy[], { classified: { scope } }: DraftPlan): CopyReads {
  const labelSelector = `${clusterSelector(scope)},${ORIGIN_NAME},${ORIGIN_NAMESPACE}`;
  const { adoptions, ours } = splitAdoptions(compared);
  const lists = KINDS.flatMap((kind) => {
    const ofKind = ours.filter(({ source }) => source.meta.kind === kind);
    const groups = groupBy(ofKind, (pending) => (scope.readsByNamespace ? pending.namespace : undefined));
    return [...groups].map(([namespace, group]): CopyList => {
      const sources = sourcesOf(group);
      return { kind, ...(namespace !== undefined && { namespace }), labelSelector, sources };
    });
  });
  return { lists, copies: namesOf(adoptions) };
}

/** One list for each origin with enough copies to compare; the other copies one by one. */
function copyReads(compared: readonly PendingCopy[], draft: DraftPlan): CopyReads {
  if (compared.length === 0) return { lists: [], copies: [] };
  const { adoptions, ours } = splitAdoptions(compared);
  // An origin has one copy in a namespace. A list of that namespace would show no more than a single read.
  if (draft.classified.scope.readsByNamespace) return { lists: [], copies: namesOf(compared) };
  const groups = groupBy(ours, currentOriginKey);
  const [lists, single]: [CopyList[], (readonly PendingCopy[])[]] = [[], [adoptions]];
  for (const [key, all] of groupBy(draft.classified.index.copies, ({ originKey }) => originKey)) {
    const group = groups.get(key);
    if (group === undefined) continue;
    if (group.length > 1 && group.length > all.length * LIST_SHARE) lists.push(listOf(group, draft));
    else single.push(group);
  }
  return { lists, copies: namesOf(single.flat()) };
}

/** The origin that the marks of a copy name now. A label selector can ask for it. */
function currentOriginKey({ source, from }: PendingCopy): ObjectKey {
  return originKeyOf({ kind: source.meta.kind, origin: from ?? source.meta });
}

/** The list of all copies of one origin. */
function listOf(group: readonly [PendingCopy, ...PendingCopy[]], { classified }: DraftPlan): CopyList {
  const [{ source, from }] = group;
  const { [ORIGIN_CLUSTER]: _, ...origin } = originLabels(from ?? source.meta, classified.scope);
  const labels = Object.entries(origin).map(([key, value]) => `${key}=${value}`);
  const labelSelector = [...labels, clusterSelector(classified.scope)].join(',');
  return { kind: source.meta.kind, labelSelector, sources: sourcesOf(group) };
}

/** In another cluster the cluster name decides nothing, and copies may have an older one. */
function clusterSelector({ clusterName, remote }: Scope): string {
  return remote === undefined ? `${ORIGIN_CLUSTER}=${clusterName}` : ORIGIN_CLUSTER;
}

function sourcesOf(group: readonly PendingCopy[]): readonly ObjectKey[] {
  return [...new Set(group.map(({ source }) => source.key))];
}

function namesOf(group: readonly PendingCopy[]): ObjectName[] {
  return group.map(({ source: { meta }, namespace }) => nameOf({ ...meta, namespace }));
}

const PAGE_BYTES = 8 * 1024 * 1024;
const LARGEST_PAGE = 500;

/** How many bodies of copies one page asks for, so that a page takes at most about 8 MiB of memory. */
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
