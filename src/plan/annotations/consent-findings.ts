import type { Finding } from '../../model/finding.ts';
import type { Namespace } from '../../model/objects.ts';
import { get } from '../../model/keys.ts';
import type { Scope } from '../scope.ts';
import { acceptFromProblem } from './accept-from.ts';
import { ACCEPT_FROM } from './markers.ts';

/** One error for each namespace whose `accept-from` is invalid. Nothing in it is changed. */
export function invalidConsentFindings(namespaces: Iterable<Namespace>, scope: Scope): readonly Finding[] {
  return [...namespaces].flatMap((namespace): readonly Finding[] => {
    const value = get(namespace.annotations, ACCEPT_FROM);
    const problem = acceptFromProblem(namespace, scope);
    if (value === undefined || problem === undefined) return [];
    if (namespace.terminating || !scope.isTargetNamespace(namespace.name)) return [];
    return [{ reason: 'invalid-accept-from', namespace: namespace.name, value, ...problem }];
  });
}
