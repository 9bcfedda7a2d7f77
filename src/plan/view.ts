import type { Finding, Snapshot } from '../model/objects.ts';
import type { Rules } from './scope.ts';

/**
 * What of a snapshot `--namespace` lets a run look at. The lists of a cluster show no more than that; manifests and
 * dumps may, and a run over them is to say what the run over the cluster would.
 */
export function inView(snapshot: Snapshot, { namespaces, isVisible }: Rules): Snapshot {
  if (namespaces.length === 0) return snapshot;
  return {
    namespaces: snapshot.namespaces.filter(({ name }) => isVisible(name)),
    objects: snapshot.objects.filter(({ namespace }) => isVisible(namespace)),
  };
}

/** The namespaces of `--namespace` that do not exist: most likely a name that is mistyped. */
export function missingNamespaces(there: ReadonlyMap<string, unknown>, rules: Rules): Finding[] {
  return rules.namespaces.flatMap((namespace) =>
    there.has(namespace) ? [] : [{ reason: 'namespace-not-found', namespace }],
  );
}
