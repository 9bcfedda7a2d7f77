import type { Body, ManagedFieldsEntry, Namespace, ObjectName, StringMap } from './objects.ts';
import type { Settings } from './settings.ts';
import { compareText, get, keyOf } from './keys.ts';

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

/** The objects of manifests, none twice. */
export interface Declared {
  readonly namespaces: readonly NamespaceManifest[];
  readonly objects: readonly Manifest[];
}

/** The objects of manifests, and of the manifests as they were before (`--base`). */
export interface DeclaredWithBase extends Declared {
  readonly base?: Declared;
}

/** All that could be read of what `-f` names. */
export interface Manifests extends DeclaredWithBase {
  /** How many manifests have other kinds, by kind; an empty kind stands for documents that are not objects. */
  readonly ignored: ReadonlyMap<string, number>;
  /** What could not be read, or what the API server would reject: it is missing in the objects, so the rest is incomplete. */
  readonly problems: readonly ManifestProblem[];
  /** What was read, and may not mean what its author thinks. */
  readonly warnings: readonly ManifestProblem[];
  /** Objects of other kinds that tell a controller to make sources. Those sources are in no manifest. */
  readonly makers: readonly Maker[];
  /** ConfigMaps and Secrets that say no namespace, and the one that they were placed in. */
  readonly placed: Placed;
}

/** Who chose the namespace of manifests that name none: `-n`, the context of the kubeconfig, the pod, or nobody. */
export type NamespaceChoice = 'option' | 'context' | 'pod' | 'none';

/** What was placed in the default namespace. */
export interface Placed {
  readonly namespace: string;
  readonly chosenBy: NamespaceChoice;
  readonly objects: number;
  readonly sources: readonly ObjectName[];
}

/** An object whose controller, or a file from which kustomize, makes sources. */
export interface Maker {
  readonly at: Place;
  /** `Certificate certs/wildcard`. */
  readonly object: string;
}

/** Where a manifest stands. Lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** What is wrong with a manifest. No trouble carries a value of one, which may be a Secret's. */
export type ManifestIssue =
  | { readonly code: 'unreadable'; readonly message: string }
  | { readonly code: 'link-cycle' }
  | { readonly code: 'file-too-large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'not-utf8' }
  | { readonly code: 'malformed'; readonly problem: string }
  | { readonly code: 'template'; readonly field?: string }
  | { readonly code: 'rest-ignored' }
  | { readonly code: 'nothing-there' }
  | { readonly code: 'not-an-object' }
  | { readonly code: 'list-in-list' }
  | { readonly code: 'encrypted'; readonly field: string }
  | { readonly code: 'values-encrypted' }
  | { readonly code: 'no-api-version' }
  | { readonly code: 'no-name' }
  | { readonly code: 'bad-name'; readonly field: string; readonly name: string }
  | {
      readonly code: 'wrong-type';
      readonly field: string;
      readonly wanted: ValueType;
      readonly found: ValueType;
    }
  | {
      readonly code: 'null-value';
      readonly field: string;
      readonly part: 'annotations' | 'others';
      /** It is the selector of a source. */
      readonly selects: boolean;
    }
  | { readonly code: 'unknown-field'; readonly field: string; readonly meant?: string }
  | { readonly code: 'bad-key'; readonly field: string }
  | { readonly code: 'key-twice'; readonly key: string }
  | { readonly code: 'bad-label-key' | 'bad-label-value'; readonly field: string }
  | { readonly code: 'not-base64'; readonly field: string }
  | { readonly code: 'type-needs-key'; readonly type: string; readonly keys: readonly string[] }
  | { readonly code: 'type-needs-json'; readonly type: string; readonly key: string }
  | { readonly code: 'type-needs-annotation'; readonly type: string; readonly key: string }
  | {
      readonly code: 'content-too-large' | 'annotations-too-large';
      readonly bytes: number;
      readonly limit: number;
    }
  | { readonly code: 'twice'; readonly other: Place };

/** What a value of a manifest can be. */
export type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'map';

/** One trouble, with its place and the object that it is with, as far as that is known. */
export interface ManifestProblem {
  readonly at: Place;
  /** `Secret demo/omni`. */
  readonly object?: string;
  readonly trouble: ManifestIssue;
}

/** What a report says of the manifests that it is about. */
export interface ManifestNotes extends Pick<Manifests, 'problems' | 'warnings' | 'makers' | 'ignored'> {
  readonly placed: Placed & {
    /** Of the sources those that the options leave out. */
    readonly excluded: readonly ObjectName[];
  };
}

/** What there is to say of manifests, besides what they lead to. */
export function notesOf(
  { problems, warnings, makers, ignored, placed }: Manifests,
  { namespaces, sourceNamespaces }: Pick<Settings, 'namespaces' | 'sourceNamespaces'>,
): ManifestNotes {
  const leavesOut = (names: readonly string[]): boolean =>
    names.length > 0 && !names.includes(placed.namespace);
  const excluded = leavesOut(namespaces) || leavesOut(sourceNamespaces) ? placed.sources : [];
  return { problems, warnings, makers, ignored, placed: { ...placed, excluded } };
}

/** Whether a manifest is used in spite of it. */
export function isWarning({ code }: ManifestIssue): boolean {
  return code === 'null-value' || code === 'rest-ignored' || code === 'not-utf8';
}

/** Stands for a value that nobody can read: SOPS encrypted it. No object of a cluster has it. */
export const UNKNOWN_VALUE = '\0sops';

/**
 * Makes a function that compares objects with encrypted ones by names only: a key whose value is unknown in one of
 * these bodies is unknown in all objects of the same kind and name, which are its copies.
 */
export function unknownAlike(bodies: readonly Body[]): (body: Body) => Body {
  const keys = new Map<string, Set<string>>();
  for (const { kind, name, content } of bodies) {
    const unknown = [...unknownKeys(content.data), ...unknownKeys(content.binaryData)];
    if (unknown.length === 0) continue;
    keys.set(`${kind}/${name}`, new Set([...(keys.get(`${kind}/${name}`) ?? []), ...unknown]));
  }
  return (body) => {
    const unknown = keys.get(`${body.kind}/${body.name}`);
    return unknown === undefined ? body : withUnknown(body, unknown);
  };
}

function unknownKeys(map: StringMap): readonly string[] {
  return Object.keys(map).filter((key) => get(map, key) === UNKNOWN_VALUE);
}

function withUnknown(body: Body, unknown: ReadonlySet<string>): Body {
  const hide = (map: StringMap): StringMap =>
    Object.fromEntries(
      Object.entries(map).map(([key, value]) => [key, unknown.has(key) ? UNKNOWN_VALUE : value]),
    );
  const { data, binaryData } = body.content;
  return { ...body, content: { ...body.content, data: hide(data), binaryData: hide(binaryData) } };
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
export function namespacesOf({ namespaces, objects }: Declared): readonly Namespace[] {
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
