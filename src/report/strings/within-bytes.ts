import { utf8Length } from '../../plan/copy/lengths.ts';

/** The text, or as much of its beginning as leaves room for an ellipsis within so many bytes of UTF-8. */
export function withinBytes(text: string, most: number): string {
  if (utf8Length(text) <= most) return text;
  let [kept, bytes] = ['', utf8Length('…')];
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > most) break;
    kept += character;
  }
  return `${kept}…`;
}
