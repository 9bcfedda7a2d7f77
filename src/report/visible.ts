/** Control and format characters, line separators and lone surrogates: what a terminal obeys instead of showing. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes control characters visible (`\u001b`). Names, keys and messages come from the cluster, where anyone may
 * have written them; whatever is printed for people goes through here, or a Secret's key could drive the terminal.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, escaped);
}

function escaped(found: string): string {
  return Array.from({ length: found.length }, (_, at) => hex(found.charCodeAt(at))).join('');
}

function hex(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
