import type { Action, Change, FieldDifference, Prune, PruneReason, WriteReason } from '../core/model.ts';
import { fieldWithSign, isMark } from './fields.ts';
import { bounded } from './lists.ts';
import { origin } from './names.ts';

const MOST_FIELDS = 5;
const MOST_EDITORS = 3;

/** The word for a change that was made. */
export const DONE: Readonly<Record<Action, string>> = {
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  refresh: 'refreshed',
  prune: 'pruned',
};

const WRITTEN: Readonly<Record<WriteReason, string>> = {
  missing: 'missing',
  'source-changed': 'source changed',
  edited: 'edited',
  'old-operator': 'made by the old operator',
  ownership: 'field ownership lost',
  'handed-over': 'handed over',
  adopted: 'adopted from somebody else',
};

const PRUNED: Readonly<Record<PruneReason, string>> = {
  'source-gone': 'source gone',
  'annotation-removed': 'annotation removed from the source',
  'not-a-source': 'the source can never be one',
  'namespace-not-selected': 'namespace no longer selected',
  'namespace-ignored': 'namespace takes no copies',
  purge: 'purge',
};

/**
 * Why changes are made, in words: `source changed: data.ca.crt`. Changes that differ only in fields and editors may
 * come together; the names are then those of all of them.
 */
export function whyOf(changes: readonly Change[], verbose: boolean): string {
  const [first] = changes;
  if (first === undefined) return '';
  switch (first.action) {
    case 'create':
      return WRITTEN[first.reason];
    case 'update':
    case 'refresh':
      return rewritten(changes, first.reason, verbose);
    case 'replace':
      return `${rewritten(changes, first.reason, verbose)}; ${REPLACED[first.because]}`;
    case 'prune':
      return pruned(first);
  }
}

const REPLACED = {
  type: 'another Secret type, so by delete and create',
  immutable: 'immutable, so by delete and create',
} as const;

function pruned(change: Prune): string {
  if (change.reason !== 'namespace-not-selected' || change.selector === undefined)
    return PRUNED[change.reason];
  return `namespace no longer matches "${change.selector}"`;
}

function rewritten(changes: readonly Change[], reason: WriteReason, verbose: boolean): string {
  const rewrites = changes.flatMap((change) => ('fields' in change ? [change] : []));
  const editors = distinct(rewrites.flatMap((change) => change.editors));
  const givers = distinct(rewrites.flatMap(({ from }) => (from === undefined ? [] : [origin(from)])));
  const by = reason === 'edited' && editors.length > 0 ? ` by ${shown(editors, MOST_EDITORS, verbose)}` : '';
  const from =
    reason === 'handed-over' && givers.length > 0 ? ` from ${shown(givers, MOST_EDITORS, verbose)}` : '';
  const fields = fieldsOf(
    rewrites.flatMap((change) => change.fields),
    verbose,
  );
  return `${WRITTEN[reason]}${by}${from}${fields === '' ? '' : `: ${fields}`}`;
}

/** The differing names; our own marks only on request, since they follow every change of a source. */
export function fieldsOf(fields: readonly FieldDifference[], verbose: boolean): string {
  const telling = verbose ? fields : fields.filter((field) => !isMark(field));
  if (telling.length === 0) return fields.length === 0 ? '' : 'marks only';
  return shown(distinct(telling.map(fieldWithSign)), MOST_FIELDS, verbose);
}

function shown(names: readonly string[], most: number, verbose: boolean): string {
  return verbose ? names.join(', ') : bounded(names, most);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
