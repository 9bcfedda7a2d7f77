import { dump } from 'js-yaml';
import type { Report } from '../../model/run-report.ts';
import { documentOf } from './json-report.ts';
import { visible } from '../strings/sanitize.ts';

/**
 * The document of `-o json` as YAML. Lines are not folded, so that two reports can be compared by `diff`; control
 * characters are made visible beforehand, since YAML lets some of them through (those that turn the reading direction).
 */
export function renderYaml(report: Report): string {
  const plain: unknown = JSON.parse(JSON.stringify(documentOf(report)), shown);
  return dump(plain, { lineWidth: -1, noRefs: true });
}

function shown(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? visible(value) : value;
}
