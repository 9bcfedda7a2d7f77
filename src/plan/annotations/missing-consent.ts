import type { Finding } from '../../model/finding.ts';
import type { Namespace } from '../../model/objects.ts';
import type { ClassifiedSnapshot, Source } from '../classify.ts';
import { consentOf } from './accept-from.ts';
import { selects } from './narrowing.ts';

/** `--require-consent`: the namespaces that get no new copies, because they do not have the annotation. */
export function missingConsentFindings(classified: ClassifiedSnapshot): readonly Finding[] {
  const { scope, sources, targets } = classified;
  if (!scope.requireConsent) return [];
  const namespaces = targets.filter(
    (namespace) =>
      consentOf(namespace, '', scope) === 'absent' &&
      sources.some((source) => selects(source, namespace) && isMissing(source, namespace, classified)),
  );
  return namespaces.length === 0
    ? []
    : [{ reason: 'consent-missing', namespaces: namespaces.map(({ name }) => name) }];
}

function isMissing({ meta, key }: Source, { name }: Namespace, { index }: ClassifiedSnapshot): boolean {
  const there = index.byName(meta.kind, meta.name).get(name);
  return meta.namespace !== name && there?.copy?.originKey !== key;
}
