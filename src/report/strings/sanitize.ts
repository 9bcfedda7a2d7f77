/** Control and format characters, line separators and lone surrogates: a terminal acts on them instead of showing them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Returns the text with control characters as escapes: `\u001b`. Names, keys and messages come from the cluster. All
 * text for people goes through here, because a key could otherwise control the terminal.
 */
export function sanitize(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** As {@link sanitize}, for a text that has to stay on its line: line breaks of a server's message become spaces. */
export function sanitizeLine(text: string): string {
  return sanitize(text.replace(/\s+/g, (blanks) => (/[\r\n]/.test(blanks) ? ' ' : blanks)));
}

/**
 * As {@link sanitize}, for a line of a value: a tab stays one, as `kubectl diff` shows it. Of a changed line the blanks
 * at its end are shown as well, which may be all that changed.
 */
export function sanitizeValueLine(line: string, isChanged: boolean): string {
  const end = isChanged ? endOfText(line) : line.length;
  const ended = line.slice(0, end) + escape(line.slice(end));
  return ended.replace(UNSAFE, (found) => (found === '\t' ? found : escape(found)));
}

/** Where the blanks at the end of a line begin. A pattern would look at each run of blanks from each of its places. */
function endOfText(line: string): number {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return end;
}

function escape(found: string): string {
  return Array.from({ length: found.length }, (_, at) => unicodeEscape(found.charCodeAt(at))).join('');
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
