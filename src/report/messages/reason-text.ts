import type {
  Action,
  Change,
  FieldDifference,
  Mark,
  Prune,
  PruneReason,
  Replace,
  WriteReason,
} from '../../model/change.ts';
import { isMark } from '../../plan/annotations/markers.ts';
import { quote } from '../strings/truncate.ts';
import { joinFirst, originName } from '../strings/names-and-counts.ts';

const MAX_FIELDS = 5;
const MAX_EDITORS = 3;

/** The word for a change that was made. */
export const DONE_VERBS: Readonly<Record<Action, string>> = {
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  refresh: 'refreshed',
  mark: 'marked',
  prune: 'pruned',
};

const WRITE_REASONS: Readonly<Record<WriteReason, string>> = {
  missing: 'missing',
  'source-changed': 'source changed',
  edited: 'edited',
  'old-operator': 'made by the old operator',
  ownership: 'field ownership lost',
  'handed-over': 'handed over',
  adopted: 'adopted',
};

const PRUNE_REASONS: Readonly<Record<PruneReason, string>> = {
  'source-gone': 'source gone',
  'annotation-removed': 'annotation removed from the source',
  'not-a-source': 'object cannot be a source',
  'namespace-not-selected': 'namespace no longer selected',
  'namespace-ignored': 'namespace is ignored',
  purge: 'purge',
};

/**
 * Returns why changes are made: `source changed: data.ca.crt`. The changes may differ in fields and editors. Then the
 * text has the names of all of them.
 */
export function reasonText(changes: readonly Change[], verbose: boolean): string {
  const [first] = changes;
  if (first === undefined) return '';
  switch (first.action) {
    case 'create':
      return WRITE_REASONS[first.reason];
    case 'update':
    case 'refresh':
      return writeText(changes, first.reason, verbose);
    case 'replace':
      return `${writeText(changes, first.reason, verbose)}; ${REPLACE_REASONS[first.because]}`;
    case 'mark':
      return `${pruneText(first, changes.length)}; to be pruned after ${first.until}`;
    case 'prune':
      return pruneText(first, changes.length);
  }
}

const REPLACE_REASONS = {
  type: 'type changed, replaced by delete and create',
  immutable: 'immutable, replaced by delete and create',
} as const;

function pruneText({ reason, selector, namespace }: Mark | Prune, count: number): string {
  if (reason !== 'namespace-not-selected' || selector === undefined) return PRUNE_REASONS[reason];
  const namespaces = count === 1 ? `namespace ${namespace} no longer matches` : 'namespaces no longer match';
  return `${namespaces} ${quote(selector)}`;
}

function writeText(changes: readonly Change[], reason: WriteReason, verbose: boolean): string {
  const rewrites = changes.flatMap((change) => ('fields' in change ? [change] : []));
  const editors = unique(rewrites.flatMap((change) => change.editors));
  const givers = unique(rewrites.flatMap(({ from }) => (from === undefined ? [] : [originName(from)])));
  const by =
    reason === 'edited' && editors.length > 0 ? ` by ${joinNames(editors, MAX_EDITORS, verbose)}` : '';
  const from =
    reason === 'handed-over' && givers.length > 0 ? ` from ${joinNames(givers, MAX_EDITORS, verbose)}` : '';
  const fields = fieldNames(
    rewrites.flatMap((change) =>
      change.action === 'replace' ? fieldsOfReplace(change, verbose) : change.fields,
    ),
    verbose,
  );
  return `${WRITE_REASONS[reason]}${by}${from}${fields === '' ? '' : `: ${fields}`}`;
}

/** Returns the fields of a replaced copy, without its type, which has a text of its own, and without its marks. */
function fieldsOfReplace({ fields }: Replace, verbose: boolean): readonly FieldDifference[] {
  return fields.filter((field) => field.part !== 'type' && (verbose || !isMark(field)));
}

/** Returns the names of the changed fields. Marks are included only with `verbose`, because they change with every source. */
export function fieldNames(fields: readonly FieldDifference[], verbose: boolean): string {
  const reported = verbose ? fields : fields.filter((field) => !isMark(field));
  if (reported.length === 0) return fields.length === 0 ? '' : 'marks only';
  return joinNames(unique(reported.map(fieldWithSign)), MAX_FIELDS, verbose);
}

function joinNames(names: readonly string[], most: number, verbose: boolean): string {
  return verbose ? names.join(', ') : joinFirst(names, most);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** Returns the name of a field: `data.KEY`, `labels.KEY` or `type`. */
export function fieldName(field: FieldDifference): string {
  return field.key === undefined ? field.part : `${field.part}.${field.key}`;
}

/** Returns the name of a field with a sign: `+` for a field that is added, `-` for one that is removed. */
function fieldWithSign(field: FieldDifference): string {
  const sign = { add: '+', remove: '-', change: '' }[field.op];
  return `${sign}${fieldName(field)}`;
}
