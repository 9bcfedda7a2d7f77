import type { FieldTree } from '../../model/objects.ts';

/*
 * What can be done with trees of field names, the `fieldsV1` of managedFields? Example: the fields `data/a` and the label
 * `app` are `{ "f:data": { ".": {}, "f:a": {} }, "f:metadata": { "f:labels": { ".": {}, "f:app": {} } } }`.
 * Any user can write such a tree, so nothing here trusts its shape or its depth.
 */

/** A tree without branches: one field. */
export const LEAF: FieldTree = {};

/** Fields of a ConfigMap or Secret are never deeper. */
const DEEPEST = 8;

/** One step down a tree. Undefined if there is no such branch. */
export function branch(tree: FieldTree | undefined, step: string): FieldTree | undefined {
  if (!isTree(tree) || !Object.hasOwn(tree, step)) return undefined;
  const below: unknown = tree[step];
  return isTree(below) ? below : undefined;
}

/** Whether a value is a tree at all. */
export function isTree(value: unknown): value is FieldTree {
  return typeof value === 'object' && value !== null;
}

/** A map with these keys, as managedFields write it. */
export function mapTree(keys: Iterable<string>): FieldTree {
  const fields = [...keys].map((key) => [`f:${key}`, LEAF] as const);
  return Object.fromEntries([['.', LEAF] as const, ...fields]);
}

/** The tree cut at the depth that real fields have. The functions below recurse, and a forged tree can be very deep. */
export function limitDepth(tree: FieldTree | undefined, depth = DEEPEST): FieldTree {
  if (!isTree(tree) || depth === 0) return LEAF;
  return Object.fromEntries(
    Object.keys(tree).map((step) => [step, limitDepth(branch(tree, step), depth - 1)] as const),
  );
}

/** The union of trees. */
export function union(trees: readonly FieldTree[]): FieldTree {
  const steps = new Set(trees.flatMap((tree) => Object.keys(tree)));
  return Object.fromEntries(
    [...steps].toSorted().map((step) => [step, union(trees.flatMap((tree) => branch(tree, step) ?? []))]),
  );
}

/** The fields of a tree that another tree does not have. A map that loses all of its fields is dropped. */
export function subtract(tree: FieldTree, other: FieldTree): FieldTree {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([step, below]) => {
      const match = branch(other, step);
      if (match === undefined) return [[step, below] as const];
      const rest = subtract(below, match);
      return isEmpty(rest) ? [] : [[step, rest] as const];
    }),
  );
}

/** Whether two trees share a field. `"."`, the map itself, does not count. The depth of `b` bounds the recursion. */
export function overlaps(a: FieldTree | undefined, b: FieldTree): boolean {
  return Object.keys(b).some((step) => {
    const [left, right] = [branch(a, step), branch(b, step)];
    if (step === '.' || left === undefined || right === undefined) return false;
    return isEmpty(right) || overlaps(left, right);
  });
}

/** Whether a tree names no field. */
export function isEmpty(tree: FieldTree): boolean {
  return Object.keys(tree).length === 0;
}
