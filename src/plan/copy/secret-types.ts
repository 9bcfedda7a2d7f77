/** Which keys does the API server require of a Secret of a type (Kubernetes: `ValidateSecret`)? */
interface RequiredKeys {
  readonly all?: readonly string[];
  /** At least one of them. */
  readonly any?: readonly string[];
}

/** The keys that a type of Secret requires. */
export const REQUIRED_KEYS: ReadonlyMap<string, RequiredKeys> = new Map([
  ['kubernetes.io/tls', { all: ['tls.crt', 'tls.key'] }],
  ['kubernetes.io/basic-auth', { any: ['username', 'password'] }],
  ['kubernetes.io/ssh-auth', { all: ['ssh-privatekey'] }],
  ['kubernetes.io/dockerconfigjson', { all: ['.dockerconfigjson'] }],
  ['kubernetes.io/dockercfg', { all: ['.dockercfg'] }],
]);

/** kubelet ignores such credentials in a Secret of another type, so `sync-keys` does not apply to them. */
const PULL_SECRETS: ReadonlySet<string> = new Set([
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
]);

/** Whether a type of Secret has image pull credentials. */
export function isPullSecret(type: string): boolean {
  return PULL_SECRETS.has(type);
}

/** Whether a Secret with these keys may have a type. */
export function hasRequiredKeys(type: string, keys: ReadonlySet<string>): boolean {
  const { all = [], any = [] } = REQUIRED_KEYS.get(type) ?? {};
  return all.every((key) => keys.has(key)) && (any.length === 0 || any.some((key) => keys.has(key)));
}
