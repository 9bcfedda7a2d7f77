import { type Fields, isFields } from './chosen-context.ts';

/** What a field may hold: `bytes` is base64, a list of one shape stands for a list, `each` for a mapping of any keys. */
type Shape = 'text' | 'flag' | 'bytes' | 'any' | readonly [Shape] | { readonly each: Shape } | Shapes;

interface Shapes {
  readonly fields: Readonly<Record<string, Shape>>;
}

const CLUSTER: Shapes = {
  fields: {
    server: 'text',
    'tls-server-name': 'text',
    'insecure-skip-tls-verify': 'flag',
    'certificate-authority': 'text',
    'certificate-authority-data': 'bytes',
    'proxy-url': 'text',
    'disable-compression': 'flag',
  },
};

const EXEC: Shapes = {
  fields: {
    command: 'text',
    args: ['text'],
    env: [{ fields: { name: 'text', value: 'text' } }],
    apiVersion: 'text',
    installHint: 'text',
    provideClusterInfo: 'flag',
    interactiveMode: 'text',
  },
};

const USER: Shapes = {
  fields: {
    'client-certificate': 'text',
    'client-certificate-data': 'bytes',
    'client-key': 'text',
    'client-key-data': 'bytes',
    token: 'text',
    tokenFile: 'text',
    as: 'text',
    'as-uid': 'text',
    'as-groups': ['text'],
    'as-user-extra': { each: ['text'] },
    username: 'text',
    password: 'text',
    'auth-provider': { fields: { name: 'text', config: { each: 'text' } } },
    exec: EXEC,
  },
};

const CONTEXT: Shapes = { fields: { cluster: 'text', user: 'text', namespace: 'text' } };

const KUBECONFIG: Shapes = {
  fields: {
    'current-context': 'text',
    clusters: [{ fields: { name: 'text', cluster: CLUSTER } }],
    users: [{ fields: { name: 'text', user: USER } }],
    contexts: [{ fields: { name: 'text', context: CONTEXT } }],
  },
};

/**
 * Returns what is wrong with the form of a kubeconfig, by the rules of kubectl. Undefined if nothing is. It names the field
 * and never its value. Unknown fields are ignored. Example: `token: 7` → `users[0].user.token must be text, in quotes`.
 */
export function shapeProblem(config: Fields): string | undefined {
  const { kind = 'Config', apiVersion = 'v1' } = config;
  if (!isOneOf(kind, 'Config')) return 'its kind is not Config';
  if (!isOneOf(apiVersion, 'v1')) return 'its apiVersion is not v1';
  return problemAt(config, KUBECONFIG, '') ?? duplicate(config);
}

function isOneOf(value: unknown, expected: string): boolean {
  return value === null || value === '' || value === expected;
}

function problemAt(value: unknown, shape: Shape, path: string): string | undefined {
  if (value === null || value === undefined || shape === 'any') return undefined;
  if (typeof shape === 'string') return scalarProblem(value, shape, path);
  if ('each' in shape)
    return isFields(value)
      ? first(Object.keys(value), (key) => problemAt(value[key], shape.each, `${path}.${key}`))
      : `${path} must be a mapping`;
  if ('fields' in shape)
    return isFields(value)
      ? first(Object.keys(shape.fields), (key) =>
          problemAt(value[key], shape.fields[key] ?? 'any', path === '' ? key : `${path}.${key}`),
        )
      : `${path} must be a mapping`;
  if (!Array.isArray(value)) return `${path} must be a list`;
  return first([...value.keys()], (index) => problemAt(value[index], shape[0], `${path}[${index}]`));
}

function scalarProblem(value: unknown, shape: 'text' | 'flag' | 'bytes', path: string): string | undefined {
  if (shape === 'flag') return typeof value === 'boolean' ? undefined : `${path} must be true or false`;
  if (typeof value !== 'string') return `${path} must be text, in quotes`;
  if (shape === 'text') return undefined;
  return isBase64(value) ? undefined : `${path} is not valid base64`;
}

/** Go's decoder ignores line ends and nothing else. */
function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u.test(
    text.replace(/[\r\n]/gu, ''),
  );
}

function duplicate(config: Fields): string | undefined {
  return first(['clusters', 'users', 'contexts'], (list) => {
    const items: readonly unknown[] = Array.isArray(config[list]) ? config[list] : [];
    const names = items.map((item) => (isFields(item) ? item['name'] : undefined));
    const again = names.find((name, index) => names.indexOf(name) < index);
    return typeof again === 'string' ? `${list} has two entries with the name "${again}"` : undefined;
  });
}

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
