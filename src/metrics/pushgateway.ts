import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../model/error-code.ts';
import type { PublishTrouble, PushRefusal } from '../model/run-report.ts';

/** What to push where. */
export interface Push {
  /** Without credentials, and without a slash at its end. */
  readonly url: string;
  readonly authorization?: string;
  /** The grouping key besides the job. Values hold no slash and are not empty. */
  readonly group: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How long to try. */
export interface Patience {
  /** Milliseconds for one try. */
  readonly timeout: number;
  readonly tries: number;
  /** Ends everything at once. */
  readonly stop: AbortSignal | undefined;
}

type Problem = Extract<PublishTrouble, { readonly at: 'pushgateway' }>['problem'];

/** Between two tries, in milliseconds. */
const PAUSE = 1000;

/** More of an answer nobody reads. */
const MOST_CHARACTERS = 300;

/**
 * Pushes metrics by POST, which replaces metrics of the same names in the group and keeps the others: so the time of the
 * last success survives runs that fail (Pushgateway: README, "API"). Proxies of the environment are not asked.
 */
export async function push(what: Push, patience: Patience): Promise<PublishTrouble | undefined> {
  for (let tries = 1; ; tries += 1) {
    const problem = await attempt(what, patience);
    if (problem === undefined) return undefined;
    if (tries >= patience.tries || !mayPass(problem) || patience.stop?.aborted === true)
      return { at: 'pushgateway', url: what.url, problem };
    await wait(PAUSE, undefined, { signal: patience.stop }).catch(() => undefined);
  }
}

/** Where the metrics of a group go (Pushgateway: README, "URL"). */
function addressOf({ url, group }: Push): URL {
  const key = Object.entries(group).flatMap(([name, value]) => [name, encodeURIComponent(value)]);
  return new URL([url, 'metrics/job/kubed-sync', ...key].join('/'));
}

function attempt(what: Push, { timeout, stop }: Patience): Promise<Problem | undefined> {
  const address = addressOf(what);
  const headers = {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(what.text),
    ...(what.authorization !== undefined && { authorization: what.authorization }),
  };
  return new Promise((resolve) => {
    const sendTo = address.protocol === 'https:' ? secureRequest : plainRequest;
    const request = sendTo(address, { method: 'POST', headers, agent: false });
    const end = (problem: Problem | undefined): void => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', halt);
      resolve(problem);
      request.destroy();
    };
    const timer = setTimeout(() => end('timed-out'), timeout);
    const halt = (): void => end('stopped');
    if (stop?.aborted === true) return halt();
    stop?.addEventListener('abort', halt, { once: true });
    request.on('error', (error) => end({ code: codeOf(error) }));
    request.on('response', (response) => {
      response.on('error', (error) => end({ code: codeOf(error) }));
      readAnswer(response, end);
    });
    request.end(what.text);
  });
}

/** Any 2xx is success: 200, or 202 where the Pushgateway does not check what it is sent. */
function readAnswer(response: IncomingMessage, end: (problem: PushRefusal | undefined) => void): void {
  const { statusCode: status = 0, headers } = response;
  const isText = headers['content-type']?.startsWith('text/plain') ?? false;
  let message = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    if (isText && message.length < MOST_CHARACTERS) message += chunk.slice(0, MOST_CHARACTERS);
  });
  response.on('end', () =>
    end(status >= 200 && status < 300 ? undefined : { status, message: message.slice(0, MOST_CHARACTERS) }),
  );
}

function mayPass(problem: Problem): boolean {
  return typeof problem === 'string' || 'code' in problem || problem.status >= 500 || problem.status === 429;
}
