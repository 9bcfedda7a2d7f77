import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket, createSecureContext } from 'node:tls';
import { watchHandshake } from './connection-facts.ts';
import { ForwardAgent, type Proxy, TunnelAgent } from './proxy-agent.ts';
import type { ServerUrl } from './server-url.ts';
import type { TlsMaterial } from './tls-material.ts';

/** The connections kept alive at most: far more than a run ever has requests under way. */
const MAX_SOCKETS = 256;
/** What every agent keeps. */
export const KEPT = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_SOCKETS };

/** How the server of the kubeconfig is verified. */
export interface Verification {
  readonly isInsecure: boolean;
  /** `tls-server-name`. */
  readonly serverName: string | undefined;
}

/** An agent that keeps connections alive, for a direct way or one through an HTTP proxy. */
export function agentFor(
  target: ServerUrl,
  tls: TlsMaterial,
  verification: Verification,
  proxy: Proxy | undefined,
): HttpAgent {
  if (!target.secure) return proxy === undefined ? new HttpAgent(KEPT) : new ForwardAgent(KEPT, proxy);
  const options = { ...KEPT, ...tlsOptions(tls, verification) };
  return proxy === undefined
    ? new DirectAgent(options, tls.trust)
    : new TunnelAgent(options, proxy, tls.trust);
}

/**
 * TLS material goes in as one secure context: it is read once and not per connection, and stays out of the names by which
 * node:https finds a free connection. As in kubectl, a certificate that is trusted need not be a root.
 */
function tlsOptions({ ca, cert, key }: TlsMaterial, verification: Verification): AgentOptions {
  const material = { ca: ca && [...ca], cert, key, allowPartialTrustChain: true };
  const { isInsecure, serverName } = verification;
  return {
    secureContext: createSecureContext(material),
    ...(isInsecure && { rejectUnauthorized: false }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

/** Connects directly, and notes which certificate was presented. */
class DirectAgent extends HttpsAgent {
  readonly #trust: string;

  constructor(options: AgentOptions, trust: string) {
    super(options);
    this.#trust = trust;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    if (socket instanceof TLSSocket) watchHandshake(socket, this.#trust);
    return socket;
  }
}
