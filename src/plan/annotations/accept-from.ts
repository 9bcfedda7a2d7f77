import type { AnnotationProblem } from '../../model/annotation-problem.ts';
import type { Namespace } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { get } from '../../model/keys.ts';
import { memoizeObject } from '../../util/memoize.ts';
import { globMatches } from '../scope.ts';
import { type Term, splitTerms } from './list-terms.ts';
import { ACCEPT_FROM } from './markers.ts';
import { isNamespacePattern } from './sync-namespaces.ts';

/*
 * The annotation `accept-from` of a Namespace: the namespaces whose sources may have copies in it (docs/design.md 3.6).
 *
 *   text              copies from
 *   ----------------  ----------------------------------------------------------------------------------
 *   platform,certs    these two namespaces
 *   *                 any namespace
 *   (empty)           none
 *   certs-*           with --source-namespace: names that match. Else an error: a tenant could choose such a name
 *   !certs            error
 *   (no annotation)   any namespace; with --require-consent no new copies
 */

/** What a namespace says about copies from another namespace. */
export type Consent = 'given' | 'refused' | 'absent' | 'invalid';

/** The options that consent depends on. */
type ConsentSettings = Pick<Settings, 'sourceNamespaces' | 'remote'>;

/** The patterns of a namespace, or what is wrong. */
type Accepted =
  | { readonly ok: true; readonly patterns: readonly string[]; readonly glob: Term | undefined }
  | ({ readonly ok: false } & AnnotationProblem);

/** The annotation of a namespace. Undefined if it has none. */
const acceptedBy = memoizeObject(({ annotations }: Namespace): Accepted | undefined => {
  const text = get(annotations, ACCEPT_FROM);
  if (text === undefined) return undefined;
  if (text === '') return { ok: true, patterns: [], glob: undefined };
  const split = splitTerms(text);
  if (!split.ok) return split;
  const bad = split.terms.find((term) => term.isExcluded || !isNamespacePattern(term.text));
  if (bad !== undefined) {
    const found = `${bad.isExcluded ? '!' : ''}${bad.text}`;
    return { ok: false, at: bad.at, problem: { code: 'bad-namespace', found } };
  }
  const glob = split.terms.find((term) => term.text !== '*' && /[*?]/.test(term.text));
  return { ok: true, patterns: split.terms.map((term) => term.text), glob };
});

/** What is wrong with the annotation of a namespace. Undefined if nothing is. */
export function acceptFromProblem(
  namespace: Namespace,
  { sourceNamespaces, remote }: ConsentSettings,
): AnnotationProblem | undefined {
  const accepted = remote === undefined ? acceptedBy(namespace) : undefined;
  if (accepted === undefined) return undefined;
  if (!accepted.ok) return { at: accepted.at, problem: accepted.problem };
  const { glob } = accepted;
  if (glob === undefined || sourceNamespaces.length > 0) return undefined;
  return { at: glob.at, problem: { code: 'pattern-needs-source-namespace', pattern: glob.text } };
}

/** Whether a namespace takes copies of sources in another namespace. The annotation speaks of namespaces at home. */
export function consentOf(namespace: Namespace, from: string, settings: ConsentSettings): Consent {
  if (settings.remote !== undefined) return 'given';
  const accepted = acceptedBy(namespace);
  if (accepted === undefined) return 'absent';
  if (!accepted.ok || acceptFromProblem(namespace, settings) !== undefined) return 'invalid';
  return accepted.patterns.some((pattern) => globMatches(pattern, from)) ? 'given' : 'refused';
}

/**
 * Whether a namespace lets a source in `from` have a copy. Without an annotation it does; with `--require-consent` only if
 * the copy is there already, and from this source.
 */
export function letsIn(
  namespace: Namespace,
  from: string,
  hasCopy: boolean,
  settings: ConsentSettings & Pick<Settings, 'requireConsent'>,
): boolean {
  const consent = consentOf(namespace, from, settings);
  return consent === 'given' || (consent === 'absent' && (hasCopy || !settings.requireConsent));
}
