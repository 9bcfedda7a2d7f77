import type { Kind, ObjectKey, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { RemoteContext, Settings } from '../../model/settings.ts';
import { get, has, originKeyOf } from '../../model/keys.ts';
import { memoizeObject } from '../../util/memoize.ts';
import {
  FIELDS,
  MANAGED_BY,
  MANAGER,
  ORIGIN,
  ORIGIN_CLUSTER,
  ORIGIN_CLUSTER_UID,
  ORIGIN_NAME,
  ORIGIN_NAMESPACE,
  type OriginMark,
  hasSyncAnnotation,
  labelOfName,
  readOrigin,
} from './markers.ts';

/*
 * Is an object a copy of ours (docs/design.md 3.2 and 11)? At home the cluster name decides, and nothing that another home
 * cluster wrote is ours. In another cluster the uid of this home decides:
 *
 *   origin.cluster-uid   at home    in another cluster
 *   -------------------  ---------  ---------------------------------------------------------------
 *   absent               by name    ours where wanted, if the origin has the uid of a live source
 *   of this home         by name    ours
 *   of another cluster   pushed     pushed, or ours where wanted, with `--former-cluster-uid`
 */

/** What the marks say about an object (docs/design.md 3.2). */
export type MarkReading =
  /** An ordinary object: no marks, or marks that point at the object itself, as the old operator wrote them. */
  | { readonly marked: 'no' }
  /** `originKey` is the key of the origin. */
  | {
      readonly marked: 'ours';
      readonly origin: OriginMark;
      readonly originKey: ObjectKey;
      readonly claim?: WeakClaim;
    }
  /** The marks are in order, with another `--cluster-name`. */
  | { readonly marked: 'other-cluster'; readonly clusterName: string }
  /** Another home cluster wrote it here. It is never ours. */
  | { readonly marked: 'pushed'; readonly clusterUid: string }
  | { readonly marked: 'disagree' };

/**
 * Why a copy in another cluster is ours only where a source asks for it: its marks do not have the uid of this home. It
 * was written by a former home (`--former-cluster-uid`), or by the old operator, which recorded no cluster.
 */
export type WeakClaim = 'former-cluster' | 'old-operator';

/** The settings that say whose marks are ours. */
export type MarkSettings = Pick<
  Settings,
  'clusterName' | 'sha256' | 'clusterUid' | 'formerClusterUids' | 'remote'
>;

/** Thousands of copies have the same origin. They share its key. */
const keyOfOrigin: Readonly<Record<Kind, (origin: OriginMark) => ObjectKey>> = {
  ConfigMap: memoizeObject((origin: OriginMark) => originKeyOf({ kind: 'ConfigMap', origin })),
  Secret: memoizeObject((origin: OriginMark) => originKeyOf({ kind: 'Secret', origin })),
};

const UNMARKED: MarkReading = { marked: 'no' };
const DISAGREE: MarkReading = { marked: 'disagree' };

/**
 * Reads the marks of an object. They count only if the three labels and the annotation agree.
 * `read` can be memoized, since thousands of copies have the same annotation.
 */
export function readMarks(
  object: ObjectMeta,
  settings: MarkSettings,
  read: (text: string) => OriginMark | undefined = readOrigin,
): MarkReading {
  const { labels, annotations } = object;
  if (!carriesMarks(object)) return UNMARKED;
  const clusterUid = get(annotations, ORIGIN_CLUSTER_UID);
  const origin = read(get(annotations, ORIGIN) ?? '');
  if (settings.remote !== undefined) return readRemoteMarks(object, origin, settings, settings.remote);
  if (clusterUid !== undefined && clusterUid !== settings.clusterUid) return { marked: 'pushed', clusterUid };
  if (pointsAtItself(object, origin, settings)) return UNMARKED;
  if (origin === undefined || !agrees(object, origin, settings)) return DISAGREE;
  const clusterName = get(labels, ORIGIN_CLUSTER);
  if (clusterName === undefined) return DISAGREE;
  return clusterName === settings.clusterName
    ? { marked: 'ours', origin, originKey: keyOfOrigin[object.kind](origin) }
    : { marked: 'other-cluster', clusterName };
}

/** Reads the marks of an object in another cluster. There the uid of the home cluster decides, and no cluster name. */
function readRemoteMarks(
  object: ObjectMeta,
  origin: OriginMark | undefined,
  settings: MarkSettings,
  remote: RemoteContext,
): MarkReading {
  const clusterUid = get(object.annotations, ORIGIN_CLUSTER_UID);
  const isFormer = clusterUid !== undefined && settings.formerClusterUids?.includes(clusterUid) === true;
  if (clusterUid !== undefined && clusterUid !== settings.clusterUid && !isFormer)
    return { marked: 'pushed', clusterUid };
  if (origin === undefined || !namesOrigin(object, origin, settings)) return DISAGREE;
  const ours = { marked: 'ours', origin, originKey: keyOfOrigin[object.kind](origin) } as const;
  if (clusterUid === settings.clusterUid) return ours;
  if (isFormer) return { ...ours, claim: 'former-cluster' };
  if (remote.isSourceUid(origin.uid)) return { ...ours, claim: 'old-operator' };
  return { marked: 'other-cluster', clusterName: get(object.labels, ORIGIN_CLUSTER) ?? '' };
}

function carriesMarks({ labels, annotations }: { labels: StringMap; annotations: StringMap }): boolean {
  return (
    has(labels, ORIGIN_NAME) ||
    has(labels, ORIGIN_NAMESPACE) ||
    has(labels, ORIGIN_CLUSTER) ||
    has(annotations, ORIGIN) ||
    has(annotations, FIELDS) ||
    has(annotations, ORIGIN_CLUSTER_UID)
  );
}

function agrees(object: ObjectMeta, origin: OriginMark, settings: Pick<Settings, 'sha256'>): boolean {
  return namesOrigin(object, origin, settings) && origin.namespace !== object.namespace;
}

/** Whether the labels of an object and its origin annotation name the same origin. */
function namesOrigin(object: ObjectMeta, origin: OriginMark, settings: Pick<Settings, 'sha256'>): boolean {
  return (
    get(object.labels, ORIGIN_NAME) === labelOfName(origin.name, settings.sha256) &&
    get(object.labels, ORIGIN_NAMESPACE) === origin.namespace &&
    origin.name === object.name &&
    (origin.kind === undefined || origin.kind === object.kind)
  );
}

/** Whether the marks that are there name the object itself. */
function pointsAtItself(
  object: ObjectMeta,
  origin: OriginMark | undefined,
  settings: Pick<Settings, 'sha256'>,
): boolean {
  const annotated = has(object.annotations, ORIGIN);
  if (annotated && (origin?.namespace !== object.namespace || origin.name !== object.name)) return false;
  const namespace = get(object.labels, ORIGIN_NAMESPACE);
  const name = get(object.labels, ORIGIN_NAME) ?? labelOfName(object.name, settings.sha256);
  if (name !== labelOfName(object.name, settings.sha256)) return false;
  return namespace === undefined ? annotated : namespace === object.namespace;
}

/**
 * Whether an object is a copy of ours without a sync annotation. Nothing in another namespace depends on it.
 * `read` is as in {@link readMarks}.
 */
export function isPlainCopy(
  object: ObjectMeta,
  settings: MarkSettings,
  read?: (text: string) => OriginMark | undefined,
): boolean {
  return !hasSyncAnnotation(object) && readMarks(object, settings, read).marked === 'ours';
}

/**
 * Whether `kubed-sync render` wrote this manifest, for a cluster of whatever name. Its copies have complete marks with an
 * empty uid and resourceVersion, because Git does not know those of the source. No copy in a cluster stays like that:
 * the first reconcile writes them.
 */
export function isRenderedCopy(object: ObjectMeta, { sha256 }: Pick<Settings, 'sha256'>): boolean {
  const { labels, annotations } = object;
  if (object.uid !== '' || get(labels, MANAGED_BY) !== MANAGER || !has(annotations, FIELDS)) return false;
  const marks = readMarks(object, { sha256, clusterName: get(labels, ORIGIN_CLUSTER) ?? '' });
  return marks.marked === 'ours' && marks.origin.uid === '' && marks.origin.resourceVersion === '';
}
