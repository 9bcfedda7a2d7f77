import { MANAGER } from '../annotations/markers.ts';
import type { FieldTree, ManagedFieldsEntry } from '../../model/objects.ts';

/*
 * What may be concluded from managedFields (design section 4.2c; Kubernetes: Server-Side Apply, "Field management").
 *
 * The API server takes a field away from us when anyone else changes its value, adds a co-owner when anyone applies the
 * same value, and drops a removed field from every set. Anyone who may write an object may also send managedFields, so
 * this is evidence of what happened in a namespace and never proof; `--verify` reads the content itself.
 */

/** Who owns what on a copy. Content fields are named `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
export interface FieldOwnership {
  /** There is an entry of kubed-sync's own. */
  readonly known: boolean;
  /** Content fields that kubed-sync owns as operation Update. */
  readonly content: readonly string[];
  readonly labels: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
  /** Other managers that own a content field, sorted. */
  readonly others: readonly string[];
  /** Some manager applied `stringData`, which changes `data` without a change of owner. */
  readonly stringData: boolean;
}

/** Reads the ownership of a copy out of its managedFields. Malformed entries own nothing. */
export function readFieldOwnership(entries: readonly ManagedFieldsEntry[]): FieldOwnership {
  const ours = entries.filter(isOurEntry);
  const others = entries.filter((entry) => !isOurEntry(entry) && ownsContent(entry.fieldsV1));
  return {
    known: ours.length > 0,
    content: [...new Set(ours.flatMap((entry) => contentFieldsIn(entry.fieldsV1)))],
    labels: new Set(ours.flatMap((entry) => keysOf(branch(metadataOf(entry), 'f:labels')))),
    annotations: new Set(ours.flatMap((entry) => keysOf(branch(metadataOf(entry), 'f:annotations')))),
    others: [...new Set(others.map((entry) => entry.manager ?? ''))].toSorted(),
    stringData: entries.some((entry) => branch(entry.fieldsV1, 'f:stringData') !== undefined),
  };
}

/** Whether an entry is the one that our own writes make. One that somebody applied in our name is not. */
export function isOurEntry(entry: ManagedFieldsEntry): boolean {
  return entry.manager === MANAGER && entry.operation === 'Update' && !entry.subresource;
}

/** The content fields that a tree names. `"."` stands for the map itself and is no field of it. */
export function contentFieldsIn(tree: FieldTree | undefined): readonly string[] {
  const fields: string[] = [];
  for (const step in branch(tree, 'f:data')) if (step.startsWith('f:')) fields.push(`data/${step.slice(2)}`);
  for (const step in branch(tree, 'f:binaryData'))
    if (step.startsWith('f:')) fields.push(`binaryData/${step.slice(2)}`);
  if (branch(tree, 'f:type') !== undefined) fields.push('type');
  if (branch(tree, 'f:immutable') !== undefined) fields.push('immutable');
  return fields;
}

/** Whether a tree names a content field at all. */
export function ownsContent(tree: FieldTree | undefined): boolean {
  return contentFieldsIn(tree).length > 0;
}

function metadataOf(entry: ManagedFieldsEntry): FieldTree | undefined {
  return branch(entry.fieldsV1, 'f:metadata');
}

function isTree(value: unknown): value is FieldTree {
  return typeof value === 'object' && value !== null;
}

/** One step down a tree that anybody may have written. */
export function branch(tree: FieldTree | undefined, step: string): FieldTree | undefined {
  if (!isTree(tree) || !Object.hasOwn(tree, step)) return undefined;
  const below: unknown = tree[step];
  return isTree(below) ? below : undefined;
}

function keysOf(tree: FieldTree | undefined): readonly string[] {
  if (tree === undefined) return [];
  return Object.keys(tree).flatMap((step) => (step.startsWith('f:') ? [step.slice(2)] : []));
}
