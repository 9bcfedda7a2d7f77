import { type Entry, textOf } from '../kubeconfig/chosen-context.ts';
import type { Proxy } from './proxy-agent.ts';

/** The address of an API server, taken apart once and not for every request. */
export interface ServerUrl {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path in front of `/api/v1`, without a slash at its end: some servers are a part of another. */
  readonly prefix: string;
  readonly hostHeader: string;
  /** For the reader: scheme, host, port and path. */
  readonly address: string;
  /** For the reader: the proxy on the way, without its password. */
  readonly proxy?: string;
}

/** Reads `server` of a cluster. Returns a text if something is wrong with it. */
export function readServerUrl(cluster: Entry): ServerUrl | string {
  const server = textOf(cluster.fields['server']);
  if (server === undefined) return `cluster "${cluster.name}" has no server`;
  if (!/^https?:\/\//u.test(server))
    return `the server of cluster "${cluster.name}" must begin with https:// or http://`;
  if (!URL.canParse(server)) return `the server of cluster "${cluster.name}" is not a URL`;
  const url = new URL(server);
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/gu, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    prefix: url.pathname.replace(/\/+$/u, ''),
    hostHeader: url.host,
    address: url.origin + url.pathname.replace(/\/+$/u, ''),
  };
}

/**
 * The server as it is asked through a proxy. For a plain HTTP server the path becomes an absolute URL, for example
 * `http://api.test/api/v1` (RFC 9112, 3.2.2); a SOCKS proxy sees no paths.
 */
export function throughProxy(
  target: ServerUrl,
  { address }: Pick<Proxy, 'address'>,
  isSocks: boolean,
): ServerUrl {
  if (target.secure || isSocks) return { ...target, proxy: address };
  return { ...target, proxy: address, prefix: `http://${target.hostHeader}${target.prefix}` };
}
