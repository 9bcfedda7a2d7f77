import type { Agent as HttpAgent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { KEPT, type Verification, agentFor } from '../transport/agents.ts';
import { type ClientNode, clientNode } from './client-config.ts';
import { type Identity, identify } from './identity.ts';
import { impersonation } from './impersonation.ts';
import { type ChosenContext, textOf } from '../kubeconfig/chosen-context.ts';
import { contradiction, isProxyUrl } from '../kubeconfig/kubeconfig-checks.ts';
import { proxyFromEnvironment } from '../transport/proxy.ts';
import { type Proxy, proxyOf } from '../transport/proxy-agent.ts';
import { type ServerUrl, readServerUrl, throughProxy } from '../transport/server-url.ts';
import { type TlsMaterial, readTlsMaterial } from '../transport/tls-material.ts';
import { trustedRoots } from '../transport/trusted-roots.ts';
import type { Failure, Result } from '../../model/failure.ts';

const BAD_PROXY = 'the proxy must be a URL that begins with http://, https:// or socks5://';

/** What a header may hold (RFC 9110, 5.5). */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/u;

/** By which agent and with which headers requests go. Headers are name, value, name, value, as node:http takes them. */
export interface Access {
  readonly agent: HttpAgent;
  readonly headers: readonly string[];
  /** The kind of credentials that are sent, for example `a token`. Undefined if there are none. */
  readonly sent?: string | undefined;
  /** Why there are no credentials. */
  readonly nothing?: string | undefined;
}

/** The way to one API server, and how to get fresh credentials for it. */
export interface Credentials {
  readonly target: ServerUrl;
  readonly access: Access;
  /** Reads a token again that may have changed. It is cheap: it runs a plugin only if its token has expired. */
  readonly refresh: (now: Access) => Promise<Result<Access>>;
  /** Runs plugins and reads files again, for a server that no longer accepts what we have. */
  readonly renew: (now: Access) => Promise<Result<Access>>;
}

/** Checks the chosen context, and makes an agent and headers from it. Sends nothing yet. */
export async function openCredentials(
  chosen: ChosenContext,
  options: ConnectOptions,
  stop?: AbortSignal,
): Promise<Result<Credentials>> {
  const way = wayTo(chosen, options);
  if (typeof way === 'string') return refuse(way, chosen);
  const run = { ...options, ...(stop && { stop }) };
  let login = makeLogin(chosen, way, run);
  const first = await login(undefined);
  if (!first.ok) return first;
  const renew = (now: Access): Promise<Result<Access>> => {
    login = makeLogin(chosen, way, run);
    return login(now);
  };
  return {
    ok: true,
    value: { target: way.target, access: first.value, refresh: (now) => login(now), renew },
  };
}

function refuse(message: string, { file }: ChosenContext): { ok: false; failure: Failure } {
  return { ok: false, failure: { reason: 'bad-kubeconfig', message, subject: file } };
}

interface Way {
  readonly target: ServerUrl;
  /** An HTTP or HTTPS proxy. */
  readonly proxy: Proxy | undefined;
  /** The URL of a SOCKS proxy. */
  readonly socks: string | undefined;
  readonly who: readonly string[];
}

/** The way to the server, or what is wrong with the kubeconfig. */
function wayTo(chosen: ChosenContext, options: ConnectOptions): Way | string {
  const { cluster, user } = chosen;
  const server = readServerUrl(cluster);
  if (typeof server === 'string') return server;
  const url = textOf(cluster.fields['proxy-url']) ?? proxyFromEnvironment(server, options.env);
  if (url !== undefined && !isProxyUrl(url)) return BAD_PROXY;
  const who = impersonation(user.fields, options);
  if (typeof who === 'string') return who;
  const wrong = contradiction(chosen);
  if (wrong !== undefined) return wrong;
  if (url === undefined) return { target: server, proxy: undefined, socks: undefined, who };
  const isSocks = url.startsWith('socks');
  const roots = url.startsWith('https:') ? trustedRoots(options.env) : [];
  const proxy = proxyOf(url, roots, options.requestTimeout);
  const target = throughProxy(server, proxy, isSocks);
  return isSocks ? { target, proxy: undefined, socks: url, who } : { target, proxy, socks: undefined, who };
}

type Login = (now: Access | undefined) => Promise<Result<Access>>;

/** Returns the present access, as often as it is called. It keeps the credential of a plugin until it expires. */
function makeLogin(chosen: ChosenContext, way: Way, run: ConnectOptions & { stop?: AbortSignal }): Login {
  const client = clientNode(chosen, way.socks);
  const identity = identify(chosen, run, client);
  let previous: TlsMaterial | undefined;
  return async (now) => {
    const tls = way.target.secure ? readTlsMaterial(chosen, run.env) : NO_TLS;
    if (!tls.ok) return tls;
    const self = isMuted(chosen, way.target) ? MUTED : await identity();
    if (!self.ok) return self;
    const headers = headersOf(self.value, way);
    if (!headers.every((text) => HEADER_TEXT.test(text))) return unusable(chosen);
    const { cert = tls.value.cert, key = tls.value.key } = self.value;
    const material = { ...tls.value, cert, key };
    const isSame = now !== undefined && previous !== undefined && sameMaterial(previous, material);
    const agent = isSame ? now.agent : await agentOf(chosen, way, material, client);
    if (agent === undefined) return pluginPair(chosen);
    previous = material;
    const sent = self.value.sent ?? (cert === undefined ? undefined : 'a client certificate');
    return { ok: true, value: { agent, headers, sent, nothing: self.value.nothing } };
  };
}

const NO_TLS: Result<TlsMaterial> = {
  ok: true,
  value: { ca: [], cert: undefined, key: undefined, trust: '' },
};
const MUTED: Result<Identity> = { ok: true, value: { nothing: 'since the server is plain http' } };

/** As kubectl, sends no credentials over plain HTTP, unless the kubeconfig has `insecure-skip-tls-verify`. */
function isMuted({ cluster }: ChosenContext, { secure }: ServerUrl): boolean {
  return !secure && cluster.fields['insecure-skip-tls-verify'] !== true;
}

function headersOf({ authorization }: Identity, { who, proxy, target }: Way): readonly string[] {
  const own = authorization === undefined ? [] : ['Authorization', authorization];
  const isForwarded = proxy?.authorization !== undefined && !target.secure;
  return [...own, ...who, ...(isForwarded ? ['Proxy-Authorization', proxy.authorization] : [])];
}

function unusable({ context }: ChosenContext): Result<Access> {
  const message = 'a token, password or name to impersonate has characters that no header may hold';
  return { ok: false, failure: { reason: 'no-credentials', message, subject: context } };
}

function pluginPair({ context }: ChosenContext): Result<Access> {
  const message = 'the client certificate and key that the plugin gave cannot be used';
  return { ok: false, failure: { reason: 'no-credentials', message, subject: context } };
}

function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return a.ca?.join('') === b.ca?.join('') && a.cert === b.cert && a.key === b.key;
}

/** Undefined where OpenSSL does not take the certificate and key; those of the kubeconfig were checked before. */
async function agentOf(
  { cluster }: ChosenContext,
  { target, proxy, socks }: Way,
  tls: TlsMaterial,
  client: ClientNode,
): Promise<HttpAgent | undefined> {
  const isInsecure = cluster.fields['insecure-skip-tls-verify'] === true;
  const verification = { isInsecure, serverName: textOf(cluster.fields['tls-server-name']) };
  try {
    if (socks === undefined) return agentFor(target, tls, verification, proxy);
    const agent = await client.socksAgent(target.secure ? socksOptions(tls, verification) : {});
    return agent === undefined ? undefined : Object.assign(agent, KEPT);
  } catch {
    return undefined;
  }
}

/** client-node hands single options on to the connection, and no secure context. */
function socksOptions(
  { ca, cert, key }: TlsMaterial,
  { isInsecure, serverName }: Verification,
): RequestOptions {
  return {
    ...(ca && { ca: [...ca] }),
    cert,
    key,
    ...(isInsecure && { rejectUnauthorized: false }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}
