import {
  Agent as HttpAgent,
  type AgentOptions as HttpAgentOptions,
  type ClientRequest,
  request as plainRequest,
} from 'node:http';
import {
  Agent as HttpsAgent,
  type AgentOptions,
  type RequestOptions,
  request as secureRequest,
} from 'node:https';
import { Socket, connect as dial, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, connect as dialSecure } from 'node:tls';
import { codeOf } from '../../model/failure.ts';
import { watchHandshake } from './connection-facts.ts';

/** A proxy that cannot be reached, or that refuses the connection. */
export class ProxyError extends Error {}

/** A proxy of the kubeconfig or the environment, taken apart. */
export interface Proxy {
  readonly url: URL;
  /** Without name and password, for the reader. */
  readonly address: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** Certificates that a proxy over HTTPS is checked against. */
  readonly ca: readonly string[];
  /** Milliseconds that it may take to let us through; 0 is without end. */
  readonly timeout: number;
}

/** Reads the URL of a proxy. */
export function proxyOf(text: string, ca: readonly string[], timeout: number): Proxy {
  const url = new URL(text);
  const [name, password] = [url.username, url.password].map(decoded);
  const hasName = Boolean(name) || Boolean(password);
  const authorization = hasName
    ? `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    : undefined;
  return { url, address: `${url.protocol}//${url.host}`, authorization, ca, timeout };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Connected = (error: Error | null, stream: Duplex) => void;
interface Where {
  readonly host: string;
  readonly port: number;
}

/** Reaches an HTTPS server through a tunnel of an HTTP or HTTPS proxy (RFC 9110, 9.3.6). */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: Proxy;
  readonly #trust: string;

  constructor(options: AgentOptions, proxy: Proxy, trust: string) {
    super(options);
    this.#proxy = proxy;
    this.#trust = trust;
  }

  /** Gives the callback a secure connection to the server, once the proxy lets us through. */
  override createConnection(options: RequestOptions, done: Connected = () => undefined): undefined {
    const where = { host: options.host ?? '', port: Number(options.port) };
    openTunnel(this.#proxy, where, (error, socket) => {
      if (error !== null) return done(error, socket);
      const tunnel = { socket };
      const secure = super.createConnection({ ...options, ...tunnel });
      if (secure instanceof TLSSocket) watchHandshake(secure, this.#trust);
      done(null, secure ?? socket);
    });
    return undefined;
  }
}

/** Connects to an HTTP or HTTPS proxy, to which requests for plain HTTP servers go with an absolute URL. */
export class ForwardAgent extends HttpAgent {
  readonly #proxy: Proxy;

  constructor(options: HttpAgentOptions, proxy: Proxy) {
    super(options);
    this.#proxy = proxy;
  }

  /** Gives the callback a connection to the proxy. */
  override createConnection(_options: unknown, done: Connected = () => undefined): undefined {
    const { url, ca } = this.#proxy;
    const where = addressOf(url);
    const isSecure = url.protocol === 'https:';
    const socket = isSecure ? dialSecure({ ...where, ...nameFor(url), ca: [...ca] }) : dial(where);
    const fail = (error: Error): void => done(proxyError(error), socket);
    socket.once('error', fail);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      socket.off('error', fail);
      done(null, socket);
    });
    return undefined;
  }
}

function openTunnel(proxy: Proxy, { host, port }: Where, done: Connected): void {
  const request = connectRequest(proxy, `${isIPv6(host) ? `[${host}]` : host}:${port}`);
  const fail = (error: Error): void => done(error, new Socket());
  request.once('connect', (response, socket: Socket) => {
    request.removeAllListeners();
    socket.removeAllListeners();
    if (response.statusCode === 200) return done(null, socket);
    socket.destroy();
    fail(new ProxyError(refusal(response.statusCode ?? 0)));
  });
  request.once('response', (response) => {
    response.destroy();
    fail(new ProxyError(refusal(response.statusCode ?? 0)));
  });
  request.once('timeout', () => request.destroy(new ProxyError('no answer in time')));
  request.on('error', (error) => fail(proxyError(error)));
  request.end();
}

function connectRequest({ url, authorization, ca, timeout }: Proxy, path: string): ClientRequest {
  const headers = {
    host: path,
    ...(authorization !== undefined && { 'proxy-authorization': authorization }),
  };
  const common = {
    ...addressOf(url),
    method: 'CONNECT',
    path,
    headers,
    setHost: false,
    agent: false,
    timeout,
  };
  if (url.protocol === 'http:') return plainRequest(common);
  return secureRequest({ ...common, ...nameFor(url), ca: [...ca] });
}

function addressOf(url: URL): Where {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/gu, ''), port };
}

/** No server name is sent for an address (RFC 6066, 3). */
function nameFor(url: URL): { readonly servername?: string } {
  return /^[\d.]+$|^\[/u.test(url.hostname) ? {} : { servername: url.hostname };
}

/** What a refusal of a proxy means, for example 407 → `it asks for a user name and password (HTTP 407)`. */
export function refusal(status: number): string {
  if (status === 407) return 'it does not accept the user name and password, or asks for them (HTTP 407)';
  return `it refuses the connection (HTTP ${status})`;
}

function proxyError(error: Error): Error {
  return error instanceof ProxyError ? error : new ProxyError(codeOf(error, 'the connection failed'));
}
