import type { Body, ManagedFieldsEntry, Namespace, ObjectName, StringMap } from './objects.ts';
import type { Settings } from './settings.ts';
import { compareText, get, keyOf } from './keys.ts';

/*
 * Objects of manifests, from Git or from `kubectl get -o yaml`. Problems of a manifest are data here; report/ turns
 * them into sentences.
 */

/** A ConfigMap or Secret of a manifest. A field that the manifest leaves out is absent, not empty. */
export interface Manifest extends ObjectName {
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  /** For a Secret: base64, with `stringData` merged in. */
  readonly data?: StringMap;
  readonly binaryData?: StringMap;
  readonly type?: string;
  readonly immutable?: boolean;
  /** The fields from here on are set only in the dump of a cluster. Otherwise they are empty. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** A Namespace of a manifest. */
export interface NamespaceManifest {
  readonly name: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly terminating: boolean;
}

/** The objects of all manifests, each once. */
export interface DeclaredObjects {
  readonly namespaces: readonly NamespaceManifest[];
  readonly objects: readonly Manifest[];
}

/** Everything that was read from the files of `-f`. */
export interface Manifests extends DeclaredObjects {
  /** How many manifests were ignored, by kind. The empty kind counts documents that are not objects. */
  readonly ignored: ReadonlyMap<string, number>;
  /**
   * What could not be read or would be rejected by the API server. These objects are missing, so the result is
   * incomplete.
   */
  readonly problems: readonly ManifestProblem[];
  /** What was read, but may not mean what its author expects. */
  readonly warnings: readonly ManifestProblem[];
  /** Objects of other kinds that tell a controller to make sources. Those sources are in no manifest. */
  readonly makers: readonly Maker[];
  /** ConfigMaps and Secrets without a namespace, and the default namespace that they got. */
  readonly placed: PlacedObjects;
}

/** Who chose the namespace of manifests that name none: `-n`, the context of the kubeconfig, the pod, or nobody. */
export type NamespaceChoice = 'option' | 'context' | 'pod' | 'none';

/** The objects that got the default namespace. */
export interface PlacedObjects {
  readonly namespace: string;
  readonly chosenBy: NamespaceChoice;
  readonly objects: number;
  readonly sources: readonly ObjectName[];
}

/** An object from which a controller or kustomize makes sources. */
export interface Maker {
  readonly at: Place;
  /** `Certificate certs/wildcard`. */
  readonly object: string;
}

/** The file and line of a manifest. Lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** What is wrong with a manifest. It never contains a value, because that may come from a Secret. */
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
  | { readonly code: 'unknown-field'; readonly field?: string; readonly meant?: string }
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

/** The types that a value of a manifest can have. */
export type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'map';

/** One issue, with its place and, if known, its object. */
export interface ManifestProblem {
  readonly at: Place;
  /** `Secret demo/omni`. */
  readonly object?: string;
  readonly issue: ManifestIssue;
}

/** What a report says about its manifests. */
export interface ManifestNotes extends Pick<Manifests, 'problems' | 'warnings' | 'makers' | 'ignored'> {
  readonly placed: PlacedObjects & {
    /** The sources that the options exclude. */
    readonly excluded: readonly ObjectName[];
  };
}

/** Returns what to report about the manifests themselves. */
export function notesOf(
  { problems, warnings, makers, ignored, placed }: Manifests,
  { namespaces, sourceNamespaces }: Pick<Settings, 'namespaces' | 'sourceNamespaces'>,
): ManifestNotes {
  const leavesOut = (names: readonly string[]): boolean =>
    names.length > 0 && !names.includes(placed.namespace);
  const excluded = leavesOut(namespaces) || leavesOut(sourceNamespaces) ? placed.sources : [];
  return { problems, warnings, makers, ignored, placed: { ...placed, excluded } };
}

/** Returns whether a manifest with this issue is used all the same. */
export function isWarning({ code }: ManifestIssue): boolean {
  return code === 'null-value' || code === 'rest-ignored' || code === 'not-utf8';
}

/** Replaces a value that SOPS encrypted. No object of a cluster has this value. */
export const UNKNOWN_VALUE = '\0sops';

/**
 * Returns a function that hides values which cannot be compared. If one of these bodies has an unknown value, the value of
 * that key becomes unknown in all objects of the same kind and name. These are its copies.
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

/** The API server sets this label on every namespace. Selectors use it. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Returns the labels that the API server will store for a namespace. */
export function namespaceLabels(name: string, labels: StringMap): StringMap {
  return { ...labels, [NAMESPACE_NAME]: name };
}

/** Returns the body of an object that exists only in its manifest. */
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

/** Returns the namespaces to use without a cluster: those of the manifests, and those that the objects are in. */
export function namespacesOf({ namespaces, objects }: DeclaredObjects): readonly Namespace[] {
  const declared = new Map(namespaces.map((manifest) => [manifest.name, manifest]));
  const names = new Set([...declared.keys(), ...objects.map(({ namespace }) => namespace)]);
  return [...names].toSorted(compareText).map((name): Namespace => {
    const { labels = {}, annotations = {}, terminating = false } = declared.get(name) ?? {};
    return { name, labels: namespaceLabels(name, labels), annotations, terminating };
  });
}

/** Returns the objects of manifests by key. */
export function byKey(objects: readonly Manifest[]): ReadonlyMap<ReturnType<typeof keyOf>, Manifest> {
  return new Map(objects.map((manifest) => [keyOf(manifest), manifest]));
}
