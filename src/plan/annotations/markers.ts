import type { FieldDifference } from '../../model/change.ts';
import type { Kind, ObjectKey, ObjectMeta, Origin, StringMap } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { get, has, keyFrom } from '../../model/keys.ts';

/*
 * The marks: every annotation and label of ours (design section 2). They are the contract with AppsCode Kubed and
 * config-syncer, whose copies are recognised and whose users' scripts look for these keys.
 */

/** Prefix of every mark; such keys of a source are never copied. */
export const MARK_PREFIX = 'kubed.appscode.com/';
/** Annotation of a source: `""`, `"true"` or a label selector over namespaces. */
export const SYNC = 'kubed.appscode.com/sync';
/** Annotation of a source: kubeconfig contexts of other clusters. Not carried out. */
export const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';
/** Annotation of a copy: JSON of the source whose body was written. */
export const ORIGIN = 'kubed.appscode.com/origin';
/** Label of a copy: the source's name, shortened where it is longer than a label may be. */
export const ORIGIN_NAME = 'kubed.appscode.com/origin.name';
/** Label of a copy: the source's namespace. */
export const ORIGIN_NAMESPACE = 'kubed.appscode.com/origin.namespace';
/** Label of a copy: `--cluster-name`, which may be empty. */
export const ORIGIN_CLUSTER = 'kubed.appscode.com/origin.cluster';
/** Annotation of a copy: hash over the names of the content fields written. */
export const FIELDS = 'kubed.appscode.com/fields';
/** Annotation of a namespace that takes no copies. */
export const IGNORE = 'kubed.appscode.com/ignore';
/** Label that says who made a copy (Kubernetes: Recommended Labels). */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
/** Our name as field manager and as the value of {@link MANAGED_BY}. */
export const MANAGER = 'kubed-sync';

/** A label value may be so long (Kubernetes: Labels and Selectors, "Syntax and character set"). */
const LABEL_VALUE_LENGTH = 63;
const LONG_NAME_KEPT = 46;
const HASH_DIGITS = 16;

/** Which source state a copy's body came from: the origin annotation. */
export interface OriginMark extends Origin {
  /** Only in the older form of the annotation. */
  readonly kind?: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The origin annotation of a copy of this source, in the key order of the old operator (design section 2). */
export function writeOrigin(source: ObjectMeta): string {
  const { namespace, name, uid, resourceVersion } = source;
  return JSON.stringify({ namespace, name, uid, resourceVersion });
}

/**
 * Reads an origin annotation in either form; undefined where it is no JSON object with a namespace and a name.
 * A missing uid or resourceVersion reads as empty, which is no source's: such a copy is just not current.
 */
export function readOrigin(text: string): OriginMark | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const field = (key: string): unknown => (Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined);
  const [namespace, name, kind] = [field('namespace'), field('name'), field('kind')];
  if (typeof namespace !== 'string' || typeof name !== 'string' || namespace === '' || name === '')
    return undefined;
  if (kind !== undefined && typeof kind !== 'string') return undefined;
  const mark = {
    namespace,
    name,
    uid: textOf(field('uid')),
    resourceVersion: textOf(field('resourceVersion')),
  };
  return kind === undefined ? mark : { kind, ...mark };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * The value of {@link ORIGIN_NAME} for a source of this name. A name that is too long for a label becomes its first 46
 * characters, `-`, and 16 hex digits of its SHA-256; it begins and ends alphanumeric, as every object name does.
 */
export function labelOfName(name: string, sha256: (text: string) => string): string {
  if (name.length <= LABEL_VALUE_LENGTH) return name;
  return `${name.slice(0, LONG_NAME_KEPT)}-${sha256(name).slice(0, HASH_DIGITS)}`;
}

/** The value of {@link FIELDS}: over names such as `data/KEY` only, so that it says nothing of any value. */
export function writeFields(names: Iterable<string>, sha256: (text: string) => string): string {
  return sha256([...names].toSorted().join('\n')).slice(0, HASH_DIGITS);
}

/** The labels that mark a copy of this source. */
export function originLabels(
  source: Origin,
  settings: Pick<Settings, 'clusterName' | 'sha256'>,
): Record<string, string> {
  return {
    [ORIGIN_NAME]: labelOfName(source.name, settings.sha256),
    [ORIGIN_NAMESPACE]: source.namespace,
    [ORIGIN_CLUSTER]: settings.clusterName,
  };
}

/** What the marks on an object say of it (design section 2, "Ours"). */
export type MarkReading =
  /** No marks, or marks that point at the object itself, which the old operator made: an ordinary object. */
  | { readonly marked: 'no' }
  /** `from` is the key of the origin, which is of the object's own kind. */
  | { readonly marked: 'ours'; readonly origin: OriginMark; readonly from: ObjectKey }
  /** All in order, under another `--cluster-name`. */
  | { readonly marked: 'other-cluster'; readonly clusterName: string }
  | { readonly marked: 'disagree' };

const UNMARKED: MarkReading = { marked: 'no' };
const DISAGREE: MarkReading = { marked: 'disagree' };

/**
 * Reads the marks of an object. Nothing is believed that the three labels and the annotation do not say alike.
 * `read` may remember what it read: thousands of copies bear the same annotation.
 */
export function readMarks(
  object: ObjectMeta,
  settings: Pick<Settings, 'clusterName' | 'sha256'>,
  read: (text: string) => OriginMark | undefined = readOrigin,
): MarkReading {
  const { labels, annotations } = object;
  if (!carriesMarks(object)) return UNMARKED;
  const origin = read(get(annotations, ORIGIN) ?? '');
  if (pointsAtItself(object, origin, settings)) return UNMARKED;
  if (origin === undefined || !agrees(object, origin, settings)) return DISAGREE;
  const clusterName = get(labels, ORIGIN_CLUSTER);
  if (clusterName === undefined) return DISAGREE;
  return clusterName === settings.clusterName
    ? { marked: 'ours', origin, from: keyFrom(object.kind, origin.namespace, origin.name) }
    : { marked: 'other-cluster', clusterName };
}

function carriesMarks({ labels, annotations }: { labels: StringMap; annotations: StringMap }): boolean {
  return (
    has(labels, ORIGIN_NAME) ||
    has(labels, ORIGIN_NAMESPACE) ||
    has(labels, ORIGIN_CLUSTER) ||
    has(annotations, ORIGIN) ||
    has(annotations, FIELDS)
  );
}

function agrees(object: ObjectMeta, origin: OriginMark, settings: Pick<Settings, 'sha256'>): boolean {
  return (
    get(object.labels, ORIGIN_NAME) === labelOfName(origin.name, settings.sha256) &&
    get(object.labels, ORIGIN_NAMESPACE) === origin.namespace &&
    origin.name === object.name &&
    origin.namespace !== object.namespace &&
    (origin.kind === undefined || origin.kind === object.kind)
  );
}

/** Whichever of the annotation and the labels are there, they name the object they are on. */
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

/** Whether an object of this kind and name can be a source at all: every namespace has its own kube-root-ca.crt. */
export function canBeSource(kind: Kind, name: string): boolean {
  return !(kind === 'ConfigMap' && name === 'kube-root-ca.crt');
}

/**
 * Whether a copy pretends to be a source. Such a copy is never deleted, neither pruned nor made anew: without the annotation
 * nothing would hold the copies that name it as their origin any more (design section 3). A finding tells of it in every run.
 */
export function hasSyncAnnotation(copy: ObjectMeta): boolean {
  return has(copy.annotations, SYNC);
}

/**
 * Whether an object is a copy of ours and does not pretend to be a source. Nothing in another namespace depends on it.
 * `read` as in {@link readMarks}.
 */
export function isPlainCopy(
  object: ObjectMeta,
  settings: Pick<Settings, 'clusterName' | 'sha256'>,
  read?: (text: string) => OriginMark | undefined,
): boolean {
  return !hasSyncAnnotation(object) && readMarks(object, settings, read).marked === 'ours';
}

/** Whether a difference is one of our marks, which readers rarely want to see. */
export function isMark(difference: FieldDifference): boolean {
  return (
    difference.key !== undefined && (difference.key.startsWith(MARK_PREFIX) || difference.key === MANAGED_BY)
  );
}
