import {
  type Manifest,
  type NamespaceManifest,
  UNKNOWN_VALUE,
  bodyOf,
  namespaceLabels,
} from '../../model/manifest.ts';
import type {
  Body,
  Content,
  ManagedFieldsEntry,
  Namespace,
  ObjectMeta,
  StringMap,
} from '../../model/objects.ts';
import { branch } from '../managed-fields/field-tree.ts';
import { contentFieldsIn } from '../managed-fields/managed-fields.ts';
import { get, has } from '../../model/keys.ts';
import { isStripped } from '../copy/strip.ts';

/*
 * Merges a manifest into a live object, as client-side or server-side `kubectl apply` does. Fields of the manifest win.
 * Fields that an earlier apply set and the manifest no longer has are removed. All other fields stay.
 *
 * Keys of the strip list stay too. Tools add them while they apply, so no manifest has them; examples are
 * `argocd.argoproj.io/tracking-id` and the labels of Flux. No copy gets them.
 */

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The uid and resourceVersion of an object that exists only in a manifest. No copy names them. */
const NOT_YET = 'manifest';

/**
 * Returns the object as it will be after the apply. If nothing changes, this is the live object. Otherwise it has a new
 * resourceVersion that no copy names, so its copies are compared, as in the next run.
 */
export function overlayBody(manifest: Manifest, live: Body | undefined, now: string): Body {
  if (live === undefined) return newBody(manifest, now);
  const merged = merge(
    manifest,
    { ...live.content, labels: live.labels, annotations: live.annotations },
    live,
  );
  const content: Content = {
    ...live.content,
    data: merged.data,
    binaryData: merged.binaryData,
    immutable: manifest.immutable ?? live.content.immutable,
    ...(manifest.type !== undefined && { type: manifest.type }),
  };
  const contentStays = sameContent(content, live.content);
  const { labels, annotations: annotated } = merged;
  if (contentStays && same(labels, live.labels) && same(annotated, live.annotations)) return live;
  return {
    ...live,
    resourceVersion: `${live.resourceVersion}+${NOT_YET}`,
    labels,
    annotations: annotated,
    content,
    managedFields: contentStays ? live.managedFields : live.managedFields.map(withoutContent),
  };
}

/** Returns the namespace as it will be after the apply. */
export function overlayNamespace(manifest: NamespaceManifest, live: Namespace | undefined): Namespace {
  const { name, labels = {}, annotations = {} } = manifest;
  if (live === undefined)
    return { name, labels: namespaceLabels(name, labels), annotations, terminating: false };
  const merged = merge(manifest, live, { ...live, managedFields: live.managedFields ?? [] });
  return { ...live, labels: namespaceLabels(name, merged.labels), annotations: merged.annotations };
}

function newBody(manifest: Manifest, creationTimestamp: string): Body {
  const { deletionTimestamp: _, ...body } = bodyOf(manifest);
  return { ...body, uid: NOT_YET, resourceVersion: NOT_YET, creationTimestamp, managedFields: [] };
}

/** The maps that an apply merges key by key. */
const PARTS = ['labels', 'annotations', 'data', 'binaryData'] as const;

type Part = (typeof PARTS)[number];
type Parts = { readonly [part in Part]?: StringMap | undefined };
type Live = Pick<ObjectMeta, 'annotations' | 'managedFields'>;

function merge(manifest: Parts, have: Parts, live: Live): Record<Part, StringMap> {
  const wanted = withoutLastApplied(manifest);
  const before = appliedBefore(wanted, live);
  const part = (name: Part): StringMap => mergePart(name, wanted[name], have[name] ?? {}, before);
  return {
    labels: part('labels'),
    annotations: part('annotations'),
    data: part('data'),
    binaryData: part('binaryData'),
  };
}

function mergePart(
  part: Part,
  wanted: StringMap | undefined,
  have: StringMap,
  before: EarlierApply,
): StringMap {
  const isRemoved = (key: string): boolean =>
    !isStripListKey(part, key) &&
    (before.fields.has(`${part}/${key}`) || (wanted === undefined && before.parts.has(part)));
  const kept = Object.entries(have).filter(([key]) => !has(wanted ?? {}, key) && !isRemoved(key));
  const set = Object.entries(wanted ?? {}).map(([key, value]) => [key, knownValue(value, get(have, key))]);
  return Object.fromEntries([...kept, ...set]);
}

/** Returns the wanted value. An encrypted value counts as equal to the live one. */
function knownValue(wanted: string, live: string | undefined): string {
  return wanted === UNKNOWN_VALUE && live !== undefined ? live : wanted;
}

function isStripListKey(part: Part, key: string): boolean {
  return (part === 'labels' || part === 'annotations') && isStripped(key, []);
}

/** What an earlier apply of the manifest set. */
interface EarlierApply {
  /** `labels/KEY`, `data/KEY`, … */
  readonly fields: ReadonlySet<string>;
  /**
   * Maps that kubectl removes completely if the manifest has them no longer. Never `annotations`: kubectl adds one
   * itself.
   */
  readonly parts: ReadonlySet<Part>;
}

function appliedBefore(wanted: Parts, live: Live): EarlierApply {
  const last = lastApplied(live.annotations);
  const fields = [...fieldNames(last ?? {}), ...appliedOnServer(wanted, live, last === undefined)];
  const whole = PARTS.filter((part) => part !== 'annotations' && last?.[part] !== undefined);
  return { fields: new Set(fields), parts: new Set(whole) };
}

/**
 * Returns the fields that the server-side applies of the manifest own alone. The manager of these applies is not known.
 * It owns a field of the manifest, or it is the only manager that applies. Fields of other managers stay, for example
 * those of a controller that fills in a key.
 */
function appliedOnServer(wanted: Parts, { managedFields }: Live, only: boolean): readonly string[] {
  const names = new Set(fieldNames(wanted));
  const entries = managedFields.map((entry) => ({ applies: applies(entry), fields: ownedNames(entry) }));
  const applied = entries.filter((entry) => entry.applies);
  const ours = new Set(
    only && applied.length === 1
      ? applied
      : applied.filter(({ fields }) => fields.some((name) => names.has(name))),
  );
  const others = new Set(entries.flatMap((entry) => (ours.has(entry) ? [] : entry.fields)));
  return [...ours].flatMap(({ fields }) => fields.filter((name) => !others.has(name)));
}

function applies({ operation, subresource }: ManagedFieldsEntry): boolean {
  return operation === 'Apply' && !subresource;
}

function ownedNames({ fieldsV1 }: ManagedFieldsEntry): readonly string[] {
  const metadata = branch(fieldsV1, 'f:metadata');
  const below = (part: Part): string[] =>
    Object.keys(branch(metadata, `f:${part}`) ?? {}).flatMap((step) =>
      step.startsWith('f:') ? [`${part}/${step.slice(2)}`] : [],
    );
  return [...contentFieldsIn(fieldsV1), ...below('labels'), ...below('annotations')];
}

function fieldNames(parts: Parts): readonly string[] {
  return PARTS.flatMap((part) => Object.keys(parts[part] ?? {}).map((key) => `${part}/${key}`));
}

/**
 * Returns what kubectl applied last, without `stringData`: the API server keeps its keys when the next apply leaves
 * them out.
 */
function lastApplied(annotations: StringMap): Parts | undefined {
  const last = parsed(get(annotations, LAST_APPLIED) ?? '');
  if (!isMap(last)) return undefined;
  const metadata = isMap(last['metadata']) ? last['metadata'] : {};
  return {
    labels: mapOf(metadata['labels']),
    annotations: mapOf(metadata['annotations']),
    data: mapOf(last['data']),
    binaryData: mapOf(last['binaryData']),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns only the keys, with empty values. */
function mapOf(value: unknown): StringMap | undefined {
  return isMap(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, ''])) : undefined;
}

/** Removes the annotation of kubectl itself, which a manifest has if it is the dump of a cluster. */
function withoutLastApplied(parts: Parts): Parts {
  if (parts.annotations === undefined) return parts;
  const annotations = Object.entries(parts.annotations).filter(([key]) => key !== LAST_APPLIED);
  return { ...parts, annotations: Object.fromEntries(annotations) };
}

/** Removes the content fields from an entry. Without them, a copy with changed content is read and compared. */
function withoutContent(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  const metadata = branch(entry.fieldsV1, 'f:metadata');
  return { ...entry, fieldsV1: metadata === undefined ? {} : { 'f:metadata': metadata } };
}

function sameContent(a: Content, b: Content): boolean {
  return (
    same(a.data, b.data) &&
    same(a.binaryData, b.binaryData) &&
    a.immutable === b.immutable &&
    a.type === b.type
  );
}

function same(a: StringMap, b: StringMap): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => has(b, key) && get(a, key) === get(b, key))
  );
}
