import type { KubeConfig } from '@kubernetes/client-node';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, type RequestOptions } from 'node:https';
import { basename } from 'node:path';
import { createSecureContext } from 'node:tls';
import { clientConfig } from './client-config.ts';
import type { ConnectOptions } from './connect-options.ts';
import { impersonation } from './impersonation.ts';
import { type ChosenContext, textOf, type Fields, isFields } from './kubeconfig.ts';
import { proxyFromEnvironment } from './proxy.ts';
import { type ServerUrl, readServerUrl } from './server-url.ts';
import type { Failure, Result } from '../../model/failure.ts';

/** The connections kept alive at most: far more than a run ever has requests under way. */
const MAX_SOCKETS = 256;
const BAD_PROXY = 'the proxy must be a URL that begins with http://, https:// or socks5://';
const PROXY_SCHEME = /^(?:https?|socks[45]?[ah]?):\/\//u;

/** What a header may hold (RFC 9110, 5.5). */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/u;

/** By which agent and with which headers requests go. Headers are name, value, name, value, as node:http takes them. */
export interface Access {
  readonly agent: HttpAgent;
  readonly headers: readonly string[];
}

/** The way to one API server, and how to get fresh credentials for it. */
export interface Credentials {
  readonly target: ServerUrl;
  readonly access: Access;
  /** Takes up a token that has changed meanwhile; cheap, files and plugins are asked only when theirs is old. */
  readonly refresh: (now: Access) => Promise<Result<Access>>;
  /** Runs plugins and reads files again, for a server that no longer accepts what we have. */
  readonly renew: (now: Access) => Promise<Result<Access>>;
}

/** Makes an agent and headers of the chosen context by client-node's `applyToHTTPSOptions`. */
export async function openCredentials(
  chosen: ChosenContext,
  options: ConnectOptions,
): Promise<Result<Credentials>> {
  const target = readServerUrl(chosen.cluster);
  if (typeof target === 'string') return refuse(target, chosen);
  const proxy = textOf(chosen.cluster.fields['proxy-url']) ?? proxyFromEnvironment(target, options.env);
  if (proxy !== undefined && !isProxy(proxy)) return refuse(BAD_PROXY, chosen);
  const who = impersonation(chosen.user.fields, options);
  if (typeof who === 'string') return refuse(who, chosen);
  const way = { target, proxy, who, timeout: options.requestTimeout };
  let login = makeLogin(chosen, way);
  const first = await login(undefined);
  if (!first.ok) return first;
  const renew = (now: Access): Promise<Result<Access>> => {
    login = makeLogin(chosen, way);
    return login(now);
  };
  return { ok: true, value: { target, access: first.value, refresh: (now) => login(now), renew } };
}

function isProxy(url: string): boolean {
  return PROXY_SCHEME.test(url) && URL.canParse(url);
}

function refuse(message: string, { file }: ChosenContext): { ok: false; failure: Failure } {
  return { ok: false, failure: { reason: 'bad-kubeconfig', message, subject: file } };
}

interface Way {
  readonly target: ServerUrl;
  readonly proxy: string | undefined;
  readonly who: readonly string[];
  /** How long a proxy may take to let us through; 0 is without end. */
  readonly timeout: number;
}

type Login = (now: Access | undefined) => Promise<Result<Access>>;

/** One client-node configuration, asked again and again: it remembers tokens for as long as they last. */
function makeLogin(chosen: ChosenContext, { target, proxy, who, timeout }: Way): Login {
  const config = clientConfig(chosen, proxy);
  let material: TlsMaterial | undefined;
  return async (now) => {
    try {
      const options = await applied(config, timeout);
      const previous = material;
      material = [options.ca, options.cert, options.key];
      const headers = [...authorization(options), ...who];
      if (!headers.every((text) => HEADER_TEXT.test(text))) return unusable(chosen);
      const agent =
        now !== undefined && sameMaterial(previous, material) ? now.agent : agentOf(options, target);
      return { ok: true, value: { agent, headers } };
    } catch (error) {
      return { ok: false, failure: credentialFailure(error, chosen) };
    }
  };
}

function unusable({ context }: ChosenContext): Result<Access> {
  const message = 'a token, password or name to impersonate has characters that no header may hold';
  return { ok: false, failure: { reason: 'no-credentials', message, subject: context } };
}

async function applied(config: KubeConfig, timeout: number): Promise<RequestOptions> {
  const options: RequestOptions = timeout > 0 ? { timeout } : {};
  await config.applyToHTTPSOptions(options);
  return options;
}

type TlsMaterial = readonly unknown[];

function sameMaterial(a: TlsMaterial | undefined, b: TlsMaterial): boolean {
  return a !== undefined && b.every((part, index) => String(part) === String(a[index]));
}

/**
 * An agent that keeps connections alive, which client-node's does not. TLS material goes in as one secure context: it
 * is read once and not per connection, and stays out of the names by which node:https finds a free connection.
 */
function agentOf(options: RequestOptions, target: ServerUrl): HttpAgent {
  const kept = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_SOCKETS };
  const { agent } = options;
  if (agent instanceof HttpAgent && agent.constructor !== HttpAgent && agent.constructor !== HttpsAgent)
    return Object.assign(agent, kept);
  if (!target.secure) return new HttpAgent(kept);
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const tls: AgentOptions = { ...kept, secureContext: createSecureContext({ ca, cert, key }) };
  if (rejectUnauthorized !== undefined) tls.rejectUnauthorized = rejectUnauthorized;
  if (servername !== undefined) tls.servername = servername;
  return new HttpsAgent(tls);
}

/** Token or basic authentication. A token file ends in a newline more often than not. */
function authorization(options: RequestOptions): readonly string[] {
  const given: unknown = Object.entries(options.headers ?? {}).find(
    ([name]) => name === 'Authorization',
  )?.[1];
  if (typeof given === 'string') return ['Authorization', given.trim()];
  if (typeof options.auth !== 'string') return [];
  return ['Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`];
}

/**
 * Why there are no credentials. Only names and error codes are told: what a plugin printed, and what a parser quotes of
 * it, may be the credentials themselves.
 */
function credentialFailure(error: unknown, { context, file, user }: ChosenContext): Failure {
  const facts: Fields = isFields(error) ? error : {};
  const code = textOf(facts['code']);
  const plugin = pluginOf(user.fields);
  if (plugin !== undefined && !isFileTrouble(facts) && code?.startsWith('ERR_OSSL') !== true)
    return { reason: 'no-credentials', message: pluginMessage(plugin, facts), subject: context };
  if (isFileTrouble(facts))
    return {
      reason: 'bad-kubeconfig',
      message: `${textOf(facts['path']) ?? 'a file'} cannot be read (${code})`,
      subject: file,
    };
  const which = code === undefined ? '' : ` (${code})`;
  const message = `a certificate or key of it cannot be used${which}`;
  return { reason: 'bad-kubeconfig', message, subject: file };
}

function isFileTrouble(facts: Fields): boolean {
  const call = textOf(facts['syscall']);
  return call === 'open' || call === 'read' || call === 'access';
}

function pluginMessage(plugin: string, facts: Fields): string {
  if (facts['code'] === 'ENOENT') return `the ${plugin} was not found`;
  return `the ${plugin} failed; run it by hand to see why`;
}

function pluginOf(user: Fields): string | undefined {
  const exec = user['exec'];
  if (isFields(exec)) return `credential plugin "${basename(textOf(exec['command']) ?? '')}"`;
  const provider = user['auth-provider'];
  return isFields(provider) ? `auth provider "${textOf(provider['name']) ?? ''}"` : undefined;
}
