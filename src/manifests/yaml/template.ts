const MARK = /\{\{|\{%|\$\{/;

/** A line that begins with a template expression, or a value that begins with one outside quotes. */
const BARE = /^\s*(?:\{\{|\{%)|[:-]\s+(?:\{\{|\$\{)/;

/**
 * Returns the line, from 0, that shows that an invalid text is a template. It is the line where reading failed, or an
 * earlier one that cannot be YAML. Undefined if the text does not look like a template.
 */
export function templateLine(text: string, failedAt: number): number | undefined {
  const lines = text.split('\n');
  const failed = text.slice(0, failedAt).split('\n').length - 1;
  const before = lines.findIndex((line, at) => at <= failed && BARE.test(line) && !isComment(line));
  if (before !== -1) return before;
  const line = lines[failed] ?? '';
  return MARK.test(line) && !isComment(line) ? failed : undefined;
}

/** Returns whether a text contains a template expression. */
export function isTemplate(text: string): boolean {
  return MARK.test(text);
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}
