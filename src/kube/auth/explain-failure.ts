import type { Failure } from '../../model/failure.ts';
import type { Access } from './credentials.ts';
import { refusal } from '../transport/proxy-agent.ts';
import type { ServerUrl } from '../transport/server-url.ts';

const ON_THE_WAY: ReadonlySet<Failure['reason']> = new Set(['unreachable', 'connection-lost', 'timed-out']);

/** Returns the failure of a request, with the proxy on the way and the credentials that were sent. */
export function explainFailure(failure: Failure, access: Access, target: ServerUrl): Failure {
  const { proxy, address } = target;
  if (proxy !== undefined && (failure.reason === 'proxy-failed' || isFromProxy(failure, target)))
    return { ...failure, ...proxyFailure(failure), subject: proxy };
  const isOnTheWay = proxy !== undefined && ON_THE_WAY.has(failure.reason);
  const subject = isOnTheWay ? `${address} (through the proxy ${proxy})` : address;
  if (failure.reason !== 'unauthorized' && !isAnonymous(failure)) return { ...failure, subject };
  if (access.sent === undefined)
    return {
      ...failure,
      reason: 'anonymous',
      message: `no credentials were sent, ${access.nothing ?? 'there are none'}`,
      subject,
    };
  const message = isAnonymous(failure) ? 'it was taken for system:anonymous' : failure.message;
  return { ...failure, reason: 'unauthorized', message: `${access.sent} was sent: ${message}`, subject };
}

function isFromProxy({ status }: Failure, { secure }: ServerUrl): boolean {
  return status === 407 && !secure;
}

function proxyFailure({ message, status }: Failure): Pick<Failure, 'reason' | 'message'> {
  return { reason: 'proxy-failed', message: status === undefined ? message : refusal(status) };
}

/** The API server takes a request without accepted credentials for one of this user. */
function isAnonymous({ reason, message }: Failure): boolean {
  return reason === 'forbidden' && /\bUser "system:anonymous"/iu.test(message);
}
