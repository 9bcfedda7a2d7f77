import { parseSync } from '../annotations/selector.ts';

/**
 * Returns the text of a label selector of another tool as it may stand in `kubed.appscode.com/sync`. Undefined if it is
 * invalid, or if it would mean something else there: `true` means every namespace to us, and the label `true` to Kubernetes.
 */
export function turnSelector(text: string): string | undefined {
  const selector = text.replaceAll(/[ \t\r\n]+/g, ' ').trim();
  return selector === 'true' || !parseSync(selector).ok ? undefined : selector;
}

/**
 * The same for reflector, which reads selectors itself. It rejects `>` and `<`, leaves out empty values in lists, and of
 * two equal keys with `=` it takes the last.
 */
export function turnReflectorSelector(text: string): string | undefined {
  const selector = turnSelector(text);
  const parsed = parseSync(selector ?? '(');
  if (!parsed.ok) return undefined;
  const terms = parsed.selector;
  const isPlain = terms.every((term) => !('bound' in term) && !('values' in term && term.values.has('')));
  const isDistinct = new Set(terms.map(({ key }) => key)).size === terms.length;
  return isPlain && isDistinct ? selector : undefined;
}
