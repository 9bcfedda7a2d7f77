import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { ObjectKey } from '../../model/objects.ts';
import type { SourceState } from '../../model/plan.ts';
import type { AppliedChange, ContextRun, Report, RequestCounts } from '../../model/run-report.ts';
import { compareNames, compareText, keyOf, nameOf } from '../../model/keys.ts';
import type { ContextSource } from '../../plan/contexts/context-sources.ts';
import { compareFindings } from '../../plan/finalize.ts';

/** What other clusters add to the report of home. */
export interface ServedContexts {
  /** The sources at home that ask for other clusters. */
  readonly sources: readonly ContextSource[];
  /** About these sources, and about the kubeconfigs. */
  readonly findings: readonly Finding[];
  readonly contexts: readonly ContextRun[];
}

/** Returns the report of a run: that of home, and what was done in other clusters. Its counts are the sums. */
export function mergeContexts(home: Report, served: ServedContexts): Report {
  const contexts = served.contexts.toSorted((a, b) => compareText(a.name, b.name));
  const changes = [...home.changes, ...contexts.flatMap(changesOf)];
  const findings = [...home.findings, ...served.findings, ...contexts.flatMap(findingsOf)];
  const sum = (count: (run: ContextRun) => number): number =>
    contexts.reduce((all, run) => all + count(run), 0);
  const bySource = mergeSources(home.plan.bySource, served);
  return {
    ...home,
    plan: {
      ...home.plan,
      changes: changes.map(({ change }) => change),
      findings,
      sources: bySource.length,
      bySource,
      unchanged: home.plan.unchanged + sum(({ unchanged }) => unchanged),
      copies: home.plan.copies + sum(({ report }) => report?.plan.copies ?? 0),
    },
    changes,
    findings: findings.toSorted(compareFindings),
    requests: contexts.reduce(
      (all, { report, requests }) => addRequests(all, report?.requests ?? requests),
      home.requests,
    ),
    contexts: contexts.map(({ name, server, reachable, unchanged }) => ({
      name,
      ...(server !== undefined && { server }),
      reachable,
      unchanged,
    })),
  };
}

function changesOf({ name, report }: ContextRun): readonly AppliedChange[] {
  return (report?.changes ?? []).map(({ change, outcome }) => ({ change: inContext(change, name), outcome }));
}

function inContext(change: Change, context: string): Change {
  return { ...change, context };
}

function findingsOf({ name: context, report, finding }: ContextRun): readonly Finding[] {
  const all = [...(report?.findings ?? []), ...(finding === undefined ? [] : [finding])];
  return all.map((one) => ({ ...one, context }));
}

/** Returns the sum of two counts of requests. Events are counted at home only. */
export function addRequests(all: RequestCounts, more: RequestCounts | undefined): RequestCounts {
  if (more === undefined) return all;
  return {
    ...all,
    list: all.list + more.list,
    get: all.get + more.get,
    create: all.create + more.create,
    patch: all.patch + more.patch,
    delete: all.delete + more.delete,
  };
}

/** Adds what each source asks for in other clusters, and the sources that ask for other clusters only. */
function mergeSources(
  home: readonly SourceState[],
  { sources, contexts }: ServedContexts,
): readonly SourceState[] {
  const byKey = new Map<ObjectKey, SourceState>(home.map((state) => [keyOf(state), state]));
  for (const { key, meta, text, patterns } of sources) {
    const frozen = patterns === undefined && ({ frozen: true } as const);
    const state = byKey.get(key) ?? { ...nameOf(meta), ...frozen, reach: 0, unchanged: 0 };
    byKey.set(key, { ...state, contexts: text });
  }
  for (const { unchanged, ...name } of contexts.flatMap(({ report }) => report?.plan.bySource ?? [])) {
    const state = byKey.get(keyOf(name));
    if (state === undefined) continue;
    byKey.set(keyOf(name), { ...state, unchanged: state.unchanged + unchanged });
  }
  return [...byKey.values()].toSorted(compareNames);
}
