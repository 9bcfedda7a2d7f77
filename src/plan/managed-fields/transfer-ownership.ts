import { MANAGER } from '../annotations/markers.ts';
import type { FieldDifference } from '../../model/change.ts';
import type { FieldTree, ManagedFieldsEntry, StringMap } from '../../model/objects.ts';
import { branch, contentFieldsIn, isOurEntry } from './managed-fields.ts';

/*
 * Moving the ownership of fields to kubed-sync (design section 5): managedFields sent with a write are taken as given,
 * so that values which are right already can change owner without changing.
 */

/** Everything of a copy that kubed-sync is to own. */
export interface FieldsToOwn {
  /** `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
  readonly content: readonly string[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/**
 * The managedFields that a patch has to send so that kubed-sync alone owns what it wants, or undefined where the API
 * server's own bookkeeping leads there: a field that the patch changes becomes ours without our asking.
 */
export function transferOwnership(
  recorded: readonly ManagedFieldsEntry[],
  owned: FieldsToOwn,
  changes: readonly FieldDifference[],
): readonly ManagedFieldsEntry[] | undefined {
  const changed = new Set(contentOfChanges(changes));
  const isRight = ownsRest(recorded.filter(isOurEntry), owned.content, changed);
  // Nearly every copy: nobody else has a part in it, and no tree has to be looked through.
  if (isRight && recorded.length > 0 && recorded.every(isOurEntry)) return undefined;
  const entries = recorded.map(withinReason);
  const wanted = treeOf(owned);
  const settled = without(wanted, treeOfChanges(changes));
  const others = entries.filter((entry) => !isOurEntry(entry));
  const held = others.some((entry) => overlaps(entry.fieldsV1, settled) || holdsContent(entry, changed));
  const ours = merged(entries.filter(isOurEntry).map(({ fieldsV1 }) => fieldsV1));
  // An object without any entry was reset: the API server does not track it again by itself.
  if (!held && isRight && entries.length > 0) return undefined;
  return [...others.flatMap((entry) => remainder(entry, wanted)), ourEntry(withContentOf(ours, wanted))];
}

const LEAF: FieldTree = {};

/** Somebody else's content field that the patch does not remove anyway, or an applied `stringData`. */
function holdsContent(entry: ManagedFieldsEntry, changed: ReadonlySet<string>): boolean {
  if (branch(entry.fieldsV1, 'f:stringData') !== undefined) return true;
  return contentFieldsIn(entry.fieldsV1).some((field) => !changed.has(field));
}

/** Fields of a ConfigMap or Secret lie no deeper; only a forger sends more, and no recursion here follows him. */
const DEEPEST = 8;

type Tracked = ManagedFieldsEntry & { readonly fieldsV1: FieldTree };

function withinReason(entry: ManagedFieldsEntry): Tracked {
  return { ...entry, fieldsV1: cut(entry.fieldsV1 ?? LEAF, DEEPEST) };
}

function cut(tree: FieldTree, depth: number): FieldTree {
  if (depth === 0) return LEAF;
  return Object.fromEntries(
    Object.keys(tree).map((step) => [step, cut(branch(tree, step) ?? LEAF, depth - 1)] as const),
  );
}

/** The time of the write is added when it is sent: `core/` knows no clock. */
function ourEntry(fieldsV1: FieldTree): ManagedFieldsEntry {
  return { manager: MANAGER, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 };
}

/** What is left of somebody else's entry; nothing, where all of it was content or is wanted by us. */
function remainder(entry: Tracked, wanted: FieldTree): readonly ManagedFieldsEntry[] {
  const tree = without(withoutContent(entry.fieldsV1), wanted);
  return Object.keys(tree).length === 0 ? [] : [{ ...entry, fieldsV1: tree }];
}

const CONTENT_STEPS: ReadonlySet<string> = new Set([
  'f:data',
  'f:binaryData',
  'f:stringData',
  'f:type',
  'f:immutable',
]);

function withoutContent(tree: FieldTree): FieldTree {
  return Object.fromEntries(Object.entries(tree).filter(([step]) => !CONTENT_STEPS.has(step)));
}

/** Our entry keeps what it has of metadata and gets exactly the wanted content. */
function withContentOf(ours: FieldTree, wanted: FieldTree): FieldTree {
  return merged([withoutContent(ours), wanted]);
}

function leaves(steps: Iterable<string>): FieldTree {
  return Object.fromEntries([
    ['.', LEAF] as const,
    ...[...steps].map((step) => [`f:${step}`, LEAF] as const),
  ]);
}

function treeOf({ content, labels, annotations }: FieldsToOwn): FieldTree {
  const metadata = {
    'f:annotations': leaves(Object.keys(annotations)),
    'f:labels': leaves(Object.keys(labels)),
  };
  return { ...contentTree(content), 'f:metadata': metadata };
}

function contentTree(fields: readonly string[]): FieldTree {
  const below = (prefix: string): string[] =>
    fields.flatMap((field) => (field.startsWith(prefix) ? [field.slice(prefix.length)] : []));
  const [data, binaryData] = [below('data/'), below('binaryData/')];
  return {
    ...(binaryData.length > 0 && { 'f:binaryData': leaves(binaryData) }),
    ...(data.length > 0 && { 'f:data': leaves(data) }),
    ...(fields.includes('immutable') && { 'f:immutable': LEAF }),
    ...(fields.includes('type') && { 'f:type': LEAF }),
  };
}

function treeOfChanges(changes: readonly FieldDifference[]): FieldTree {
  const keys = (part: FieldDifference['part']): string[] =>
    changes.flatMap((change) => (change.part === part && change.key !== undefined ? [change.key] : []));
  const metadata = { 'f:annotations': leaves(keys('annotations')), 'f:labels': leaves(keys('labels')) };
  return { ...contentTree(contentOfChanges(changes)), 'f:metadata': metadata };
}

function contentOfChanges(changes: readonly FieldDifference[]): readonly string[] {
  return changes.flatMap(({ part, key }) => {
    if (part === 'type' || part === 'immutable') return [part];
    return key !== undefined && (part === 'data' || part === 'binaryData') ? [`${part}/${key}`] : [];
  });
}

/** The union of field trees. */
function merged(trees: readonly FieldTree[]): FieldTree {
  const steps = new Set(trees.flatMap((tree) => Object.keys(tree)));
  return Object.fromEntries(
    [...steps].toSorted().map((step) => [step, merged(trees.flatMap((tree) => branch(tree, step) ?? []))]),
  );
}

/** The leaves of a tree that another has not. A map whose fields are all gone goes with them. */
function without(tree: FieldTree, gone: FieldTree): FieldTree {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([step, below]) => {
      const match = branch(gone, step);
      if (match === undefined) return [[step, below] as const];
      const rest = without(below, match);
      return Object.keys(rest).length === 0 ? [] : [[step, rest] as const];
    }),
  );
}

/** Whether two trees share a field; `"."`, the map itself, is none. */
function overlaps(a: FieldTree | undefined, b: FieldTree): boolean {
  return Object.keys(b).some((step) => {
    const [left, right] = [branch(a, step), branch(b, step)];
    if (step === '.' || left === undefined || right === undefined) return false;
    return isLeaf(right) || overlaps(left, right);
  });
}

function isLeaf(tree: FieldTree): boolean {
  return Object.keys(tree).length === 0;
}

/**
 * Whether of the content that a patch leaves as it is ours is exactly what is wanted, and no applied `stringData`.
 * Metadata that nobody owns needs no write of its own.
 */
function ownsRest(
  ours: readonly ManagedFieldsEntry[],
  wanted: readonly string[],
  changed: ReadonlySet<string>,
): boolean {
  if (ours.some(({ fieldsV1 }) => branch(fieldsV1, 'f:stringData') !== undefined)) return false;
  const have = new Set(ours.flatMap(({ fieldsV1 }) => contentFieldsIn(fieldsV1)));
  const rest = (fields: readonly string[]): readonly string[] =>
    fields.filter((field) => !changed.has(field));
  const [left, right] = [rest([...have]), rest(wanted)];
  return left.length === right.length && right.every((field) => have.has(field));
}
