import type { Cursor } from './cursor.ts';

const NAME = /[0-9A-Za-z_-]*/y;
const BEHIND_NAME = '?:,]}%@`';

/** Reads an anchor or an alias from its `&` or `*`. Returns its name. */
export function scanAnchor(cursor: Cursor): string {
  cursor.skip();
  const name = match(cursor, NAME);
  const isEnd = cursor.isGap() || BEHIND_NAME.includes(cursor.text.charAt(cursor.position));
  if (name === '' || !isEnd)
    throw cursor.fail('the name of an anchor or alias may have only letters, digits, - and _');
  return name;
}

const HANDLE = /!(?:[0-9A-Za-z_-]*!)?/y;
const URI = /[-0-9A-Za-z_;/?:@&=+$.!~*'()%,[\]]*/y;
const STANDARD = 'tag:yaml.org,2002:';

/** Reads a tag from its `!`. Returns its full name. */
export function scanTag(cursor: Cursor): string {
  const name = cursor.sees('!<') ? verbatim(cursor) : short(cursor);
  if (!cursor.isGap()) throw cursor.fail('a tag must be followed by a space');
  return name;
}

function verbatim(cursor: Cursor): string {
  cursor.skip(2);
  const name = uri(cursor);
  if (name === '' || !cursor.sees('>')) throw cursor.fail('a tag that begins with !< must end with >');
  cursor.skip();
  return name;
}

function short(cursor: Cursor): string {
  const handle = match(cursor, HANDLE);
  const suffix = uri(cursor);
  if (handle === '!') return handle + suffix;
  if (suffix === '') throw cursor.fail('a tag has no name');
  if (handle === '!!') return STANDARD + suffix;
  throw cursor.fail('a tag has a prefix that is not declared');
}

function uri(cursor: Cursor): string {
  const text = match(cursor, URI);
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw cursor.fail('a tag has an incomplete escape');
  return Buffer.from(
    text.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

function match(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.position;
  const [text = ''] = pattern.exec(cursor.text) ?? [];
  cursor.skip(text.length);
  return text;
}
