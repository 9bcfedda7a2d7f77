/**
 * The nouns of kubed-sync (design section 1). Everything imports this file, it imports nothing.
 *
 * All values are plain and read-only, so that a snapshot, a plan and a report can be printed, serialised and compared.
 */

/** The kinds that are synchronised. */
export type Kind = 'ConfigMap' | 'Secret';

/** Every {@link Kind}, in the order in which reports and writes go through them. */
export const KINDS: readonly Kind[] = ['ConfigMap', 'Secret'];

/**
 * A JSON object of strings, as the API server sent it. Keys come from users: read it with `get` of `records.ts` only,
 * which sees own keys alone (`constructor` is a legal label, `__proto__` a legal key of a ConfigMap).
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

/** What names an origin besides the kind, which a copy shares with it. */
export interface Origin {
  readonly namespace: string;
  readonly name: string;
}

/** A tree of field names as in `fieldsV1` of managedFields (Kubernetes: Server-Side Apply, "Field management"). */
export interface FieldTree {
  readonly [path: string]: FieldTree;
}

/** One entry of `metadata.managedFields`: untrusted, since whoever writes an object may send any. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: FieldTree;
  readonly subresource?: string;
}

/** What a metadata-only read shows of an object (`PartialObjectMetadata`), with the kind of the list it came from. */
export interface ObjectMeta extends ObjectName {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** RFC 3339 in UTC with seconds, so that text order is time order. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** What a copy takes over from its source besides labels and annotations. Values are never printed. */
export interface Content {
  readonly data: StringMap;
  readonly binaryData: StringMap;
  /** Of Secrets only. */
  readonly type?: string;
  /** Absent and false mean the same to Kubernetes and are one here. */
  readonly immutable: boolean;
}

/** A whole object. */
export interface Body extends ObjectMeta {
  readonly content: Content;
}

/** A namespace of the cluster, seen as a possible target. */
export interface Namespace {
  readonly name: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** It has a deletionTimestamp: nothing in it is written or deleted any more. */
  readonly terminating: boolean;
  /** Only a manifest declares it: the cluster does not have it yet. */
  readonly isDeclaredOnly?: true;
  /** Only where somebody applied it server-side: an apply without a label takes the label away. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** One complete metadata read of the cluster; there is no such thing as half a snapshot (design section 4). */
export interface Snapshot {
  readonly namespaces: readonly Namespace[];
  readonly objects: readonly ObjectMeta[];
}
