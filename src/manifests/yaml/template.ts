const MARK = /\{\{|\{%|\$\{/;

/** A line that is a template for itself, or a value that begins as one outside of quotes. */
const BARE = /^\s*(?:\{\{|\{%)|[:-]\s+(?:\{\{|\$\{)/;

/**
 * The line, from 0, by which a text that is not YAML can be seen to be a template: the one where reading failed, or the
 * first before it that no YAML would have. Undefined where nothing speaks for a template.
 */
export function templateLine(text: string, failedAt: number): number | undefined {
  const lines = text.split('\n');
  const failed = text.slice(0, failedAt).split('\n').length - 1;
  const before = lines.findIndex((line, at) => at <= failed && BARE.test(line) && !isComment(line));
  if (before !== -1) return before;
  const line = lines[failed] ?? '';
  return MARK.test(line) && !isComment(line) ? failed : undefined;
}

/** Whether a text has something that a template would replace. */
export function isTemplate(text: string): boolean {
  return MARK.test(text);
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}
