import type { Report } from '../../model/run-report.ts';
import { reportDocument } from './json-report.ts';

/**
 * Returns what a report tells, as text to compare. Two runs that found the same in the same state give the same text: when
 * they ran, what they cost, and namespaces that no source selects make no difference.
 */
export function reportContent(report: Report): string {
  const { at: _, requests: __, events, summary, ...content } = reportDocument(report);
  const { namespaces: ___, ...counts } = summary;
  const failed = events && events.failed > 0 && events.message;
  return JSON.stringify({ ...content, counts, failed });
}
