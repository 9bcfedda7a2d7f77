import { isNamespaceName } from '../annotations/name-syntax.ts';

/*
 * Which lists of namespaces of another tool mean exactly the same as ours? Both tools take a list of regular expressions,
 * and match whole names. Only these forms are turned; a namespace name has nothing but a-z, 0-9 and "-":
 *
 *   team-a       a literal name            team-a
 *   team-.*      any characters            team-*
 *   team-.+      at least one character    team-?*
 *   team-.       one character             team-?
 *   .*           every namespace
 *
 * Everything else, such as `team-[0-9]+`, has no exact counterpart.
 */

/** A list of namespaces, as far as it can be turned. */
export type NameList =
  | { readonly is: 'all' }
  /** Literal names, sorted. */
  | { readonly is: 'names'; readonly names: readonly string[] }
  /** Patterns with `*` and `?`, among them literal names. */
  | { readonly is: 'patterns'; readonly patterns: readonly string[] }
  /** This item of the list is another regular expression. */
  | { readonly is: 'regex'; readonly item: string };

/** Reads a list of regular expressions. An empty item stands for nothing. */
export function readNameList(text: string): NameList {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const globs = items.map(globOf);
  const at = globs.indexOf(undefined);
  if (at !== -1) return { is: 'regex', item: String(items[at]) };
  const patterns = [...new Set(globs.filter((glob) => glob !== undefined))].toSorted();
  if (patterns.includes('*')) return { is: 'all' };
  return patterns.every(isNamespaceName) ? { is: 'names', names: patterns } : { is: 'patterns', patterns };
}

/** What a piece of a regular expression is as a pattern. */
const PIECES = /\.\*|\.\+|\.|[a-z0-9-]+/g;

/** Returns a regular expression as a pattern. Undefined if it has no counterpart. */
function globOf(item: string): string | undefined {
  const body = item.replace(/^\^/, '').replace(/\$$/, '');
  const pieces = body.match(PIECES) ?? [];
  if (body === '' || pieces.join('') !== body) return undefined;
  const glob = pieces.map(piece).join('').replaceAll(/\*+/g, '*');
  return isNamespaceName(glob.replaceAll(/[*?]/g, 'a')) ? glob : undefined;
}

function piece(text: string): string {
  switch (text) {
    case '.*':
      return '*';
    case '.+':
      return '?*';
    case '.':
      return '?';
    default:
      return text;
  }
}
