import { type Change, causesOf } from '../../model/change.ts';
import type { AppliedChange, Outcome } from '../../model/run-report.ts';
import { groupBy } from '../../util/group-by.ts';
import { markName } from '../strings/name-marks.ts';
import { joinFirst, inNamespaces, originName } from '../strings/names-and-counts.ts';
import { reasonText } from '../messages/reason-text.ts';

/** Changes that one line reports: of one kind, for the same reason, with the same outcome. */
export interface ChangeGroup {
  readonly outcome: Outcome;
  readonly changes: readonly [Change, ...Change[]];
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
}

const MAX_NAMES = 3;

/** Fewer sources than this get one line each. */
const MANY_SOURCES = 4;

/**
 * Groups changes first by source over its namespaces (one source to 212 namespaces is one line), then sources that
 * went to the same namespaces (300 sources to a new namespace are one line as well). With `verbose` only what is
 * alike in every word is grouped, and by source alone.
 */
export function groupChanges(changes: readonly AppliedChange[], verbose: boolean): readonly ChangeGroup[] {
  const bySource = [...groupBy(changes, (one) => sourceKey(one, verbose)).values()].flatMap(groupOf);
  if (verbose) return bySource;
  return [...groupBy(bySource, namespacesKey).values()].flatMap((folds) =>
    folds.length < MANY_SOURCES ? folds : mergeGroups(folds),
  );
}

/** Returns what a group is about: `ConfigMap demo/omni in 212 namespaces: a, b, c, …`. */
export function groupSubject({ changes, origins, namespaces }: ChangeGroup, verbose: boolean): string {
  const most = verbose ? Infinity : MAX_NAMES;
  const kind = origins.length === 1 ? changes[0].kind : `${changes[0].kind}s`;
  const { context } = changes[0];
  const where = context === undefined ? '' : ` of context ${markName(context)}`;
  return `${kind} ${joinFirst(origins, most)} ${inNamespaces(namespaces, most)}${where}`;
}

function groupOf(members: readonly AppliedChange[]): readonly ChangeGroup[] {
  const [first, ...rest] = members;
  if (first === undefined) return [];
  return [
    {
      outcome: first.outcome,
      changes: [first.change, ...rest.map(({ change }) => change)],
      origins: [originName(first.change.origin)],
      namespaces: members.map(({ change }) => change.namespace),
    },
  ];
}

function mergeGroups(folds: readonly ChangeGroup[]): readonly ChangeGroup[] {
  const [first, ...rest] = folds;
  if (first === undefined) return [];
  const [change, ...more] = first.changes;
  const changes = [...more, ...rest.flatMap((one) => one.changes)];
  return [{ ...first, changes: [change, ...changes], origins: folds.flatMap((one) => one.origins) }];
}

function sourceKey({ change, outcome }: AppliedChange, verbose: boolean): string {
  const why = verbose && 'fields' in change ? reasonText([change], true) : reasonKey(change);
  return key(
    change.action,
    change.kind,
    originName(change.origin),
    why,
    change.context ?? '',
    outcomeKey(outcome, change, verbose),
  );
}

function namespacesKey({ outcome, changes, namespaces }: ChangeGroup): string {
  const [change] = changes;
  const what = outcomeKey(outcome, change, false);
  const where = change.context ?? '';
  return key(change.action, change.kind, reasonText(changes, false), what, where, namespaces.join());
}

/** Returns the same text for changes with the same kinds of causes. Their fields and editors may differ. */
function reasonKey(change: Change): string {
  const causes = causesOf(change).map((cause) =>
    key(
      cause.code,
      cause.selector ?? cause.syncNamespaces ?? '',
      cause.selectors?.before ?? cause.texts?.before ?? '',
      cause.selectors?.after ?? cause.texts?.after ?? '',
    ),
  );
  const copiedAs = 'copiedAs' in change ? (change.copiedAs ?? '') : '';
  return key(causes.join(), 'because' in change ? change.because : '', copiedAs);
}

/** Messages of the server name the namespace and counts: without those they are alike for many objects. */
function outcomeKey(outcome: Outcome, { namespace }: Change, verbose: boolean): string {
  switch (outcome.outcome) {
    case 'planned':
      return 'planned';
    case 'done':
      return outcome.waitsForFinalizers ? 'waits' : 'done';
    case 'failed':
      return key(
        'failed',
        outcome.status ?? 0,
        outcome.missing ?? false,
        verbose ? outcome.message : withoutNamespaceAndNumbers(outcome.message, namespace),
      );
    case 'skipped':
      return key('skipped', outcome.why);
  }
}

function withoutNamespaceAndNumbers(message: string, namespace: string): string {
  return message.replace(/[a-z0-9-]+/g, (word) => (word === namespace || /^\d+$/.test(word) ? '#' : word));
}

/** Returns the parts as one map key that cannot be confused with another. */
function key(...parts: readonly (string | number | boolean)[]): string {
  return JSON.stringify(parts);
}
