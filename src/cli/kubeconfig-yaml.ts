import { CORE_SCHEMA, boolYaml11Tag, floatYaml11Tag, intYaml11Tag, loadAll, mergeTag } from 'js-yaml';

/** YAML 1.1 with `<<`, as kubectl reads it: `yes` is true. */
const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, intYaml11Tag, floatYaml11Tag, mergeTag);

/**
 * Reads a kubeconfig as kubectl does: the first document counts, even if a second one is broken, and of a duplicate key
 * the last. Returns undefined where the text holds nothing.
 */
export function parseKubeconfig(text: string): unknown {
  return loadAll(firstDocument(text), { json: true, schema: SCHEMA })[0];
}

/** Up to the second `---`, or to the first one where anything stands before it. */
function firstDocument(text: string): string {
  const lines = text.split('\n');
  const begins = lines.findIndex((line) => !/^\s*(?:#.*|%.*)?$/u.test(line));
  const ends = lines.findIndex((line, index) => index > begins && /^---(?:\s|$)/u.test(line));
  return ends < 0 ? text : lines.slice(0, ends).join('\n');
}
