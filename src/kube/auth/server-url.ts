import { type Entry, textOf } from './kubeconfig.ts';

/** The address of an API server, taken apart once and not for every request. */
export interface ServerUrl {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path in front of `/api/v1`, without a slash at its end: some servers are a part of another. */
  readonly prefix: string;
  readonly hostHeader: string;
  /** For the reader: scheme, host and port. */
  readonly address: string;
}

/** Reads `server` of a cluster; a text says what is wrong with it. */
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
    address: url.origin,
  };
}
