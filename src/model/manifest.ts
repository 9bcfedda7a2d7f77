import type { Body, ManagedFieldsEntry, Namespace, ObjectName, StringMap } from './objects.ts';
import { compareText, keyOf } from './keys.ts';

/*
 * Objects as manifests have them: what people keep in Git, or what `kubectl get -o yaml` printed. What is wrong with a
 * manifest is data here and a sentence in report/.
 */

/** A ConfigMap or Secret as a manifest has it. A part that it does not mention is absent, which is not the same as empty. */
export interface Manifest extends ObjectName {
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  /** Of a Secret with `stringData` folded in, as base64. */
  readonly data?: StringMap;
  readonly binaryData?: StringMap;
  readonly type?: string;
  readonly immutable?: boolean;
  /** What only the dump of a cluster says; empty where it says nothing. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** A Namespace as a manifest has it. */
export interface NamespaceManifest {
  readonly name: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly terminating: boolean;
}

/** All that `-f` named; no object twice. */
export interface Manifests {
  readonly namespaces: readonly NamespaceManifest[];
  readonly objects: readonly Manifest[];
  /** How many manifests were of other kinds, by kind; an empty kind stands for a document without one. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** Where a manifest stands. Lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** What is wrong with a manifest. No trouble carries a value of one, which may be a Secret's. */
export type ManifestTrouble =
  | { readonly code: 'unreadable'; readonly message: string }
  | { readonly code: 'link-cycle' }
  | { readonly code: 'file-too-large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'not-utf8' }
  | { readonly code: 'malformed'; readonly problem: string }
  | { readonly code: 'nothing-there' }
  | { readonly code: 'not-an-object' }
  | { readonly code: 'list-in-itself' }
  | { readonly code: 'no-api-version'; readonly kind: string }
  | { readonly code: 'no-name'; readonly kind: string }
  | { readonly code: 'bad-name'; readonly field: string; readonly name: string }
  | {
      readonly code: 'wrong-type';
      readonly field: string;
      readonly wanted: ValueType;
      readonly found: ValueType;
    }
  | { readonly code: 'not-base64'; readonly field: string }
  | { readonly code: 'content-too-large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'twice'; readonly other: Place };

/** What a value of a manifest can be. */
export type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'map';

/** One trouble, with its place and the object that it is with, as far as that is known. */
export interface ManifestProblem {
  readonly at: Place;
  /** `Secret demo/omni`. */
  readonly object?: string;
  readonly trouble: ManifestTrouble;
}

/** The API server gives every namespace this label, and selectors rely on it. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** The labels of a namespace as the API server will have them. */
export function namespaceLabels(name: string, labels: StringMap): StringMap {
  return { ...labels, [NAMESPACE_NAME]: name };
}

/** An object that is nowhere but in its manifest. */
export function bodyOf(manifest: Manifest): Body {
  const {
    labels = {},
    annotations = {},
    data = {},
    binaryData = {},
    type,
    immutable = false,
    ...meta
  } = manifest;
  const content = { data, binaryData, immutable, ...(type !== undefined && { type }) };
  return { ...meta, labels, annotations, content };
}

/** The namespaces that stand for a cluster without one: the declared ones, and those that the objects are in. */
export function namespacesOf({ namespaces, objects }: Manifests): readonly Namespace[] {
  const declared = new Map(namespaces.map((manifest) => [manifest.name, manifest]));
  const names = new Set([...declared.keys(), ...objects.map(({ namespace }) => namespace)]);
  return [...names].toSorted(compareText).map((name): Namespace => {
    const { labels = {}, annotations = {}, terminating = false } = declared.get(name) ?? {};
    return { name, labels: namespaceLabels(name, labels), annotations, terminating };
  });
}

/** The objects of manifests by key. */
export function byKey(objects: readonly Manifest[]): ReadonlyMap<ReturnType<typeof keyOf>, Manifest> {
  return new Map(objects.map((manifest) => [keyOf(manifest), manifest]));
}
