import type { SourceEvent, ReportedFinding } from '../../plan/source-events.ts';
import { ACTIONS, type Change } from '../../model/change.ts';
import type { AppliedChange, EventCounts } from '../../model/run-report.ts';
import { failureLine } from './failure-message.ts';
import type { Row } from '../text/layout.ts';
import { counted, groupBy, grouped, inNamespaces } from '../strings/words.ts';
import { remedyOf } from './finding-hint.ts';
import { sentenceOf } from './finding-message.ts';
import { oneLine } from '../strings/sanitize.ts';
import { withinBytes } from '../strings/truncate.ts';
import { DONE } from './reason-text.ts';
import { writeRemedy } from './failure-hint.ts';

/** What the API server takes as the message of an Event (Kubernetes: Event v1 core, validation). */
const MOST_BYTES = 1024;
const MOST_NAMES = 5;

/** The message of an Event: counts, the first few namespaces, and what to do. */
export function eventMessage(event: SourceEvent): string {
  return withinBytes(oneLine(sentences(event).join(' ')), MOST_BYTES);
}

function sentences(event: SourceEvent): readonly string[] {
  switch (event.reason) {
    case 'Synced':
      return [synced(event.changes)];
    case 'Conflict':
      return conflicts(event.findings);
    case 'SyncFailed':
      return [...event.findings.map(withRemedy), ...failures(event.failed)];
  }
}

/** `3 copies created, 1 updated in 4 namespaces: a, b, c, d.` */
function synced(changes: readonly Change[]): string {
  const counts = ACTIONS.flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [[action, count] as const];
  });
  const words = counts.map(
    ([action, count], at) =>
      `${at === 0 ? counted(count, 'copy', 'copies') : grouped(count)} ${DONE[action]}`,
  );
  return ended(`${words.join(', ')} ${where(changes)}`);
}

/** Foreign objects are many alike, so they are told together; another source is told by name. */
function conflicts(findings: readonly ReportedFinding[]): readonly string[] {
  const foreign = findings.filter(({ reason }) => reason === 'conflict');
  const [first] = foreign;
  const told =
    first === undefined
      ? []
      : [ended(`An object of somebody else has the name of a copy ${where(foreign)}`), remedyOf(first)];
  return [...told, ...findings.filter(({ reason }) => reason !== 'conflict').map(withRemedy)];
}

/** Of writes that failed with one status, one message of the server stands for all. */
function failures(failed: readonly AppliedChange[]): readonly string[] {
  return [...groupBy(failed, sameFailure).values()].flatMap((group) => {
    const [first] = group;
    if (first?.outcome.outcome !== 'failed') return [];
    const { change, outcome } = first;
    const copies = counted(group.length, 'copy', 'copies');
    const head = `${copies} could not be ${DONE[change.action]} ${where(group.map((one) => one.change))}`;
    const said =
      outcome.status === undefined ? outcome.message : `${outcome.message} (HTTP ${outcome.status})`;
    return [`${head}: ${said}.`, writeRemedy(change.action, outcome)];
  });
}

function sameFailure({ change, outcome }: AppliedChange): string {
  return JSON.stringify([change.action, outcome.outcome === 'failed' && outcome.status]);
}

function withRemedy(finding: ReportedFinding): string {
  return `${sentenceOf(finding)} ${remedyOf(finding)}`.trimEnd();
}

/** Names that are cut short end in an ellipsis, and the sentence with them. */
function ended(text: string): string {
  return text.endsWith('…') ? text : `${text}.`;
}

function where(objects: readonly { readonly namespace: string }[]): string {
  return inNamespaces([...new Set(objects.map(({ namespace }) => namespace))], MOST_NAMES);
}

/** What to say of Events that could not be left; nothing where all is well. */
export function eventsLine({ sent, known, failed, failure }: EventCounts): string | undefined {
  if (failure === undefined) return undefined;
  const of = counted(sent + known + failed, 'Event');
  return `${grouped(failed)} of ${of} could not be left on the sources; the sync itself was done. ${failureLine(failure)}`;
}

/** The same as a row of the text report. */
export function eventRows(events: EventCounts | undefined): readonly Row[] {
  const line = events && eventsLine(events);
  return line === undefined ? [] : [{ label: 'error', tone: 'bad', text: line }];
}
