import { type ChosenContext, type Fields, isFields, textOf } from './chosen-context.ts';

const PROXY_SCHEME = /^(?:https?|socks[45]?[ah]?):\/\//u;
const MODES: ReadonlySet<unknown> = new Set(['Never', 'IfAvailable', 'Always']);
const API = 'client.authentication.k8s.io';
const VERSIONS: ReadonlySet<unknown> = new Set([`${API}/v1`, `${API}/v1beta1`]);

/** Returns a contradiction that kubectl rejects too. Undefined if there is none. */
export function contradiction({ cluster, user }: ChosenContext): string | undefined {
  const problem = clusterProblem(cluster.fields);
  if (problem !== undefined) return `cluster "${cluster.name}" ${problem}`;
  const own = userProblem(user.fields);
  return own === undefined ? undefined : `user "${user.name}" ${own}`;
}

function clusterProblem(fields: Fields): string | undefined {
  const hasFile = textOf(fields['certificate-authority']) !== undefined;
  const hasData = textOf(fields['certificate-authority-data']) !== undefined;
  if (hasFile && hasData)
    return 'has both certificate-authority and certificate-authority-data: remove one of them';
  if ((hasFile || hasData) && fields['insecure-skip-tls-verify'] === true)
    return 'has both a certificate-authority and insecure-skip-tls-verify: remove one of them';
  return undefined;
}

function userProblem(fields: Fields): string | undefined {
  const [token, name, password] = ['token', 'username', 'password'].map((field) => textOf(fields[field]));
  if (token !== undefined && (name ?? password) !== undefined)
    return 'has both a token and a user name with password: remove one of them';
  const { exec } = fields;
  return certificateProblem(fields) ?? (isFields(exec) ? pluginProblem(exec, fields) : undefined);
}

function certificateProblem(fields: Fields): string | undefined {
  const [cert, certData, key, keyData] = ['certificate', 'certificate-data', 'key', 'key-data'].map((field) =>
    textOf(fields[`client-${field}`]),
  );
  if ((cert ?? certData) === undefined) return undefined;
  if (cert !== undefined && certData !== undefined)
    return 'has both client-certificate and client-certificate-data: remove one of them';
  if (key !== undefined && keyData !== undefined)
    return 'has both client-key and client-key-data: remove one of them';
  return (key ?? keyData) === undefined
    ? 'has a client certificate without its key: add client-key'
    : undefined;
}

function pluginProblem(exec: Fields, user: Fields): string | undefined {
  const { apiVersion, interactiveMode } = exec;
  if (isFields(user['auth-provider'])) return 'has both exec and auth-provider: remove one of them';
  if (textOf(exec['command']) === undefined) return 'has an exec plugin without command';
  if (!VERSIONS.has(apiVersion))
    return `has an exec plugin whose apiVersion is neither ${API}/v1 nor ${API}/v1beta1`;
  if (!textOf(interactiveMode) && apiVersion !== `${API}/v1`) return undefined;
  return MODES.has(interactiveMode)
    ? undefined
    : 'has an exec plugin whose interactiveMode is neither Never, IfAvailable nor Always';
}

/** Returns whether a URL is that of a proxy that can be used. */
export function isProxyUrl(url: string): boolean {
  return PROXY_SCHEME.test(url) && URL.canParse(url);
}
