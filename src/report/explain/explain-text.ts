import type { Explanation } from '../../model/explanation.ts';
import { manifestRows } from '../messages/manifest-message.ts';
import { targetLines } from '../messages/target-message.ts';
import { findingRows } from '../text/finding-lines.ts';
import { type Row, layOutParagraphs, layOutRows } from '../text/layout.ts';
import type { TextOptions } from '../text/text-report.ts';
import { contextRows } from './context-answers.ts';
import { answerRows, inventoryRows, inventorySummary, objectSentence } from './explain-rows.ts';

/** Returns an explanation as text for people. */
export function renderExplanation(explanation: Explanation, options: TextOptions): string {
  const { object } = explanation;
  const rows = [
    ...(object === undefined ? inventoryRows(explanation) : answerRows(object, options.verbose)),
    ...problemRows(explanation, options.verbose),
    ...contextRows(explanation, options.verbose),
  ];
  const begin = object === undefined ? [] : [objectSentence(object, explanation)];
  const head = layOutParagraphs(begin, options);
  const end = layOutParagraphs(endLines(explanation), options);
  return [head, layOutRows(rows, options), end].filter((part) => part !== '').join('\n');
}

/** Returns what is wrong with manifests, with remote kubeconfigs, and with annotations that name contexts. */
export function problemRows(explanation: Explanation, verbose: boolean): readonly Row[] {
  return [...manifestRows(explanation, verbose), ...findingRows(explanation.findings ?? [], verbose)];
}

/** Returns the last lines: the sums, what was read, and where. */
export function endLines(explanation: Explanation): readonly string[] {
  const { object, comparesContent } = explanation;
  return [
    ...(object === undefined ? [inventorySummary(explanation)] : []),
    ...(comparesContent ? [] : ['Compared by metadata. --verify compares the contents too.']),
    ...targetLines(explanation),
  ];
}
