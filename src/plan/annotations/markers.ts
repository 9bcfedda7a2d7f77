import type { FieldDifference } from '../../model/change.ts';
import type { Kind, ObjectMeta, Origin } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { has } from '../../model/keys.ts';

/*
 * Is an object a copy of ours, and of which origin (docs/design.md 3)? Here are all our annotations and labels, and how they
 * are written and read. AppsCode Kubed and config-syncer use the same keys. We recognise their copies, and scripts of their
 * users look for these keys.
 */

/** The prefix of every mark. Keys of a source with this prefix are never copied. */
export const MARK_PREFIX = 'kubed.appscode.com/';
/** Annotation of a source: `""`, `"true"` or a label selector over namespaces. */
export const SYNC = 'kubed.appscode.com/sync';
/** Annotation of a source: contexts of other clusters that get a copy, such as `prod-eu,prod-us` (docs/design.md 11). */
export const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';
/** Annotation of a source: the names of the namespaces that may have a copy. It narrows {@link SYNC}. */
export const SYNC_NAMESPACES = 'kubed.appscode.com/sync-namespaces';
/** Annotation of a source: the keys that its copies have. */
export const SYNC_KEYS = 'kubed.appscode.com/sync-keys';
/** Annotation of a copy: JSON that names the source and the version whose body was written. */
export const ORIGIN = 'kubed.appscode.com/origin';
/** Label of a copy: the name of the source, shortened if it is too long for a label. */
export const ORIGIN_NAME = 'kubed.appscode.com/origin.name';
/** Label of a copy: the namespace of the source. */
export const ORIGIN_NAMESPACE = 'kubed.appscode.com/origin.namespace';
/** Label of a copy: `--cluster-name`, which may be empty. */
export const ORIGIN_CLUSTER = 'kubed.appscode.com/origin.cluster';
/** Annotation of a copy: a hash over the names of the content fields that were written, and one over `sync-keys`. */
export const FIELDS = 'kubed.appscode.com/fields';
/** Annotation of a copy in another cluster: the uid of the home cluster that wrote it. */
export const ORIGIN_CLUSTER_UID = 'kubed.appscode.com/origin.cluster-uid';
/** Annotation of a copy in another cluster: the context that it was written for. */
export const CONTEXT = 'kubed.appscode.com/context';
/** Annotation of a copy that no source asks for: the time of the first run that found it so (`--prune-after`). */
export const UNWANTED_SINCE = 'kubed.appscode.com/unwanted-since';
/** Annotation of a namespace that takes no copies. */
export const IGNORE = 'kubed.appscode.com/ignore';
/** Annotation of a namespace: the namespaces whose sources may have copies in it. */
export const ACCEPT_FROM = 'kubed.appscode.com/accept-from';
/** Label that says who made a copy (Kubernetes: Recommended Labels). */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
/** Our name as field manager and as the value of {@link MANAGED_BY}. */
export const MANAGER = 'kubed-sync';

/** Every label that marks a copy. Without these and {@link MARK_ANNOTATIONS} it is an ordinary object. */
export const MARK_LABELS: readonly string[] = [ORIGIN_NAME, ORIGIN_NAMESPACE, ORIGIN_CLUSTER, MANAGED_BY];
/** Every annotation that marks a copy. */
export const MARK_ANNOTATIONS: readonly string[] = [
  ORIGIN,
  FIELDS,
  UNWANTED_SINCE,
  ORIGIN_CLUSTER_UID,
  CONTEXT,
];

/** The marks that only copies in other clusters have. At home they are removed. */
export const CLUSTER_MARKS: readonly string[] = [ORIGIN_CLUSTER_UID, CONTEXT];

/** The longest label value (Kubernetes: Labels and Selectors, "Syntax and character set"). */
const LABEL_VALUE_LENGTH = 63;
const LONG_NAME_KEPT = 46;
const HASH_DIGITS = 16;

/** The origin annotation: the version of the source from which a copy was written. */
export interface OriginMark extends Origin {
  /** Only in the older form of the annotation. */
  readonly kind?: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The origin annotation of a copy of this source, with the key order of the old operator. */
export function writeOrigin(source: ObjectMeta): string {
  const { namespace, name, uid, resourceVersion } = source;
  return JSON.stringify({ namespace, name, uid, resourceVersion });
}

/**
 * Reads an origin annotation in either form. Undefined if it is not a JSON object with a namespace and a name.
 * A missing uid or resourceVersion becomes an empty text. No source has that, so such a copy is not up to date.
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
 * characters, `-`, and 16 hex digits of its SHA-256. The result begins and ends with a letter or digit, as a label must.
 */
export function labelOfName(name: string, sha256: (text: string) => string): string {
  if (name.length <= LABEL_VALUE_LENGTH) return name;
  return `${name.slice(0, LONG_NAME_KEPT)}-${sha256(name).slice(0, HASH_DIGITS)}`;
}

/**
 * The value of {@link FIELDS}. It is a hash over names such as `data/KEY`, so it tells nothing about a value. If the source
 * has the annotation `sync-keys`, a dot and a hash over its text follow. So a copy that was written without regard to the
 * annotation is never up to date.
 */
export function writeFields(
  names: Iterable<string>,
  sha256: (text: string) => string,
  syncKeys?: string,
): string {
  const hash = (text: string): string => sha256(text).slice(0, HASH_DIGITS);
  const fields = hash([...names].toSorted().join('\n'));
  return syncKeys === undefined ? fields : `${fields}.${hash(syncKeys)}`;
}

/** Whether a value of {@link FIELDS} names exactly these fields, whatever `sync-keys` was. */
export function namesFields(
  mark: string | undefined,
  names: Iterable<string>,
  sha256: (text: string) => string,
): boolean {
  return mark?.split('.', 1)[0] === writeFields(names, sha256);
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

/** The annotation by which a source asks for the copies of a plan: those at home, or those in another cluster. */
export function requestKey({ remote }: Pick<Settings, 'remote'>): string {
  return remote === undefined ? SYNC : SYNC_CONTEXTS;
}

/** Whether an object of this kind and name can be a source. Every namespace has its own kube-root-ca.crt. */
export function canBeSource(kind: Kind, name: string): boolean {
  return !(kind === 'ConfigMap' && name === 'kube-root-ca.crt');
}

/**
 * Whether a copy has a sync annotation. Such a copy is never deleted, not even by a replace. Otherwise the copies that
 * name it as their origin would be pruned (docs/design.md 4.4). Every run reports it.
 */
export function hasSyncAnnotation(copy: ObjectMeta): boolean {
  return has(copy.annotations, SYNC);
}

/** Returns whether a difference is one of our marks (docs/design.md 3). Readers rarely want to see those. */
export function isMark({ part, key = '' }: FieldDifference): boolean {
  if (part !== 'labels' && part !== 'annotations') return false;
  return key.startsWith(MARK_PREFIX) || key === MANAGED_BY;
}
