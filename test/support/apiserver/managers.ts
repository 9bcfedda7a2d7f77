/** Managers and their field sets: reads and writes `metadata.managedFields`, and keeps at most ten Update managers. */

import { fromFieldsV1, toFieldsV1, union, type FieldSet } from './fieldset.ts';
import { compareText, type ManagedFieldsEntry } from './model.ts';

/** One entry of `managedFields`, with its fields as a set. */
export interface Manager {
  readonly name: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Managers by identity: name, operation, subresource, and for updates the version. */
export type Managers = Map<string, Manager>;

const MAX_UPDATE_MANAGERS = 10;

/** The identity under which a manager's entries are merged. */
export function managerId(name: string, operation: string, apiVersion = 'v1', subresource = ''): string {
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** Reads entries. Undefined if one of them is malformed, because then none of them counts. */
export function readManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const managers: Managers = new Map();
  for (const entry of entries) {
    const manager = readManager(entry);
    if (manager === undefined) return undefined;
    const { name, operation, apiVersion, subresource } = manager;
    managers.set(managerId(name, operation, apiVersion, subresource), manager);
  }
  return managers;
}

function readManager(entry: ManagedFieldsEntry): Manager | undefined {
  const { manager = '', operation = '', apiVersion = '', subresource = '', time } = entry;
  const fields = fromFieldsV1(entry.fieldsV1);
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (apiVersion === '' || entry.fieldsType !== 'FieldsV1' || fields === undefined) return undefined;
  return { name: manager, operation, apiVersion, subresource, time, fields };
}

/** Writes entries in the order of the server: applies first, then by time, then by name. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] {
  const filled = [...managers.values()].filter(({ fields }) => fields.size > 0);
  return filled.toSorted(compareManagers).map(writeManager);
}

function writeManager(manager: Manager): ManagedFieldsEntry {
  const { name, operation, apiVersion, subresource, time, fields } = manager;
  return {
    ...(name === '' ? {} : { manager: name }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** Merges the oldest Update managers into `ancient-changes` until ten are left. No time counts as the oldest. */
export function capManagers(managers: Managers): void {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  let excess = updaters.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return;
  const oldest = updaters.toSorted(
    ([idA, a], [idB, b]) => compareText(a.time ?? '', b.time ?? '') || compareText(idA, idB),
  );
  const [first, ...rest] = oldest;
  if (first === undefined) return;
  managers.delete(first[0]);
  let bucket: Manager = { ...first[1], name: 'ancient-changes', subresource: '' };
  for (const [id, manager] of rest) {
    if (excess-- <= 0) break;
    managers.delete(id);
    bucket = { ...bucket, time: manager.time, fields: union(bucket.fields, manager.fields) };
  }
  managers.set(managerId(bucket.name, 'Update'), bucket);
}
