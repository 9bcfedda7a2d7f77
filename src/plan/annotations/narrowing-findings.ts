import type { Finding } from '../../model/finding.ts';
import { has, nameOf } from '../../model/keys.ts';
import type { ObjectIndex } from '../object-index.ts';
import type { Scope } from '../scope.ts';
import { SYNC, SYNC_CONTEXTS, SYNC_KEYS, SYNC_NAMESPACES, canBeSource } from './markers.ts';
import { invalidAnnotations } from './narrowing.ts';

/** What the lists show about annotations that narrow sources: invalid values, and objects that are not sources. */
export function narrowingFindings({ all }: ObjectIndex, scope: Scope): readonly Finding[] {
  return all.flatMap(({ meta, copy }): readonly Finding[] => {
    const { kind, namespace, name, annotations } = meta;
    if (copy !== undefined || !scope.isSourceNamespace(namespace) || !canBeSource(kind, name)) return NONE;
    if (has(annotations, SYNC) || has(annotations, SYNC_CONTEXTS))
      return invalidAnnotations(annotations).map((invalid) => ({
        reason: 'invalid-annotation',
        ...nameOf(meta),
        ...invalid,
      }));
    const annotation = ([SYNC_NAMESPACES, SYNC_KEYS] as const).find((key) => has(annotations, key));
    return annotation === undefined ? NONE : [{ reason: 'sync-missing', ...nameOf(meta), annotation }];
  });
}

const NONE: readonly Finding[] = [];
