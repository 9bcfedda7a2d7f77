import { MANAGED_BY, MARK_PREFIX } from '../annotations/markers.ts';
import type { StringMap } from '../../model/objects.ts';

/**
 * Which labels and annotations of a source are not copied (docs/design.md 3.3)? Keys with which another controller claims an
 * object or acts on it. Each is an exact key, or a prefix that ends in `*`. `docs/values.md` has the reason for each.
 *
 * @internal for tests
 */
export const STRIP_LIST: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  MANAGED_BY,
  'app.kubernetes.io/instance',
  'helm.sh/*',
  'meta.helm.sh/*',
  'argocd.argoproj.io/instance',
  'argocd.argoproj.io/tracking-id',
  'argocd.argoproj.io/installation-id',
  'argocd.argoproj.io/hook*',
  'argocd.argoproj.io/sync-wave',
  'kustomize.toolkit.fluxcd.io/*',
  'helm.toolkit.fluxcd.io/*',
  'cert-manager.io/*',
  'controller.cert-manager.io/*',
  'kapp.k14s.io/*',
  'applyset.kubernetes.io/*',
  'config.kubernetes.io/owning-inventory',
  'objectset.rio.cattle.io/*',
  'olm.*',
  'reflector.v1.k8s.emberstack.com/*',
  'replicator.v1.mittwald.de/*',
  'hnc.x-k8s.io/*',
  'propagate.hnc.x-k8s.io/*',
  'generate.kyverno.io/*',
  'reconcile.external-secrets.io/*',
  'sealedsecrets.bitnami.com/*',
  'operator.1password.io/*',
  'secretgen.carvel.dev/*',
  'management.cattle.io/project-scoped-secret*',
  'strimzi.io/*',
];

/** Whether a key is on the strip list, or among the keys that `--strip` adds. */
export function isStripped(key: string, more: readonly string[]): boolean {
  return matchesAny(key, STRIP_LIST) || matchesAny(key, more);
}

function matchesAny(key: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern,
  );
}

/** The labels or annotations of a source that are copied: all except marks and the strip list. */
export function copied(map: StringMap, more: readonly string[]): StringMap {
  return Object.fromEntries(
    Object.entries(map).filter(([key]) => !key.startsWith(MARK_PREFIX) && !isStripped(key, more)),
  );
}
