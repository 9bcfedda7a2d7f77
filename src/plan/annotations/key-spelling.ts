import {
  ACCEPT_FROM,
  IGNORE,
  MARK_ANNOTATIONS,
  MARK_PREFIX,
  ORIGIN,
  SYNC,
  SYNC_CONTEXTS,
  SYNC_KEYS,
  SYNC_NAMESPACES,
} from './markers.ts';
import type { KeyHolder, StrayKey } from '../../model/finding.ts';
import type { StringMap } from '../../model/objects.ts';

/*
 * Which labels and annotations look like ours but have no effect (docs/design.md 3.4)? Examples on a Secret:
 *
 *   annotation kubed.appscode.com/sync         known
 *   annotation kubed.appscode.com/Sync         probably meant: kubed.appscode.com/sync
 *   annotation kubernetes.appscode.com/sync    probably meant: kubed.appscode.com/sync
 *   label      kubed.appscode.com/sync         probably meant: the annotation
 *   annotation kubed.appscode.com/ignore       known, but only on a Namespace
 *   annotation stash.appscode.com/params       not ours
 */

/** The annotations that people write, by what they are written on. */
const ON_SOURCES = [SYNC, SYNC_CONTEXTS, SYNC_KEYS, SYNC_NAMESPACES];
const WRITTEN_ON: Readonly<Record<KeyHolder, readonly string[]>> = {
  ConfigMap: ON_SOURCES,
  Secret: ON_SOURCES,
  Namespace: [IGNORE, ACCEPT_FROM],
};

/**
 * Whether a key may be ours, or was meant to be: cheap, since every key of a list is asked. Only such keys of other
 * objects are kept in memory.
 */
export function resemblesOurs(key: string): boolean {
  return key.includes('appscode') && key.includes('/');
}

/** The labels and annotations of an object that look like ours and have no effect on it. */
export function strayKeys(
  holder: KeyHolder,
  { labels, annotations }: { readonly labels: StringMap; readonly annotations: StringMap },
): readonly StrayKey[] {
  const stray: StrayKey[] = [];
  for (const key in annotations)
    if (isStray(holder, 'annotation', key)) stray.push(strayKey(holder, 'annotation', key));
  for (const key in labels) if (isStray(holder, 'label', key)) stray.push(strayKey(holder, 'label', key));
  return stray;
}

function isStray(holder: KeyHolder, part: StrayKey['part'], key: string): boolean {
  // The old operator may have written marks that we do not know. All of them begin with `origin`.
  if (!resemblesOurs(key) || key.startsWith(ORIGIN)) return false;
  if (part === 'annotation' && (WRITTEN_ON[holder].includes(key) || MARK_ANNOTATIONS.includes(key)))
    return false;
  // Selectors may use any label of a namespace. Other prefixes belong to other programs.
  if (!isOurs(key) || (part === 'label' && holder === 'Namespace'))
    return meantKey(holder, key) !== undefined;
  return true;
}

function strayKey(holder: KeyHolder, part: StrayKey['part'], key: string): StrayKey {
  const meant = meantKey(holder, key);
  return meant === undefined ? { part, key } : { part, key, meant };
}

/** Whether a key has our prefix. */
export function isOurs(key: string): boolean {
  return key.startsWith(MARK_PREFIX);
}

/** How many letters a misspelt name may have wrong. */
const MAX_TYPOS = 2;

/** The annotation that a key was probably meant to be. Undefined if it resembles none that this object may have. */
function meantKey(holder: KeyHolder, key: string): string | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  let [best, meant]: [number, string | undefined] = [Number.POSITIVE_INFINITY, undefined];
  for (const known of WRITTEN_ON[holder]) {
    const score = distanceOf(name, known.slice(MARK_PREFIX.length), isOurs(key) ? MAX_TYPOS : 0);
    if (score < best) [best, meant] = [score, known];
  }
  return meant;
}

/** How far a name is from a known one: wrong letters, or else the letters that follow. Infinity if it does not resemble it. */
function distanceOf(name: string, known: string, typos: number): number {
  const wrong = editDistance(name, known, typos);
  if (wrong <= typos) return wrong;
  return name.startsWith(known) ? MAX_TYPOS + name.length - known.length : Number.POSITIVE_INFINITY;
}

/** The number of letters to insert, remove or change (Levenshtein). More than `most` are not counted exactly. */
function editDistance(a: string, b: string, most: number): number {
  if (most < 0 || a === '' || b === '') return Math.abs(a.length - b.length);
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a.startsWith(b.charAt(0))) return editDistance(restA, restB, most);
  const [changed, removed] = [editDistance(restA, restB, most - 1), editDistance(restA, b, most - 1)];
  return 1 + Math.min(changed, removed, editDistance(a, restB, most - 1));
}
