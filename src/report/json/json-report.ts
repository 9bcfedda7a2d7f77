import { type Action, type Cause, causesOf } from '../../model/change.ts';
import { type Finding, severityOf } from '../../model/finding.ts';
import type { Kind } from '../../model/objects.ts';
import type { Shard } from '../../model/settings.ts';
import {
  type AppliedChange,
  type ContextSummary,
  type EventCounts,
  type Outcome,
  type Report,
  type RequestCounts,
  type Stopped,
  isIncomplete,
} from '../../model/run-report.ts';
import { failureMessage } from '../messages/failure-message.ts';
import { type ManifestsData, manifestsData } from './manifest-data.ts';
import { fieldData, originData, findingData } from './json-finding.ts';
import { findingHint } from '../messages/finding-hint.ts';
import { findingMessage } from '../messages/finding-message.ts';
import { removeNameMarks } from '../strings/name-marks.ts';
import { sanitize } from '../strings/sanitize.ts';
import { summarizeSources } from '../source-summary.ts';
import { type SourceData, sourceData, targetData } from './source-data.ts';

/** The counts of a report. A change that failed or was skipped is not in the count of its action. */
export interface Summary extends Readonly<Record<Action, number>> {
  readonly sources: number;
  readonly namespaces: number;
  readonly unchanged: number;
  /** Of the planned changes of a preview of manifests, those that are made also without them. */
  readonly pendingAnyway: number;
  readonly findings: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The report as the published schema has it (docs/design.md 8), in its key order. */
export interface ReportDocument {
  readonly apiVersion: 'kubed-sync/v1';
  readonly kind: 'Report';
  readonly dryRun: boolean;
  /** Set for a dry run: whether the API server checked the writes. */
  readonly dryRunBy?: 'client' | 'server';
  readonly clusterName: string;
  /** The names of the kubeconfig for the cluster, its address, and when the run began. */
  readonly cluster?: string;
  readonly context?: string;
  readonly server?: string;
  readonly at?: string;
  /** As `--shard` has it, with the index of a Job put in. */
  readonly shard?: string;
  readonly stopped?: Stopped;
  /** Manifests are missing: see the problems. */
  readonly incomplete?: true;
  readonly manifests?: ManifestsData;
  readonly summary: Summary;
  /** The other clusters. Absent if the run served none. */
  readonly contexts?: readonly ContextData[];
  readonly sources: readonly SourceData[];
  readonly changes: readonly object[];
  readonly findings: readonly object[];
  readonly requests: RequestCounts;
  readonly events?: EventsData;
}

/** How many Events were recorded; `message` says why some could not be. */
interface EventsData {
  readonly sent: number;
  readonly known: number;
  readonly failed: number;
  readonly message?: string;
}

/** What a summary is made from. */
type Summarized = Pick<Report, 'changes' | 'findings'> & {
  readonly plan: Pick<Report['plan'], 'sources' | 'namespaces' | 'unchanged'>;
};

/** One other cluster, with the counts of its changes and findings. */
interface ContextData {
  readonly name: string;
  readonly server?: string;
  readonly reachable: boolean;
  readonly summary: Omit<Summary, 'sources' | 'namespaces' | 'pendingAnyway'>;
}

function contextData({ name, server, reachable, unchanged }: ContextSummary, report: Report): ContextData {
  const {
    sources: _,
    namespaces: __,
    pendingAnyway: ___,
    ...summary
  } = summarizeContext(name, unchanged, report);
  return { name, ...(server !== undefined && { server }), reachable, summary };
}

/** Returns the counts of what was done in one other cluster. */
export function summarizeContext(context: string, unchanged: number, { changes, findings }: Report): Summary {
  return summarize({
    plan: { sources: 0, namespaces: 0, unchanged },
    changes: changes.filter(({ change }) => change.context === context),
    findings: findings.filter((finding) => finding.context === context),
  });
}

/** Returns the counts of a report. */
export function summarize({ plan, changes, findings }: Summarized): Summary {
  const done = (action: Action): number =>
    changes.filter(({ change, outcome }) => change.action === action && isDone(outcome)).length;
  const ended = (word: Outcome['outcome']): number =>
    changes.filter(({ outcome }) => outcome.outcome === word).length;
  return {
    sources: plan.sources,
    namespaces: plan.namespaces,
    create: done('create'),
    update: done('update'),
    replace: done('replace'),
    refresh: done('refresh'),
    mark: done('mark'),
    prune: done('prune'),
    unchanged: plan.unchanged,
    pendingAnyway: changes.filter(({ change, outcome }) => change.pendingAnyway && isDone(outcome)).length,
    findings: findings.length,
    failed: ended('failed'),
    skipped: ended('skipped'),
  };
}

/** Returns the report as the document that `-o json` and `-o yaml` print. */
export function reportDocument(report: Report): ReportDocument {
  return {
    apiVersion: 'kubed-sync/v1',
    kind: 'Report',
    dryRun: report.dryRun,
    ...(report.dryRun && { dryRunBy: report.serverDryRun ? 'server' : 'client' }),
    clusterName: report.clusterName,
    ...targetData(report),
    ...(report.shard && { shard: shardName(report.shard) }),
    ...(report.stopped && { stopped: report.stopped }),
    ...(isIncomplete(report) && { incomplete: true }),
    ...(report.manifests && { manifests: manifestsData(report.manifests, report.unchecked) }),
    summary: summarize(report),
    ...(report.contexts && { contexts: report.contexts.map((one) => contextData(one, report)) }),
    sources: summarizeSources(report).map(sourceData),
    changes: report.changes.map(changeData),
    findings: report.findings.map(findingDocument),
    requests: requestData(report.requests),
    ...(report.events && { events: eventsData(report.events) }),
  };
}

/** Returns the report as JSON. Control characters become escapes, which are read back as the same text. */
export function renderJson(report: Report): string {
  const text = JSON.stringify(reportDocument(report), undefined, 2);
  return `${text.replace(/[^\n -~]/gu, sanitize)}\n`;
}

/** A shard as it is written: `0/3`. */
export function shardName({ index, count }: Shard): string {
  return `${index}/${count}`;
}

function isDone({ outcome }: Outcome): boolean {
  return outcome === 'done' || outcome === 'planned';
}

/** A change as the document has it. */
interface ChangeData {
  readonly action: Action;
  readonly context?: string;
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly origin: object;
  readonly reason: string;
  readonly causes: readonly object[];
  readonly pendingAnyway?: true;
  readonly outcome: Outcome['outcome'];
  readonly fields?: readonly object[];
  readonly editors?: readonly string[];
  readonly selector?: string | undefined;
  readonly syncNamespaces?: string | undefined;
}

/** One change, and what became of it. */
export function changeData({ change, outcome }: AppliedChange): ChangeData {
  const { action, kind, namespace, name, origin, reason } = change;
  return {
    action,
    ...(change.context !== undefined && { context: change.context }),
    kind,
    namespace,
    name,
    origin: originData(origin),
    reason,
    causes: causesOf(change).map(causeData),
    ...(change.pendingAnyway && { pendingAnyway: true }),
    outcome: outcome.outcome,
    ...outcomeData(outcome),
    ...('fields' in change && { fields: change.fields.map(fieldData), editors: change.editors }),
    ...('from' in change && change.from && { from: originData(change.from) }),
    ...('because' in change && { because: change.because }),
    ...('copiedAs' in change && { copiedAs: change.copiedAs }),
    ...('until' in change && { until: change.until }),
    ...('selector' in change && { selector: change.selector }),
    ...('syncNamespaces' in change && { syncNamespaces: change.syncNamespaces }),
    ...(outcome.outcome === 'skipped' && { skipped: outcome.why }),
  };
}

function causeData(cause: Cause): object {
  const { code, fields, by, from, selector, syncNamespaces, selectors, texts } = cause;
  return {
    code,
    ...(fields && { fields: fields.map(fieldData) }),
    ...(by && { by }),
    ...(from && { from: originData(from) }),
    ...(selector !== undefined && { selector }),
    ...(syncNamespaces !== undefined && { syncNamespaces }),
    ...(selectors && { before: selectors.before, after: selectors.after }),
    ...(texts?.before !== undefined && { before: texts.before }),
    ...(texts?.after !== undefined && { after: texts.after }),
  };
}

function outcomeData(outcome: Outcome): object {
  switch (outcome.outcome) {
    case 'failed':
      return {
        message: sanitize(outcome.message),
        ...(outcome.status !== undefined && { status: outcome.status }),
        ...(outcome.missing && { missing: true }),
      };
    case 'done':
      return outcome.waitsForFinalizers ? { message: 'waits for finalizers' } : {};
    case 'planned':
    case 'skipped':
      return {};
  }
}

/** Returns a finding as the document has it. */
export function findingDocument(finding: Finding): object {
  return {
    reason: finding.reason,
    severity: severityOf(finding),
    ...(finding.context !== undefined && { context: finding.context }),
    ...('kind' in finding && { kind: finding.kind }),
    ...('namespace' in finding && { namespace: finding.namespace }),
    ...('name' in finding && { name: finding.name }),
    message: sanitize(removeNameMarks(`${findingMessage(finding)} ${findingHint(finding)}`).trimEnd()),
    ...findingData(finding),
  };
}

function eventsData({ sent, known, failed, failure }: EventCounts): EventsData {
  return { sent, known, failed, ...(failure && { message: failureMessage(failure) }) };
}

function requestData(counts: RequestCounts): RequestCounts {
  return {
    list: counts.list,
    get: counts.get,
    create: counts.create,
    patch: counts.patch,
    delete: counts.delete,
    ...(counts.events !== undefined && { events: counts.events }),
  };
}
