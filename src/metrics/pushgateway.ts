import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../model/failure.ts';
import type { PublishProblem, PushRejection } from '../model/run-report.ts';

/** The metrics to push, and where. */
export interface Push {
  /** Without credentials, and without a slash at the end. */
  readonly url: string;
  readonly authorization?: string;
  /** The grouping key without the job. Values contain no slash and are not empty. */
  readonly group: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How often and how long to try. */
export interface RetryLimits {
  /** Milliseconds for each try. */
  readonly timeout: number;
  readonly tries: number;
  /** Ends the push immediately. */
  readonly stop: AbortSignal | undefined;
}

type Problem = Extract<PublishProblem, { readonly at: 'pushgateway' }>['problem'];

/** The pause between two tries, in milliseconds. */
const PAUSE = 1000;

/** The longest error message that is kept. */
const MAX_CHARACTERS = 300;

/**
 * Pushes metrics by POST, which replaces metrics of the same name and keeps the others (Pushgateway: README, "API"). So
 * a failed run keeps the time of the last success. It does not use a proxy. Returns the problem, if there was one.
 */
export async function push(what: Push, limits: RetryLimits): Promise<PublishProblem | undefined> {
  for (let tries = 1; ; tries += 1) {
    const problem = await attempt(what, limits);
    if (problem === undefined) return undefined;
    if (tries >= limits.tries || !isRetryable(problem) || limits.stop?.aborted === true)
      return { at: 'pushgateway', url: what.url, problem };
    await wait(PAUSE, undefined, { signal: limits.stop }).catch(() => undefined);
  }
}

/** Returns the address for the metrics of a group (Pushgateway: README, "URL"). */
function addressOf({ url, group }: Push): URL {
  const key = Object.entries(group).flatMap(([name, value]) => [name, encodeURIComponent(value)]);
  return new URL([url, 'metrics/job/kubed-sync', ...key].join('/'));
}

/** A redirect is not followed, because another server must not get the credentials. */
async function attempt(what: Push, { timeout, stop }: RetryLimits): Promise<Problem | undefined> {
  const late = AbortSignal.timeout(timeout);
  const { text: body, authorization } = what;
  const type = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
  const headers = authorization === undefined ? type : { ...type, authorization };
  const signal = AbortSignal.any(stop === undefined ? [late] : [late, stop]);
  try {
    return await rejectionOf(
      await fetch(addressOf(what), { method: 'POST', headers, body, redirect: 'manual', signal }),
    );
  } catch (error) {
    if (stop?.aborted === true) return 'stopped';
    return late.aborted ? 'timed-out' : { code: fetchCode(error) };
  }
}

/** Returns undefined for any 2xx. The Pushgateway answers 202 if it does not check what it gets. */
async function rejectionOf({ ok, status, headers, body }: Response): Promise<PushRejection | undefined> {
  const isText = headers.get('content-type')?.startsWith('text/plain') ?? false;
  if (!ok && isText && body !== null) return { status, message: await startOf(body) };
  await body?.cancel();
  return ok ? undefined : { status, message: '' };
}

async function startOf(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.length >= MAX_CHARACTERS) break;
  }
  return text.slice(0, MAX_CHARACTERS);
}

/** Error codes of fetch, and the codes of the operating system that mean the same. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'ECONNRESET'],
  ['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'],
]);

/** Returns the error code of the cause. For a port that fetch blocks there is no code, so the result is `bad port`. */
function fetchCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const isBadPort = cause instanceof Error && cause.message === 'bad port';
  const code = codeOf(cause, isBadPort ? 'bad port' : undefined);
  return KNOWN.get(code) ?? code;
}

function isRetryable(problem: Problem): boolean {
  return typeof problem === 'string' || 'code' in problem || problem.status >= 500 || problem.status === 429;
}
