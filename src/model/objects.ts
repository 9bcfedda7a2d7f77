/**
 * The basic types of kubed-sync (docs/design.md 2). This file imports nothing.
 *
 * All values are plain and read-only, so that a snapshot, a plan and a report can be printed, serialised and compared.
 */

/** The kinds that are synchronised. */
export type Kind = 'ConfigMap' | 'Secret';

/** Every {@link Kind}, in the order of reports and writes. */
export const KINDS: readonly Kind[] = ['ConfigMap', 'Secret'];

/**
 * A JSON object of strings. Keys come from users, so read it only with `get` of `keys.ts`, which returns only own keys.
 * Example: `constructor` is a legal label, and `__proto__` is a legal key of a ConfigMap.
 */
export type StringMap = Readonly<Record<string, string>>;

/** Names one object of the cluster. */
export interface ObjectName {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** `Kind/namespace/name`: an {@link ObjectName} as a map key, made by `keyOf` alone. */
export type ObjectKey = string & { readonly __objectKey: never };

/** Namespace and name of an origin. Its kind is the kind of the copy. */
export interface Origin {
  readonly namespace: string;
  readonly name: string;
}

/** A tree of field names as in `fieldsV1` of managedFields (Kubernetes: Server-Side Apply, "Field management"). */
export interface FieldTree {
  readonly [path: string]: FieldTree;
}

/** One entry of `metadata.managedFields`. It is not trusted: any client that writes an object can send any entry. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: FieldTree;
  readonly subresource?: string;
}

/** The metadata of an object (`PartialObjectMetadata`), with its kind. */
export interface ObjectMeta extends ObjectName {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** RFC 3339 in UTC with seconds, so the order of texts is the order of times. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** What a copy takes over from its source in addition to labels and annotations. Values are never printed. */
export interface Content {
  readonly data: StringMap;
  readonly binaryData: StringMap;
  /** Only Secrets have it. */
  readonly type?: string;
  /** Also false if it is absent: both mean the same to Kubernetes. */
  readonly immutable: boolean;
}

/** An object with its content. */
export interface Body extends ObjectMeta {
  readonly content: Content;
}

/** A namespace of the cluster, which may be a target. */
export interface Namespace {
  readonly name: string;
  /** Absent if only a manifest declares it, or if it was not read. */
  readonly uid?: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** It has a deletionTimestamp, so nothing in it is written or deleted. */
  readonly terminating: boolean;
  /** Only a manifest declares it. The cluster does not have it yet. */
  readonly isDeclaredOnly?: true;
  /** Present only after a server-side apply. The next apply removes the labels that it leaves out. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** One complete metadata read of the cluster. A partial read is a failure (docs/design.md 5.1). */
export interface Snapshot {
  readonly namespaces: readonly Namespace[];
  readonly objects: readonly ObjectMeta[];
  /** The resource version of the lists of each kind, the lowest if there are several. Absent without a cluster. */
  readonly listVersions?: Readonly<Partial<Record<Kind, string>>>;
}
