import type { Clusters } from '../../run/run-options.ts';
import { UsageError } from './usage-error.ts';
import { oneOf, parseText } from './values.ts';

/** What `--remote-allow` adds to what a remote kubeconfig may hold. */
export type RemoteAllow = 'exec' | 'insecure';

/** The choices of `--clusters`. */
export const CLUSTER_CHOICES: readonly Clusters[] = ['all', 'home', 'remote'];

/** The choices of `--remote-allow`. */
export const ALLOW_CHOICES: readonly RemoteAllow[] = ['exec', 'insecure'];

/** `--clusters`. */
export const parseClusters = oneOf(CLUSTER_CHOICES);

/** `--remote-allow`. */
export const parseRemoteAllow = oneOf(ALLOW_CHOICES);

/** `--remote-context`: a name, or a pattern with `*` and `?`. Names of contexts may have any other character. */
export const parseContextGlob = parseText;

/** `--former-cluster-uid`: the uid of a namespace kube-system. */
export function parseClusterUid(text: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u.test(text)) return text;
  throw new UsageError(
    `invalid uid "${text}"; it is that of the former namespace kube-system, such as 0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61`,
  );
}
