import { MANAGER } from './marks.ts';
import type { FieldDifference, FieldTree, ManagedFieldsEntry, StringMap } from './model.ts';
import { branch, contentOf, isOurs } from './ownership.ts';

/*
 * Moving the ownership of fields to kubed-sync (design section 5): managedFields sent with a write are taken as given,
 * so that values which are right already can change owner without changing.
 */

/** Everything of a copy that kubed-sync is to own. */
export interface Owned {
  /** `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
  readonly content: readonly string[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/**
 * The managedFields that a patch has to send so that kubed-sync alone owns what it wants, or undefined where the API
 * server's own bookkeeping leads there: a field that the patch changes becomes ours without our asking.
 */
export function takeOver(
  recorded: readonly ManagedFieldsEntry[],
  owned: Owned,
  changes: readonly FieldDifference[],
): readonly ManagedFieldsEntry[] | undefined {
  const entries = recorded.map(withinReason);
  const wanted = treeOf(owned);
  const settled = without(wanted, treeOfChanges(changes));
  const others = entries.filter((entry) => !isOurs(entry));
  const held = others.some((entry) => overlaps(entry.fieldsV1, settled) || holdsContent(entry, changes));
  const ours = merged(entries.filter(isOurs).map(({ fieldsV1 }) => fieldsV1));
  // An object without any entry was reset: the API server does not track it again by itself.
  const untracked = entries.length === 0 || branch(ours, 'f:stringData') !== undefined;
  if (!held && !untracked && ownsExactly(without(ours, treeOfChanges(changes)), settled)) return undefined;
  return [...others.flatMap((entry) => remainder(entry, wanted)), ourEntry(withContentOf(ours, wanted))];
}

const LEAF: FieldTree = {};

/** Somebody else's content field that the patch does not remove anyway, or an applied `stringData`. */
function holdsContent(entry: ManagedFieldsEntry, changes: readonly FieldDifference[]): boolean {
  if (branch(entry.fieldsV1, 'f:stringData') !== undefined) return true;
  const changed = new Set(contentOf(treeOfChanges(changes)));
  return contentOf(entry.fieldsV1).some((field) => !changed.has(field));
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

function treeOf({ content, labels, annotations }: Owned): FieldTree {
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
  const content = [
    ...keys('data').map((key) => `data/${key}`),
    ...keys('binaryData').map((key) => `binaryData/${key}`),
    ...changes.flatMap(({ part }) => (part === 'type' || part === 'immutable' ? [part] : [])),
  ];
  const metadata = { 'f:annotations': leaves(keys('annotations')), 'f:labels': leaves(keys('labels')) };
  return { ...contentTree(content), 'f:metadata': metadata };
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

/** Whether our content fields are the wanted ones. Metadata that nobody owns needs no write of its own. */
function ownsExactly(ours: FieldTree, settled: FieldTree): boolean {
  const [have, want] = [new Set(contentOf(ours)), contentOf(settled)];
  return have.size === want.length && want.every((field) => have.has(field));
}
