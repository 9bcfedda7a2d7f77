import { type Finding, type Severity, severityOf } from '../../model/finding.ts';
import { groupBy } from '../../util/group-by.ts';
import { formatCount } from '../strings/names-and-counts.ts';
import type { Row } from './layout.ts';
import type { Tone } from './colors.ts';
import { anyOf, findingHint } from '../messages/finding-hint.ts';
import { findingMessage } from '../messages/finding-message.ts';

const MAX_ALIKE = 5;

const ORDER: readonly Severity[] = ['error', 'warning', 'note'];

const TONES: Readonly<Record<Severity, Tone>> = { error: 'bad', warning: 'warning', note: 'quiet' };

/** Findings by severity, those of one reason and remedy together: the first few by name, the rest as a number. */
export function findingRows(
  findings: readonly Finding[],
  verbose: boolean,
  message: (finding: Finding) => string = findingMessage,
): readonly Row[] {
  const groups = [...groupBy(findings, groupKey).values()];
  return ORDER.flatMap((severity) =>
    groups
      .filter(([first]) => first !== undefined && severityOf(first) === severity)
      .flatMap((group) => rowsOf(group, severity, verbose, message)),
  );
}

function groupKey(finding: Finding): string {
  return JSON.stringify([finding.reason, severityOf(finding), findingHint(anyOf(finding))]);
}

function rowsOf(
  group: readonly Finding[],
  severity: Severity,
  verbose: boolean,
  message: (finding: Finding) => string,
): readonly Row[] {
  const named = verbose || group.length <= MAX_ALIKE + 1 ? group : group.slice(0, MAX_ALIKE);
  const sentences = named.map((finding) => ({
    label: severity,
    tone: TONES[severity],
    text: message(finding),
  }));
  const rest = group.length - named.length;
  const more = rest === 0 ? [] : [`and ${formatCount(rest)} more like these (all with -v)`];
  const [first] = group;
  const remedy = first === undefined ? '' : findingHint(group.length === 1 ? first : anyOf(first));
  return [...sentences, ...[...more, ...(remedy === '' ? [] : [`-> ${remedy}`])].map(quietRow)];
}

function quietRow(text: string): Row {
  return { label: '', tone: 'quiet', text };
}
