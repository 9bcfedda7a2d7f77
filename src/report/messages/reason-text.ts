import {
  type Action,
  type Cause,
  type Change,
  type FieldDifference,
  type PruneReason,
  type Replace,
  type WriteReason,
  causesOf,
} from '../../model/change.ts';
import { markName } from '../strings/name-marks.ts';
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
  missing: 'copy missing',
  'source-changed': 'source changed',
  edited: 'edited',
  'sync-keys-ignored': 'written without sync-keys',
  'old-operator': 'made by the old operator',
  ownership: 'field ownership lost',
  'handed-over': 'handed over',
  adopted: 'adopted',
  'taken-over': 'written for another context before',
};

const PRUNE_REASONS: Readonly<Record<PruneReason, string>> = {
  'source-gone': 'source gone',
  'annotation-removed': 'annotation removed from the source',
  'not-a-source': 'object cannot be a source',
  'namespace-not-selected': 'namespace no longer selected',
  'namespace-not-named': 'namespace no longer named',
  'namespace-ignored': 'namespace is ignored',
  'namespace-refuses': 'namespace does not accept copies',
  'context-not-named': 'context no longer named by the source',
  purge: 'purge',
};

const REPLACE_REASONS = {
  type: 'type changed, replaced by delete and create',
  immutable: 'immutable, replaced by delete and create',
} as const;

/**
 * Returns why changes are made: `edited by kubectl-edit: data.a; source changed: data.ca.crt`. The changes have the same
 * kinds of causes. If their fields or editors differ, the text has the names of all of them.
 */
export function reasonText(changes: readonly Change[], verbose: boolean): string {
  const [first] = changes;
  if (first === undefined) return '';
  const texts = causesOf(first).map((cause, at) => causeText(cause, at, changes, verbose));
  return [...texts, ...howText(first)].join('; ');
}

/** Returns how a change is made, if the action alone does not say it. */
function howText(change: Change): readonly string[] {
  if (change.action === 'mark') return [`to be pruned after ${change.until}`];
  const type =
    'copiedAs' in change && change.copiedAs !== undefined
      ? [`copied as ${change.copiedAs}, without keys that its type demands`]
      : [];
  return change.action === 'replace' ? [...type, REPLACE_REASONS[change.because]] : type;
}

/** Returns the text of the causes at one place of the lists of causes. */
function causeText(first: Cause, at: number, changes: readonly Change[], verbose: boolean): string {
  const namespaces = unique(changes.map(({ namespace }) => namespace));
  const [only] = namespaces.length === 1 ? namespaces : [];
  switch (first.code) {
    case 'source-added':
      return 'source added';
    case 'namespace-added':
      return only === undefined ? 'namespaces added' : 'namespace added';
    case 'namespace-allowed':
      return only === undefined ? 'namespaces no longer ignored' : 'namespace no longer ignored';
    case 'namespace-accepts':
      return consentText(only === undefined ? 'namespaces now accept' : 'namespace now accepts', changes);
    case 'namespace-refuses':
      return consentText(
        only === undefined ? 'namespaces do not accept' : 'namespace does not accept',
        changes,
      );
    case 'namespace-labels-changed':
      return `labels of ${only === undefined ? 'the namespaces' : `namespace ${markName(only)}`} changed`;
    case 'selector-changed':
      return selectorsText(first);
    case 'sync-namespaces-changed':
      return annotationChangeText('sync-namespaces', first);
    case 'sync-keys-changed':
      return keysChangeText(first, verbose);
    case 'namespace-not-selected':
      return notSelectedText(first.selector, only);
    case 'namespace-not-named':
      return notSelectedText(first.syncNamespaces, only);
    case 'source-gone':
    case 'annotation-removed':
    case 'not-a-source':
    case 'namespace-ignored':
    case 'context-not-named':
    case 'purge':
      return PRUNE_REASONS[first.code];
    default:
      return writeText(first.code, at, changes, verbose);
  }
}

/** Returns `namespace does not accept copies from certs`. */
function consentText(what: string, changes: readonly Change[]): string {
  const from = unique(changes.map(({ origin }) => markName(origin.namespace)));
  return `${what} copies from ${joinFirst(from, MAX_EDITORS)}`;
}

function selectorsText({ selectors }: Cause): string {
  if (selectors === undefined) return 'selector changed';
  return `selector changed from ${selectorText(selectors.before)} to ${selectorText(selectors.after)}`;
}

/** Returns `sync-namespaces changed from "team-*" to "team-a"`. */
function annotationChangeText(name: string, { texts }: Cause): string {
  const { before, after } = texts ?? {};
  if (before === undefined) return `${name} added: ${quote(after ?? '')}`;
  return after === undefined
    ? `${name} ${quote(before)} removed`
    : `${name} changed from ${quote(before)} to ${quote(after)}`;
}

/** Returns the same with the fields that it explains. */
function keysChangeText(cause: Cause, verbose: boolean): string {
  const fields = fieldNames(cause.fields ?? [], verbose);
  return `${annotationChangeText('sync-keys', cause)}${fields === '' ? '' : `: ${fields}`}`;
}

/** Returns `all namespaces`, or the selector in quotes. */
export function selectorText(selector: string): string {
  return selector.trim() === '' || selector === 'true' ? 'all namespaces' : quote(selector);
}

function notSelectedText(selector: string | undefined, only: string | undefined): string {
  if (selector === undefined) return PRUNE_REASONS['namespace-not-selected'];
  const namespaces =
    only === undefined ? 'namespaces no longer match' : `namespace ${markName(only)} no longer matches`;
  return `${namespaces} ${quote(selector)}`;
}

function writeText(code: WriteReason, at: number, changes: readonly Change[], verbose: boolean): string {
  const causes = changes.flatMap((change) => {
    const cause = causesOf(change)[at];
    return cause === undefined ? [] : [{ change, cause }];
  });
  const editors = unique(causes.flatMap(({ cause }) => (cause.by ?? []).map(markName)));
  const givers = unique(
    causes.flatMap(({ cause: { from: giver } }) => (giver === undefined ? [] : [originName(giver)])),
  );
  const by = editors.length > 0 ? ` by ${joinNames(editors, MAX_EDITORS, verbose)}` : '';
  const from = givers.length > 0 ? ` from ${joinNames(givers, MAX_EDITORS, verbose)}` : '';
  const fields = fieldNames(
    causes.flatMap(({ change, cause }) => fieldsOf(change, cause, verbose)),
    verbose,
  );
  return `${WRITE_REASONS[code]}${by}${from}${fields === '' ? '' : `: ${fields}`}`;
}

/** Returns the fields that a cause explains. One that is alone explains all fields of its change. */
function fieldsOf(change: Change, cause: Cause, verbose: boolean): readonly FieldDifference[] {
  if (cause.fields !== undefined) return cause.fields;
  if (!('fields' in change) || causesOf(change).length > 1) return [];
  return change.action === 'replace' ? fieldsOfReplace(change, verbose) : change.fields;
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
  return markName(`${sign}${fieldName(field)}`);
}
