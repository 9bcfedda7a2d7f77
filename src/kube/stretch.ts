import { isAscii } from 'node:buffer';

/**
 * A stretch of UTF-8, and the same bytes as characters, one for each (ISO 8859-1), so that a place in the one is the
 * same place in the other. Strings are searched and compared by V8 itself; the methods of a Buffer check and convert
 * their arguments first, which for a short text takes several times as long as the work.
 */
export interface Stretch {
  readonly bytes: Buffer;
  readonly chars: string;
  readonly ascii: boolean;
}

/** Of bytes, all of them. */
export function stretchOf(bytes: Buffer): Stretch {
  return { bytes, chars: bytes.toString('latin1'), ascii: isAscii(bytes) };
}

/** What stands there, as what it means in UTF-8. */
export function textIn({ bytes, chars, ascii }: Stretch, from: number, end: number): string {
  return ascii ? chars.slice(from, end) : bytes.toString('utf8', from, end);
}

/** Whether these characters stand there. */
export function standsAt(chars: string, what: string, at: number): boolean {
  return chars.slice(at, at + what.length) === what;
}
