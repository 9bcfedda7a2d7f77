import { MANAGER } from '../annotations/markers.ts';
import type { FieldTree, ManagedFieldsEntry } from '../../model/objects.ts';
import { memoizeObject } from '../../util/memoize.ts';
import { branch, isTree } from './field-tree.ts';

/*
 * What do the managedFields of a copy say about who wrote it (docs/design.md 5.2; Kubernetes: Server-Side Apply, "Field
 * management")? The API server takes a field from us when another manager changes its value. It adds a second owner when
 * another manager applies the same value. It drops a removed field from every entry. A user who can write an object can
 * also send managedFields. So this is evidence, never proof. `--verify` reads the content itself.
 */

/** Who owns what on a copy. Content fields are named `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
export interface FieldOwnership {
  /** kubed-sync has an entry. */
  readonly known: boolean;
  /** Content fields that kubed-sync owns with operation Update. */
  readonly content: readonly string[];
  readonly labels: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
  /** Other managers that own a content field, sorted. */
  readonly others: readonly string[];
  /** A manager applied `stringData`, which changes `data` without a change of owner. */
  readonly stringData: boolean;
}

/**
 * Reads who owns the fields of a copy from its managedFields. Malformed entries own nothing. Copies that were written in the
 * same second share their managedFields, so they are read once.
 */
export const readFieldOwnership = memoizeObject((entries: readonly ManagedFieldsEntry[]): FieldOwnership => {
  const ours = entries.filter(isOurEntry).map(ownedBy);
  const others = entries.filter((entry) => !isOurEntry(entry) && ownsContent(entry.fieldsV1));
  const { content, labels, annotations } = unionOf(ours);
  return {
    known: ours.length > 0,
    content,
    labels,
    annotations,
    others: [...new Set(others.map(({ manager = '' }) => manager))].toSorted(),
    stringData: entries.some((entry) => branch(entry.fieldsV1, 'f:stringData') !== undefined),
  };
});

/** What an entry owns. */
type Owned = Pick<FieldOwnership, 'content' | 'labels' | 'annotations'>;

const NOTHING: Owned = { content: [], labels: new Set(), annotations: new Set() };

function ownedBy({ fieldsV1 }: ManagedFieldsEntry): Owned {
  return isTree(fieldsV1) ? ownedIn(fieldsV1) : NOTHING;
}

/** Nearly all copies of a source have the same tree, so it is read once. */
const ownedIn = memoizeObject((tree: FieldTree): Owned => {
  const metadata = branch(tree, 'f:metadata');
  return {
    content: contentFieldsIn(tree),
    labels: new Set(keysOf(branch(metadata, 'f:labels'))),
    annotations: new Set(keysOf(branch(metadata, 'f:annotations'))),
  };
});

function unionOf(all: readonly Owned[]): Owned {
  const [first = NOTHING, ...more] = all;
  if (more.length === 0) return first;
  return {
    content: [...new Set(all.flatMap(({ content }) => content))],
    labels: new Set(all.flatMap(({ labels }) => [...labels])),
    annotations: new Set(all.flatMap(({ annotations }) => [...annotations])),
  };
}

/** Whether an entry comes from our writes. An entry with operation Apply does not, even under our name. */
export function isOurEntry(entry: ManagedFieldsEntry): boolean {
  return entry.manager === MANAGER && entry.operation === 'Update' && !entry.subresource;
}

/** The content fields that a tree names. `"."` means the map itself and does not count. */
export function contentFieldsIn(tree: FieldTree | undefined): readonly string[] {
  const fields: string[] = [];
  for (const step in branch(tree, 'f:data')) if (step.startsWith('f:')) fields.push(`data/${step.slice(2)}`);
  for (const step in branch(tree, 'f:binaryData'))
    if (step.startsWith('f:')) fields.push(`binaryData/${step.slice(2)}`);
  if (branch(tree, 'f:type') !== undefined) fields.push('type');
  if (branch(tree, 'f:immutable') !== undefined) fields.push('immutable');
  return fields;
}

/** Whether a tree names a content field. */
function ownsContent(tree: FieldTree | undefined): boolean {
  return contentFieldsIn(tree).length > 0;
}

function keysOf(tree: FieldTree | undefined): readonly string[] {
  if (tree === undefined) return [];
  return Object.keys(tree).flatMap((step) => (step.startsWith('f:') ? [step.slice(2)] : []));
}
