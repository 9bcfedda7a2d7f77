import type { NoCopyReason, UnmetTerm } from '../../model/explanation.ts';
import { get, keyOf } from '../../model/keys.ts';
import type { Namespace, ObjectName } from '../../model/objects.ts';
import { consentOf, letsIn } from '../annotations/accept-from.ts';
import { selects } from '../annotations/narrowing.ts';
import type { Scope } from '../scope.ts';
import { IGNORE, SYNC_NAMESPACES } from '../annotations/markers.ts';
import { type Requirement, matches } from '../annotations/selector.ts';
import { type ClassifiedSnapshot, type Source, whyNoTarget } from '../classify.ts';

/**
 * Returns the first rule that keeps an origin from asking for a copy in a namespace. Each check is a function of the plan.
 * A rule that is added to the plan gets a line here and a `rule` of its own.
 */
export function whyNoCopy(
  origin: ObjectName,
  source: Source | undefined,
  name: string,
  classified: ClassifiedSnapshot,
): NoCopyReason {
  const { scope, index, outOfScopeSources } = classified;
  const namespace = index.namespaces.get(name);
  if (namespace === undefined) return { rule: scope.isVisible(name) ? 'no-such-namespace' : 'out-of-scope' };
  if (name === origin.namespace) return { rule: 'own-namespace' };
  if (source === undefined) {
    const isOutside = outOfScopeSources.some(({ key }) => key === keyOf(origin));
    return { rule: isOutside ? 'source-out-of-scope' : 'not-a-source' };
  }
  if (source.selector === undefined) return { rule: 'source-frozen' };
  const barred = whyNoTarget(namespace, scope);
  if (barred === 'namespace-ignored')
    return { rule: barred, value: String(get(namespace.annotations, IGNORE)) };
  if (barred !== undefined) return { rule: barred };
  if (!matches(source.selector, namespace.labels))
    return notSelected(source.text, source.selector, namespace);
  if (!selects(source, namespace))
    return { rule: 'name-not-selected', patterns: String(get(source.meta.annotations, SYNC_NAMESPACES)) };
  return withoutConsent(namespace, origin, scope) ?? { rule: 'source-being-deleted' };
}

/** The rule if the namespace does not let the source in. Undefined if it does. */
function withoutConsent(namespace: Namespace, origin: ObjectName, scope: Scope): NoCopyReason | undefined {
  if (letsIn(namespace, origin.namespace, false, scope)) return undefined;
  const isAbsent = consentOf(namespace, origin.namespace, scope) === 'absent';
  return isAbsent ? { rule: 'no-consent' } : { rule: 'not-accepted', from: origin.namespace };
}

function notSelected(selector: string, terms: readonly Requirement[], { labels }: Namespace): NoCopyReason {
  const unmet = terms.filter((term) => !matches([term], labels));
  return {
    rule: 'not-selected',
    selector,
    unmet: unmet.map((term) => unmetTerm(term, get(labels, term.key))),
  };
}

function unmetTerm(term: Requirement, value: string | undefined): UnmetTerm {
  const { key, operator } = term;
  return { key, ...(value !== undefined && { value }), operator, values: valuesOf(term) };
}

function valuesOf(term: Requirement): readonly string[] {
  if ('values' in term) return [...term.values];
  return 'bound' in term ? [String(term.bound)] : [];
}
