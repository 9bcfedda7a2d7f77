/**
 * Which manager owns which field after a write.
 *
 *   POST, PUT, PATCH   the manager owns what the request changed (operation Update), and all others lose it;
 *                      what it removed has no owner; equal values change nothing.
 *   apply              the manager owns exactly what it sent; equal values are owned by both; other values of other
 *                      managers are conflicts unless forced; what it no longer sends and no other owns is removed.
 *
 * This happens before defaults of the storage, `stringData` after an apply, and admission. Their changes have no owner.
 */

import {
  compare,
  difference,
  elementsOf,
  intersection,
  leavesOf,
  union,
  withContainers,
  type Comparison,
  type FieldSet,
  type Leaves,
} from './fieldset.ts';
import { capManagers, managerId, readManagers, writeManagers, type Managers } from './managers.ts';
import { compareText, withMeta, type KubeObject, type ManagedFieldsEntry } from './model.ts';
import { applyConflict } from './status.ts';

/** An object to write with POST, PUT or PATCH. */
export interface UpdateRequest {
  readonly live: KubeObject | undefined;
  readonly next: KubeObject;
  /** `managedFields` of the request (for a PATCH: after it). */
  readonly given: readonly ManagedFieldsEntry[] | undefined;
  readonly manager: string;
  readonly now: string;
}

/** Returns the object with its `managedFields` after the write. */
export function ownByUpdate(request: UpdateRequest): KubeObject {
  const { live, next, manager, now } = request;
  const managers = startingPoint(request);
  if (managers.size === 0 && live !== undefined) return withMeta(next, { managedFields: undefined });
  const changes = compare(leavesOf(live), leavesOf(next));
  takeAway(managers, changes, undefined);
  give(managers, manager, union(changes.added, changes.modified), now);
  capManagers(managers);
  return withMeta(next, { managedFields: writeManagers(managers) });
}

/** Well-formed fields of the request are used. `[]` and `[{}]` remove everything. */
function startingPoint({ live, given }: UpdateRequest): Managers {
  if (given !== undefined && isReset(given)) return new Map();
  const managers = readManagers(given ?? []);
  if (managers !== undefined && managers.size > 0) return managers;
  return managersOf(live);
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}

function managersOf(live: KubeObject | undefined): Managers {
  return readManagers(live?.metadata.managedFields ?? []) ?? new Map();
}

function takeAway(managers: Managers, changes: Comparison, except: string | undefined): void {
  const gone = union(changes.added, changes.modified, changes.removed);
  for (const [id, manager] of managers) {
    if (id === except) continue;
    const fields = difference(manager.fields, gone);
    if (fields.size === 0 || manager.apiVersion !== 'v1') managers.delete(id);
    else managers.set(id, { ...manager, fields });
  }
}

function give(managers: Managers, name: string, fields: FieldSet, now: string): void {
  if (fields.size === 0) return;
  const id = managerId(name, 'Update');
  const before = managers.get(id)?.fields ?? new Set();
  const all = union(before, fields);
  managers.set(id, { name, operation: 'Update', apiVersion: 'v1', subresource: '', time: now, fields: all });
}

/** A server-side apply. */
export interface ApplyRequest {
  readonly live: KubeObject | undefined;
  /** The fields sent, without containers that are not empty. */
  readonly config: Leaves;
  readonly manager: string;
  readonly force: boolean;
  readonly now: string;
}

/** The result of an apply: fields (undefined if nothing changes) and their owners. */
export interface Applied {
  readonly leaves: Leaves | undefined;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** Merges, prunes and computes ownership, or throws the conflict. */
export function ownByApply(request: ApplyRequest): Applied {
  const { live, config, manager: name, force, now } = request;
  const managers = beforeFirstApply(request);
  const id = managerId(name, 'Apply');
  const last = managers.get(id);
  const fields = new Set(config.keys());
  const entry = { name, operation: 'Apply', apiVersion: 'v1', subresource: '', fields };
  managers.set(id, { ...entry, time: last?.time });
  const before = leavesOf(live);
  const after = prune(merge(before, config), managers, last?.fields);
  const changes = compare(before, after);
  if (!force) refuseConflicts(managers, changes, id);
  takeAway(managers, changes, id);
  const unchanged = changes.added.size + changes.modified.size + changes.removed.size === 0;
  if (!unchanged) managers.set(id, { ...entry, time: now });
  return { leaves: unchanged ? undefined : after, managedFields: writeManagers(managers) };
}

/** The first apply to an untracked object makes `before-first-apply` the owner of all existing fields. */
function beforeFirstApply({ live, now }: ApplyRequest): Managers {
  const managers = managersOf(live);
  if (managers.size === 0) give(managers, 'before-first-apply', new Set(leavesOf(live).keys()), now);
  return managers;
}

function merge(before: Leaves, config: Leaves): Leaves {
  const merged = new Map(before);
  for (const path of withContainers(new Set(config.keys()))) if (!merged.has(path)) merged.set(path, null);
  for (const [path, value] of config) merged.set(path, value);
  return merged;
}

/**
 * Removes what the manager applied last time and no manager owns now. A map without an owned entry is removed
 * completely, with its unowned entries, as in the real server.
 */
function prune(merged: Leaves, managers: Managers, lastSet: FieldSet | undefined): Leaves {
  if (lastSet === undefined || lastSet.size === 0) return merged;
  const all = withContainers(new Set(merged.keys()));
  const last = withContainers(lastSet);
  const managed = withContainers(union(...[...managers.values()].map(({ fields }) => fields)));
  const notLast = withContainers(values(without(merged, last)));
  const owned = without(merged, difference(all, union(notLast, managed)));
  const kept = withContainers(values(owned));
  return without(merged, intersection(difference(all, kept), last));
}

/** What `ToFieldSet` of the real server returns: every value, and maps and lists if they are empty. */
function values(leaves: Leaves): FieldSet {
  const filled = new Set(
    [...leaves.keys()].map((path) => path.slice(0, Math.max(0, path.lastIndexOf('\0')))),
  );
  return new Set([...leaves.keys()].filter((path) => !filled.has(path)));
}

function without(leaves: Leaves, paths: FieldSet): Leaves {
  return new Map([...leaves].filter(([path]) => !isWithin(path, paths)));
}

function isWithin(path: string, paths: FieldSet): boolean {
  if (paths.has(path)) return true;
  const end = path.lastIndexOf('\0');
  return end !== -1 && isWithin(path.slice(0, end), paths);
}

function refuseConflicts(managers: Managers, changes: Comparison, self: string): void {
  const changed = union(changes.added, changes.modified);
  const conflicts = [...managers]
    .filter(([id]) => id !== self)
    .flatMap(([, manager]) => {
      const using = manager.operation === 'Update' ? ` using ${manager.apiVersion}` : '';
      const title = `${JSON.stringify(manager.name)}${using}`;
      const fields = intersection(manager.fields, changed);
      return [...fields].toSorted(comparePaths).map((path) => ({ manager: title, field: printPath(path) }));
    });
  if (conflicts.length > 0) throw applyConflict(conflicts);
}

/** The order of sets in the real server: fields that end at a level come before deeper ones. */
function comparePaths(a: string, b: string): number {
  const [first = '', ...deeper] = elementsOf(a);
  const [other = '', ...otherDeeper] = elementsOf(b);
  if (deeper.length === 0 || otherDeeper.length === 0)
    return deeper.length - otherDeeper.length || compareText(first, other);
  return compareText(first, other) || comparePaths(deeper.join('\0'), otherDeeper.join('\0'));
}

function printPath(path: string): string {
  return elementsOf(path).map(printElement).join('');
}

function printElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  return element.startsWith('v:') ? `[=${text}]` : `[${text.slice(2, -1).replace('":', '=')}]`;
}
