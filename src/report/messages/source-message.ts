import type { Report } from '../../model/run-report.ts';
import type { SourceSummary } from '../source-summary.ts';
import { countOf, formatCount, objectName } from '../strings/names-and-counts.ts';
import { quote } from '../strings/truncate.ts';
import { selectorText } from './reason-text.ts';

/**
 * Returns what a source asks for and gets: `Secret demo/tls: "env=prod", 47 of 212 namespaces, 45 up to date, 2 pending`.
 */
export function sourceMessage(source: SourceSummary, { plan, dryRun }: Report): string {
  const { upToDate, pending, deletes, conflicts, losesAllCopies } = source;
  const counts = [
    sourceSelectorText(source),
    ...narrowingTexts(source),
    ...(source.selector === undefined ? [] : [reachText(source, plan.namespaces)]),
    `${formatCount(upToDate)} up to date`,
    ...(pending === 0 ? [] : [`${formatCount(pending)} pending`]),
    ...(deletes === 0 ? [] : [`${formatCount(deletes)} ${dryRun ? 'to delete' : 'deleted'}`]),
    ...(conflicts === 0 ? [] : [`${formatCount(conflicts)} in conflict`]),
    ...(losesAllCopies ? ['it loses all its copies'] : []),
  ];
  return `${objectName(source)}: ${counts.join(', ')}`;
}

/**
 * Returns what a source asks for: `all namespaces`, `"env=prod"`, `contexts "prod-eu"`, or why its copies are not changed.
 */
export function sourceSelectorText({
  selector,
  contexts,
  frozen,
}: Pick<SourceSummary, 'selector' | 'contexts' | 'frozen'>): string {
  if (selector === undefined && contexts === undefined) return 'not a source';
  if (frozen) return 'its copies are not changed';
  const here = selector === undefined ? [] : [selectorText(selector)];
  const there = contexts === undefined ? [] : [`contexts ${quote(contexts)}`];
  return [...here, ...there].join(' and ');
}

/** Returns the annotations that narrow a source: `sync-namespaces "team-*"`. */
export function narrowingTexts({
  frozen,
  syncNamespaces,
  syncKeys,
}: Pick<SourceSummary, 'frozen' | 'syncNamespaces' | 'syncKeys'>): readonly string[] {
  if (frozen) return [];
  return [
    ...(syncNamespaces === undefined ? [] : [`sync-namespaces ${quote(syncNamespaces)}`]),
    ...(syncKeys === undefined ? [] : [`sync-keys ${quote(syncKeys)}`]),
  ];
}

/** Returns how far a source reaches: `47 of 212 namespaces`. */
function reachText({ reach }: SourceSummary, namespaces: number): string {
  return `${formatCount(reach)} of ${countOf(namespaces, 'namespace')}`;
}
