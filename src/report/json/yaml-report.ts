import { dump } from 'js-yaml';
import type { Report } from '../../model/run-report.ts';
import { reportDocument } from './json-report.ts';
import { sanitize } from '../strings/sanitize.ts';

/**
 * The document of `-o json` as YAML. Lines are not folded, so that two reports can be compared by `diff`; control
 * characters are made visible beforehand, since YAML lets some of them through (those that turn the reading direction).
 */
export function renderYaml(report: Report): string {
  const plain: unknown = JSON.parse(JSON.stringify(reportDocument(report)), sanitizeValue);
  return dump(plain, { lineWidth: -1, noRefs: true });
}

function sanitizeValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? sanitize(value) : value;
}
