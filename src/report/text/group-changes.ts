import type { Change } from '../../model/change.ts';
import type { AppliedChange, Outcome } from '../../model/run-report.ts';
import { bounded, groupBy, inNamespaces, origin } from '../strings/words.ts';
import { whyOf } from '../messages/reason-text.ts';

/** Changes that one line tells: of one kind, done for the same reason with the same outcome. */
export interface Fold {
  readonly outcome: Outcome;
  readonly changes: readonly [Change, ...Change[]];
  readonly origins: readonly string[];
  readonly namespaces: readonly string[];
}

const MOST_NAMES = 3;

/** Fewer sources than this get a line each. */
const MANY_SOURCES = 4;

/**
 * Groups changes first by source over its namespaces (one source to 212 namespaces is one line), then sources that
 * went to the same namespaces (300 sources to a new namespace are one line as well). With `verbose` only what is
 * alike in every word is grouped, and by source alone.
 */
export function fold(carried: readonly AppliedChange[], verbose: boolean): readonly Fold[] {
  const bySource = [...groupBy(carried, (one) => alike(one, verbose)).values()].flatMap(foldOf);
  if (verbose) return bySource;
  return [...groupBy(bySource, likewise).values()].flatMap((folds) =>
    folds.length < MANY_SOURCES ? folds : merged(folds),
  );
}

/** What a fold is about: `ConfigMap demo/omni in 212 namespaces: a, b, c, …`. */
export function subject({ changes, origins, namespaces }: Fold, verbose: boolean): string {
  const most = verbose ? Infinity : MOST_NAMES;
  const kind = origins.length === 1 ? changes[0].kind : `${changes[0].kind}s`;
  return `${kind} ${bounded(origins, most)} ${inNamespaces(namespaces, most)}`;
}

function foldOf(members: readonly AppliedChange[]): readonly Fold[] {
  const [first, ...rest] = members;
  if (first === undefined) return [];
  return [
    {
      outcome: first.outcome,
      changes: [first.change, ...rest.map(({ change }) => change)],
      origins: [origin(first.change.origin)],
      namespaces: members.map(({ change }) => change.namespace),
    },
  ];
}

function merged(folds: readonly Fold[]): readonly Fold[] {
  const [first, ...rest] = folds;
  if (first === undefined) return [];
  const [change, ...more] = first.changes;
  const changes = [...more, ...rest.flatMap((one) => one.changes)];
  return [{ ...first, changes: [change, ...changes], origins: folds.flatMap((one) => one.origins) }];
}

function alike({ change, outcome }: AppliedChange, verbose: boolean): string {
  const why = verbose && change.action !== 'prune' ? whyOf([change], true) : coarseWhy(change);
  return key(change.action, change.kind, origin(change.origin), why, outcomeKey(outcome, change, verbose));
}

function likewise({ outcome, changes, namespaces }: Fold): string {
  const [change] = changes;
  const what = outcomeKey(outcome, change, false);
  return key(change.action, change.kind, whyOf(changes, false), what, namespaces.join());
}

function coarseWhy(change: Change): string {
  switch (change.action) {
    case 'create':
    case 'update':
    case 'refresh':
      return change.reason;
    case 'replace':
      return key(change.reason, change.because);
    case 'prune':
      return key(change.reason, change.selector ?? '');
  }
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
        verbose ? outcome.message : impersonal(outcome.message, namespace),
      );
    case 'skipped':
      return key('skipped', outcome.why);
  }
}

function impersonal(message: string, namespace: string): string {
  return message.replace(/[a-z0-9-]+/g, (word) => (word === namespace || /^\d+$/.test(word) ? '#' : word));
}

/** Parts as one map key that cannot be confused with another. */
function key(...parts: readonly (string | number | boolean)[]): string {
  return JSON.stringify(parts);
}
