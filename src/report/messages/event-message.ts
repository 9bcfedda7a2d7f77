import type { SourceEvent, ReportedFinding } from '../../plan/source-events.ts';
import { ACTIONS, type Change } from '../../model/change.ts';
import type { AppliedChange, EventCounts } from '../../model/run-report.ts';
import { failureMessage } from './failure-message.ts';
import type { Row } from '../text/layout.ts';
import { groupBy } from '../../util/group-by.ts';
import { countOf, formatCount, inNamespaces, joinFirst } from '../strings/names-and-counts.ts';
import { findingHint } from './finding-hint.ts';
import { findingMessage } from './finding-message.ts';
import { sanitizeLine } from '../strings/sanitize.ts';
import { truncateToBytes } from '../strings/truncate.ts';
import { DONE_VERBS } from './reason-text.ts';
import { failureHint } from './failure-hint.ts';

/** The longest message of an Event that the API server accepts (Kubernetes: Event v1 core, validation). */
const MAX_BYTES = 1024;
const MAX_NAMES = 5;

/** Returns the message of an Event: counts, the first namespaces, and what to do. */
export function eventMessage(event: SourceEvent): string {
  return truncateToBytes(sanitizeLine(eventSentences(event).join(' ')), MAX_BYTES);
}

function eventSentences(event: SourceEvent): readonly string[] {
  switch (event.reason) {
    case 'Synced':
      return [syncedSentence(event.changes)];
    case 'Conflict':
      return conflictSentences(event.findings);
    case 'SyncFailed':
      return [...event.findings.map(withHint), ...failureSentences(event.failed)];
  }
}

/** Returns `3 copies created, 1 updated in 4 namespaces: a, b, c, d.` */
function syncedSentence(changes: readonly Change[]): string {
  const here = changes.filter(({ context }) => context === undefined);
  const there = changes.filter(({ context }) => context !== undefined);
  const contexts = [...new Set(there.flatMap(({ context }) => context ?? []))];
  return [
    ...(here.length === 0 ? [] : [asSentence(`${doneText(here)} ${inTheirNamespaces(here)}`)]),
    ...(there.length === 0
      ? []
      : [asSentence(`In other clusters (${joinFirst(contexts, MAX_NAMES)}): ${doneText(there)}`)]),
  ].join(' ');
}

/** Returns `3 copies created, 1 updated`. */
function doneText(changes: readonly Change[]): string {
  const counts = ACTIONS.flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [[action, count] as const];
  });
  const words = counts.map(
    ([action, count], at) =>
      `${at === 0 ? countOf(count, 'copy', 'copies') : formatCount(count)} ${DONE_VERBS[action]}`,
  );
  return words.join(', ');
}

/** Returns one sentence for all objects that are not copies, and one for each source that has the same name. */
function conflictSentences(findings: readonly ReportedFinding[]): readonly string[] {
  const foreign = findings.filter(({ reason }) => reason === 'conflict');
  const [first] = foreign;
  const objects =
    first === undefined
      ? []
      : [
          asSentence(`An object that is not a copy has the name of a copy ${inTheirNamespaces(foreign)}`),
          findingHint(first),
        ];
  return [...objects, ...findings.filter(({ reason }) => reason !== 'conflict').map(withHint)];
}

/** Returns one message for all writes that failed with the same status: the first one of the API server. */
function failureSentences(failed: readonly AppliedChange[]): readonly string[] {
  return [...groupBy(failed, sameFailure).values()].flatMap((group) => {
    const [first] = group;
    if (first?.outcome.outcome !== 'failed') return [];
    const { change, outcome } = first;
    const copies = countOf(group.length, 'copy', 'copies');
    const head = `${copies} could not be ${DONE_VERBS[change.action]} ${inTheirNamespaces(group.map((one) => one.change))}`;
    const said =
      outcome.status === undefined ? outcome.message : `${outcome.message} (HTTP ${outcome.status})`;
    return [`${head}: ${said}.`, failureHint(change.action, outcome)];
  });
}

function sameFailure({ change, outcome }: AppliedChange): string {
  return JSON.stringify([change.action, outcome.outcome === 'failed' && outcome.status]);
}

function withHint(finding: ReportedFinding): string {
  return `${findingMessage(finding)} ${findingHint(finding)}`.trimEnd();
}

/** Returns the text with a full stop, unless it ends in an ellipsis. */
function asSentence(text: string): string {
  return text.endsWith('…') ? text : `${text}.`;
}

function inTheirNamespaces(objects: readonly { readonly namespace: string }[]): string {
  return inNamespaces([...new Set(objects.map(({ namespace }) => namespace))], MAX_NAMES);
}

/** Returns how many Events could not be recorded, and why. Undefined if all were. */
export function eventsMessage({ sent, known, failed, failure }: EventCounts): string | undefined {
  if (failure === undefined) return undefined;
  const of = countOf(sent + known + failed, 'Event');
  return `${formatCount(failed)} of ${of} could not be recorded on the sources. The sync itself was done. ${failureMessage(failure)}`;
}

/** Returns the same as a row of the text report. */
export function eventRows(events: EventCounts | undefined): readonly Row[] {
  const line = events && eventsMessage(events);
  return line === undefined ? [] : [{ label: 'error', tone: 'bad', text: line }];
}
