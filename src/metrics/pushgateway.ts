import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../model/failure.ts';
import type { PublishProblem, PushRejection } from '../model/run-report.ts';

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
export interface RetryLimits {
  /** Milliseconds for one try. */
  readonly timeout: number;
  readonly tries: number;
  /** Ends everything at once. */
  readonly stop: AbortSignal | undefined;
}

type Problem = Extract<PublishProblem, { readonly at: 'pushgateway' }>['problem'];

/** Between two tries, in milliseconds. */
const PAUSE = 1000;

/** How much of an error message is kept. */
const MAX_CHARACTERS = 300;

/**
 * Pushes metrics by POST, which replaces metrics of the same names in the group and keeps the others: so the time of the
 * last success survives runs that fail (Pushgateway: README, "API"). Proxies of the environment are not asked.
 */
export async function push(what: Push, patience: RetryLimits): Promise<PublishProblem | undefined> {
  for (let tries = 1; ; tries += 1) {
    const problem = await attempt(what, patience);
    if (problem === undefined) return undefined;
    if (tries >= patience.tries || !isRetryable(problem) || patience.stop?.aborted === true)
      return { at: 'pushgateway', url: what.url, problem };
    await wait(PAUSE, undefined, { signal: patience.stop }).catch(() => undefined);
  }
}

/** Where the metrics of a group go (Pushgateway: README, "URL"). */
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
    return await refusalOf(
      await fetch(addressOf(what), { method: 'POST', headers, body, redirect: 'manual', signal }),
    );
  } catch (error) {
    if (stop?.aborted === true) return 'stopped';
    return late.aborted ? 'timed-out' : { code: fetchCode(error) };
  }
}

/** Any 2xx is success: 200, or 202 where the Pushgateway does not check what it is sent. */
async function refusalOf({ ok, status, headers, body }: Response): Promise<PushRejection | undefined> {
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

/** What made fetch fail is the cause of its error. It calls no port that belongs to another protocol, and has no code for that. */
function fetchCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const isBadPort = cause instanceof Error && cause.message === 'bad port';
  const code = codeOf(cause, isBadPort ? 'bad port' : undefined);
  return KNOWN.get(code) ?? code;
}

function isRetryable(problem: Problem): boolean {
  return typeof problem === 'string' || 'code' in problem || problem.status >= 500 || problem.status === 429;
}
