import type { ContextExplanation, Explanation } from '../../model/explanation.ts';
import { findingText } from '../messages/finding-message.ts';
import { markName } from '../strings/name-marks.ts';
import { findingRows } from '../text/finding-lines.ts';
import type { Row } from '../text/layout.ts';
import { answerRows, inventoryRows } from './explain-rows.ts';

// What `explain` shows of other clusters: a heading for each context, and its answers below it.

/** What `explain` shows of one context. */
interface ContextBlock {
  readonly heading: string;
  readonly rows: readonly Row[];
}

/** Returns the blocks of all contexts. A context that has nothing to say about one object is left out. */
export function contextBlocks(
  { contexts = [], object }: Explanation,
  verbose: boolean,
): readonly ContextBlock[] {
  return contexts.flatMap((context) => {
    const rows = rowsOf(context, verbose);
    return rows.length === 0 && object !== undefined ? [] : [{ heading: headingOf(context), rows }];
  });
}

/** Returns the same blocks as rows of the text, each under its heading. */
export function contextRows(explanation: Explanation, verbose: boolean): readonly Row[] {
  return contextBlocks(explanation, verbose).flatMap(({ heading, rows }) => [
    { label: '', heading: true, tone: 'plain', text: heading },
    ...rows,
  ]);
}

function headingOf({ name, server, reachable }: ContextExplanation): string {
  const where = server === undefined ? '' : ` (${markName(server)})`;
  return `Context ${markName(name)}${where}${reachable ? '' : ', not reached'}:`;
}

function rowsOf({ sources, answers, findings }: ContextExplanation, verbose: boolean): readonly Row[] {
  return [
    ...(answers === undefined
      ? inventoryRows({ sources, namespaces: 0 })
      : answerRows({ answers, findings: [] }, verbose)),
    ...findingRows(findings, verbose, findingText),
  ];
}
