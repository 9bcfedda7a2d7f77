import { BlockList, isIP, isIPv4 } from 'node:net';
import type { ServerUrl } from './server-url.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy of the environment for this server, by the rules of kubectl (Go: golang.org/x/net/http/httpproxy):
 * `HTTPS_PROXY` or `HTTP_PROXY`, but never for this machine nor for what `NO_PROXY` names.
 */
export function proxyFromEnvironment(target: ServerUrl, env: Env): string | undefined {
  const proxy = target.secure ? either(env, 'HTTPS_PROXY') : either(env, 'HTTP_PROXY');
  if (proxy === '' || isLocal(target.host)) return undefined;
  const exceptions = either(env, 'NO_PROXY').toLowerCase().split(',');
  if (exceptions.some((exception) => excepts(exception.trim(), target))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function either(env: Env, name: string): string {
  return env[name] || env[name.toLowerCase()] || '';
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** One entry of `NO_PROXY`: `*`, a range of addresses, or a name or address with an optional port. */
function excepts(exception: string, { host, port }: ServerUrl): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  if (exception.includes('/')) return isInRange(host, exception);
  const [, bare = '', only] =
    /^\[?(.*?)\]?(?::(\d+))?$/u.exec(isIP(exception) ? `[${exception}]` : exception) ?? [];
  if (only !== undefined && Number(only) !== port) return false;
  return isIP(bare) ? host === bare : isWithin(host, bare.replace(/^\*/u, ''));
}

/** `.test` matches only names below it. `test` matches itself too. */
function isWithin(host: string, domain: string): boolean {
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const [family, most] = isIPv4(network) ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  if (isIP(host) === 0 || isIP(network) === 0 || !/^\d+$/u.test(bits) || Number(bits) > most) return false;
  const ranges = new BlockList();
  ranges.addSubnet(network, Number(bits), family);
  return ranges.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}
