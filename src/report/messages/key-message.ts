import {
  ACCEPT_FROM,
  IGNORE,
  SYNC,
  SYNC_CONTEXTS,
  SYNC_KEYS,
  SYNC_NAMESPACES,
} from '../../plan/annotations/markers.ts';
import type { Finding, FindingReason, KeyHolder, StrayKey } from '../../model/finding.ts';
import { markName, removeNameMarks } from '../strings/name-marks.ts';
import { quote, truncate } from '../strings/truncate.ts';
import { countOf, joinFirst, objectName } from '../strings/names-and-counts.ts';

// What do findings about misspelt keys say, and which command corrects them?

type Of<Reason extends FindingReason> = Extract<Finding, { readonly reason: Reason }>;
/** A finding about the keys of labels and annotations. */
export type KeyFinding = Of<'unknown-key' | 'suspicious-key' | 'suspicious-ignore'>;

const MAX_NAMES = 5;

/** Returns whether a finding is about keys. */
export function isKeyFinding(finding: Finding): finding is KeyFinding {
  const { reason } = finding;
  return reason === 'unknown-key' || reason === 'suspicious-key' || reason === 'suspicious-ignore';
}

/** Returns what a finding about keys says. */
export function keyMessage(finding: KeyFinding): string {
  switch (finding.reason) {
    case 'unknown-key':
      return `${objectName(finding)} has ${unknownText(finding.keys)}. Its copies were not changed.`;
    case 'suspicious-key':
      return `${holdersText(finding)} the ${finding.part} ${markName(truncate(finding.key, 0))}, which has no effect.${meantText(finding)}`;
    case 'suspicious-ignore':
      return `${ignoredText(finding)}. This counts as "true": no copies.`;
  }
}

/** Returns `an unknown annotation: K (probably meant: M)`. */
function unknownText(keys: readonly StrayKey[]): string {
  const names = keys.map(({ key, meant }) => {
    const shown = markName(truncate(key, 0));
    return meant === undefined ? shown : `${shown} (probably meant: ${markName(meant)})`;
  });
  return `${keys.length === 1 ? 'an unknown annotation' : 'unknown annotations'}: ${joinFirst(names, 2)}`;
}

/** Returns `Secret a/x has`, or `3 Secrets (a/x, a/y, b/x) have`. */
function holdersText({ kind, objects }: Of<'suspicious-key'>): string {
  const names = objects.map(({ namespace, name }) =>
    markName(name === undefined ? namespace : `${namespace}/${name}`),
  );
  if (names.length === 1) return `${kind} ${names.join('')} has`;
  return `${countOf(names.length, kind)} (${joinFirst(names, MAX_NAMES)}) have`;
}

function meantText({ kind, key, meant }: Of<'suspicious-key'>): string {
  if (meant !== undefined) return ` Probably meant: the annotation ${markName(meant)}.`;
  const works = worksOn(kind, key);
  return works === '' ? '' : ` It works on ${works} only.`;
}

/** Returns what a known key belongs on, if this is something else. */
function worksOn(kind: KeyHolder, key: string): string {
  if (kind === 'Namespace') return ON_SOURCES.has(key) ? 'ConfigMaps and Secrets' : '';
  return key === IGNORE || key === ACCEPT_FROM ? 'Namespaces' : '';
}

const ON_SOURCES: ReadonlySet<string> = new Set([SYNC, SYNC_CONTEXTS, SYNC_KEYS, SYNC_NAMESPACES]);

function ignoredText({ value, namespaces }: Of<'suspicious-ignore'>): string {
  const [only] = namespaces;
  const what = `${IGNORE}: ${quote(value)}`;
  return only !== undefined && namespaces.length === 1
    ? `Namespace ${markName(only)} has ${what}`
    : `${countOf(namespaces.length, 'Namespace')} (${joinFirst(namespaces.map(markName), MAX_NAMES)}) have ${what}`;
}

/** Returns the command that corrects a finding about keys. Several objects get one command with NAME in it. */
export function keyHint(finding: KeyFinding): string {
  switch (finding.reason) {
    case 'unknown-key':
      return `Remove it: ${kubectl(
        'annotate',
        finding,
        finding.keys.map(({ key }) => `${safe(key)}-`),
      )}`;
    case 'suspicious-key':
      return suspiciousKeyHint(finding);
    case 'suspicious-ignore': {
      const [namespace, ...more] = finding.namespaces;
      const object = {
        kind: 'Namespace',
        namespace: namespace === undefined || more.length > 0 ? 'NAMESPACE' : namespace,
      } as const;
      return `Write "true" or "false": ${kubectl('annotate', object, [`${IGNORE}=true`, '--overwrite'])}`;
    }
  }
}

function suspiciousKeyHint({ kind, part, key, meant, objects }: Of<'suspicious-key'>): string {
  const [first, ...more] = objects;
  const object = { kind, ...(first === undefined || more.length > 0 ? ANY_NAME : first) };
  const remove = `${safe(key)}-`;
  const verb = part === 'label' ? 'label' : 'annotate';
  if (meant === undefined) return `Remove it: ${kubectl(verb, object, [remove])}`;
  const add = `${meant}=${VALUES[meant] ?? 'VALUE'}`;
  return part === 'annotation'
    ? `Correct it: ${kubectl('annotate', object, [remove, add])}`
    : `Correct it: ${both(kubectl('label', object, [remove]), kubectl('annotate', object, [add]))}`;
}

/** Stands in a command for the name of any object. */
export const ANY_NAME = { namespace: 'NAMESPACE', name: 'NAME' } as const;

const VALUES: Readonly<Record<string, string>> = {
  [SYNC]: 'SELECTOR',
  [SYNC_CONTEXTS]: 'CONTEXTS',
  [SYNC_NAMESPACES]: 'NAMES',
  [SYNC_KEYS]: 'KEYS',
  [IGNORE]: 'true',
  [ACCEPT_FROM]: 'NAMESPACES',
};

/** What a command is about. A Namespace has no `name`. */
interface Target {
  readonly kind: KeyHolder;
  readonly namespace: string;
  readonly name?: string;
}

/** Returns a command of kubectl that changes labels or annotations of an object, marked as a name. */
export function kubectl(
  verb: 'label' | 'annotate',
  { kind, namespace, name }: Target,
  changes: readonly string[],
): string {
  const object =
    kind === 'Namespace'
      ? ['namespace', safe(namespace)]
      : [kind.toLowerCase(), safe(name ?? ANY_NAME.name), '-n', safe(namespace)];
  return markName(['kubectl', verb, ...object, ...changes].join(' '));
}

/** Returns two commands as one. */
export function both(first: string, second: string): string {
  return markName(`${removeNameMarks(first)} && ${removeNameMarks(second)}`);
}

/** Returns a name or key that a shell reads as one word. The API server accepts no others: they are not repeated. */
function safe(word: string): string {
  return /^[\w.][\w./-]*$/.test(word) ? word : '…';
}
