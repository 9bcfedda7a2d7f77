import type {
  Action,
  Change,
  FieldDifference,
  Prune,
  PruneReason,
  Replace,
  WriteReason,
} from '../../model/change.ts';
import { quoted } from '../strings/truncate.ts';
import { bounded, origin } from '../strings/words.ts';

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
      return pruned(first, changes.length);
  }
}

const REPLACED = {
  type: 'type changed, replaced by delete and create',
  immutable: 'immutable, replaced by delete and create',
} as const;

function pruned({ reason, selector, namespace }: Prune, count: number): string {
  if (reason !== 'namespace-not-selected' || selector === undefined) return PRUNED[reason];
  const namespaces = count === 1 ? `namespace ${namespace} no longer matches` : 'namespaces no longer match';
  return `${namespaces} ${quoted(selector)}`;
}

function rewritten(changes: readonly Change[], reason: WriteReason, verbose: boolean): string {
  const rewrites = changes.flatMap((change) => ('fields' in change ? [change] : []));
  const editors = distinct(rewrites.flatMap((change) => change.editors));
  const givers = distinct(rewrites.flatMap(({ from }) => (from === undefined ? [] : [origin(from)])));
  const by = reason === 'edited' && editors.length > 0 ? ` by ${shown(editors, MOST_EDITORS, verbose)}` : '';
  const from =
    reason === 'handed-over' && givers.length > 0 ? ` from ${shown(givers, MOST_EDITORS, verbose)}` : '';
  const fields = fieldsOf(
    rewrites.flatMap((change) => (change.action === 'replace' ? besideType(change, verbose) : change.fields)),
    verbose,
  );
  return `${WRITTEN[reason]}${by}${from}${fields === '' ? '' : `: ${fields}`}`;
}

/** Of a replaced copy the words say by themselves that its type changed, and the marks that it gets are new anyway. */
function besideType({ fields }: Replace, verbose: boolean): readonly FieldDifference[] {
  return fields.filter((field) => field.part !== 'type' && (verbose || !isMark(field)));
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

/** The name of a field as reports write it: `data.KEY`, `labels.KEY`, `type` (design section 6). */
export function fieldName(field: FieldDifference): string {
  return field.key === undefined ? field.part : `${field.part}.${field.key}`;
}

/** A field with what the write does to it: `+` sets one that was not there, `-` removes one. */
function fieldWithSign(field: FieldDifference): string {
  const sign = { add: '+', remove: '-', change: '' }[field.op];
  return `${sign}${fieldName(field)}`;
}

/** Whether it is one of our own marks (design section 2): those change with every source and tell a reader nothing. */
function isMark(field: FieldDifference): boolean {
  if (field.part !== 'labels' && field.part !== 'annotations') return false;
  const key = field.key ?? '';
  return key.startsWith('kubed.appscode.com/') || key === 'app.kubernetes.io/managed-by';
}
