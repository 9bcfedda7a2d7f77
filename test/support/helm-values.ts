import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { CHART } from './helm.ts';

/** One value that a user can set. */
export interface Value {
  readonly path: string;
  readonly default: unknown;
  /** The comment above it in values.yaml. */
  readonly about: string;
}

/**
 * Every value of the chart with its comment, in the order of values.yaml. A mapping whose entries have no comments is
 * one value.
 */
export function values(): readonly Value[] {
  const text = readFileSync(join(CHART, 'values.yaml'), 'utf8');
  return under(load(text), '', comments(text));
}

function under(value: unknown, path: string, about: ReadonlyMap<string, string>): readonly Value[] {
  const entries = isMapping(value) ? Object.entries(value) : [];
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (entries.some(([key]) => about.has(at(key))))
    return entries.flatMap(([key, one]) => under(one, at(key), about));
  return [{ path, default: value, about: about.get(path) ?? '' }];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Comments by the path of the key after them, for block mappings indented by two. */
function comments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const path: string[] = [];
  let words: string[] = [];
  for (const line of text.split('\n')) {
    const [, comment] = /^ *# ?(.*)$/.exec(line) ?? [];
    const [, indent = '', key] = /^( *)([A-Za-z]+):/.exec(line) ?? [];
    if (comment !== undefined) words.push(comment);
    else if (key !== undefined) {
      path.splice(indent.length / 2, path.length, key);
      if (words.length > 0) found.set(path.join('.'), words.join(' '));
    }
    if (comment === undefined) words = [];
  }
  return found;
}

/** The table in the README of the chart. */
export function valuesTable(): string {
  const rows = values().map(
    ({ path, default: value, about }) => `| \`${path}\` | \`${JSON.stringify(value)}\` | ${escaped(about)} |`,
  );
  return ['| value | default | |', '|---|---|---|', ...rows].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;');
}
