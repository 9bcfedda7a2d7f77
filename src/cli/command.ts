import { writeFileSync } from 'node:fs';
import { codeOf, type Failure, type Result } from '../model/failure.ts';
import type { Manifests } from '../model/manifest.ts';
import type { RunHooks } from '../model/progress.ts';
import type { Report, Stopped } from '../model/run-report.ts';
import { failureMessage, stoppedMessage } from '../report/messages/failure-message.ts';
import { ignoredMessage, manifestMessage } from '../report/messages/manifest-message.ts';
import { stoppingMessage } from '../report/messages/progress-message.ts';
import { truncateToBytes } from '../report/strings/truncate.ts';
import type { Runtime } from './runtime.ts';
import { EXIT, exitCodeAfterTrouble, exitCodeOf, exitCodeOfStop } from './exit.ts';
import { type Log, logOn } from './log.ts';
import { COMPLETE } from './options/command-line.ts';
import { parse, preparse } from './options/parse.ts';
import type { Request } from './options/request.ts';
import { UsageError } from './options/usage-error.ts';
import type { PrintWorld } from './output.ts';
import { progressOn } from './progress-line.ts';
import type { LastWords } from './commands/repeat.ts';
import { type Crashes, type Signals, type Stop, stopBy } from './signals.ts';
import type { Timer } from './timer.ts';

/** The world as a command sees it: the process, or a stand-in. */
export interface World extends PrintWorld {
  /** The path that the program was started by. */
  readonly program?: string | undefined;
  readonly signals: Signals;
  readonly crashes: Crashes;
  /** Reports an unexpected exception on stderr, and returns it as one line. */
  readonly reportCrash: (error: unknown) => string;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly runtime: () => Promise<Runtime>;
  readonly timer: Timer;
}

/** Carries out a command line, and returns the exit code. */
export async function runCommand(argv: readonly string[], world: World): Promise<number> {
  const { env, program, stdout } = world;
  try {
    if (argv[0] === COMPLETE)
      return await (await import('./commands/completion.ts')).complete(argv.slice(1), world);
    const parsed = parse(argv, env, { program, columns: Math.min(stdout.columns ?? 80, 100) });
    if ('request' in parsed) return await carryOut(parsed.request, world);
    if ('shell' in parsed) (await import('./commands/completion.ts')).printScript(parsed.shell, stdout);
    else stdout.write(parsed.text);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof UsageError) return reportUsageError(error, argv, world);
    throw error;
  }
}

/** The command line may not be understood, but the error goes where it says, and in the form that it says. */
function reportUsageError(error: UsageError, argv: readonly string[], { env, now, stderr }: World): number {
  const format = preparse('log-format', argv, env) === 'json' ? 'json' : 'text';
  const log = logOn(stderr, format, now);
  if (format === 'text' && error.help !== undefined) stderr.write(error.help);
  else log.say('error', error.message, { exitCode: EXIT.usage });
  writeTermination(preparse('termination-message', argv, env), error.message, log);
  return EXIT.usage;
}

/** Manifests are read first, while a signal still ends the program at once: stdin may never end. */
async function carryOut(request: Request, world: World): Promise<number> {
  const log = logOn(world.stderr, request.style.log, world.now);
  if (request.manifests.filename.length === 0)
    return leave(await runAlone(request, world, log), request, log);
  const runtime = await world.runtime();
  const read = await runtime.readManifests(request);
  if (!read.ok) return endWithout(read.problems.map(manifestMessage), request, log);
  const ignored = request.style.quiet ? undefined : ignoredMessage(read.value);
  if (ignored !== undefined) log.say('info', ignored);
  if (request.command === 'render') return runtime.render(request, read.value, world);
  return leave(await new Run(request, read.value, world, log).toEnd(), request, log);
}

/** One run, or with `--every` one after the other. */
async function runAlone(request: Request, world: World, log: Log): Promise<LastWords> {
  const { every } = request;
  if (every === undefined) return new Run(request, undefined, world, log).toEnd();
  const { repeat } = await import('./commands/repeat.ts');
  const series = { ...world, request, every, log, runtime: await world.runtime() };
  return repeat(series, ({ request: one, runtime, signals, log: told }) => {
    const here = { ...world, signals, runtime: () => Promise.resolve(runtime) };
    return new Run(one, undefined, here, told).toEnd();
  });
}

function leave({ code, text }: LastWords, { publish }: Request, log: Log): number {
  writeTermination(publish.terminationMessage, text, log);
  return code;
}

/** Nothing could be read: there is nothing to report on. */
function endWithout(lines: readonly string[], { publish }: Request, log: Log): number {
  for (const line of lines) log.say('error', line, { exitCode: EXIT.usage });
  writeTermination(publish.terminationMessage, lines.join('\n'), log);
  return EXIT.usage;
}

/** How a run ended: with a report, or with a line that says why there is none. After a crash there may be both. */
interface End {
  readonly code: number;
  readonly report?: Report;
  readonly line?: string;
}

/** One run, and everything that it leaves behind: report, metrics, termination message. */
class Run {
  readonly #request: Request;
  readonly #manifests: Manifests | undefined;
  readonly #world: World;
  readonly #log: Log;
  #runtime: Runtime | undefined;

  constructor(request: Request, manifests: Manifests | undefined, world: World, log: Log) {
    this.#request = request;
    this.#manifests = manifests;
    this.#world = world;
    this.#log = log;
  }

  /** Runs, prints the report, and returns how it ended. A crash at any step leaves what the steps before it gave. */
  async toEnd(): Promise<LastWords> {
    const startedAt = this.#world.now();
    const view = progressOn(this.#world.stderr, this.#request.style, this.#log);
    const stop = this.#stop(view.end);
    let end: End = { code: EXIT.trouble };
    let unfinished: (() => Report) | undefined;
    let text = '';
    try {
      this.#runtime = await this.#world.runtime();
      const hooks: RunHooks = {
        progress: view.show,
        stop: stop.signal,
        unfinished: (report) => (unfinished = report),
      };
      const result = await stop.orCrash(this.#runtime.run(this.#request, hooks, this.#manifests));
      end = endOf(result, this.#request, stop.by());
      view.end();
      if (!result.ok) this.#reportManifestProblems();
      this.#print(end, this.#runtime);
    } catch (error) {
      view.end();
      end = this.#crashed(end, error, unfinished);
    } finally {
      // The report is printed by now: a Pushgateway that hangs must not keep it back.
      const troubles = await this.#publish(end, startedAt, stop);
      if (troubles.length > 0) end = { ...end, code: exitCodeAfterTrouble(end.code) };
      text = this.#lastWords(end, troubles);
      stop.dispose();
    }
    return { code: end.code, text };
  }

  /** Without a report, the problems of the manifests have no other place. */
  #reportManifestProblems(): void {
    for (const problem of this.#manifests?.problems ?? []) this.#log.say('error', manifestMessage(problem));
  }

  #print({ code, report, line }: End, runtime: Runtime): void {
    if (report !== undefined) runtime.print(report, this.#request.style, this.#world);
    if (line !== undefined) this.#log.say('error', line, { exitCode: code });
  }

  /** After a crash of the run, prints what was written until then. After a crash of the printing, only its summary. */
  #crashed({ report: printed }: End, error: unknown, unfinished: (() => Report) | undefined): End {
    const end = { code: EXIT.trouble, line: this.#world.reportCrash(error) };
    const report = printed ?? unfinished?.();
    const runtime = this.#runtime;
    if (report === undefined || runtime === undefined) return end;
    if (printed === undefined && this.#canPrint(report, runtime)) return { ...end, report };
    const [summary = ''] = runtime.terminationText(report).split('\n');
    this.#log.say('error', summary, { exitCode: EXIT.trouble });
    return { ...end, report };
  }

  /** Prints the report of a run that crashed. Returns whether that was possible. */
  #canPrint(report: Report, runtime: Runtime): boolean {
    try {
      this.#print({ code: EXIT.trouble, report }, runtime);
      return true;
    } catch (error) {
      this.#world.reportCrash(error);
      return false;
    }
  }

  /** Publishes metrics, also of a run that crashed: the last good ones would hide it. Returns what went wrong. */
  async #publish({ code, report }: End, startedAt: Date, stop: Stop): Promise<readonly string[]> {
    const times = { startedAt, endedAt: this.#world.now() };
    try {
      const ended = { request: this.#request, ...times, exitCode: code, report };
      const troubles = (await this.#runtime?.publish(ended, stop.signal)) ?? [];
      for (const trouble of troubles) this.#log.say('error', trouble);
      return troubles;
    } catch (error) {
      return [this.#world.reportCrash(error)];
    }
  }

  /** Prints the last line of a log in JSON, which has the exit code. Returns the termination message. */
  #lastWords({ code, report, line }: End, troubles: readonly string[]): string {
    const runtime = this.#runtime;
    if (report && runtime) runtime.printEnd(report, code, this.#request.style, this.#world);
    const lines = [report && runtime?.terminationText(report), line, ...troubles];
    return lines.filter((one) => one !== undefined).join('\n');
  }

  /** A person at a terminal is told why the program is still there. In a log, the report says it. */
  #stop(clearProgress: () => void): Stop {
    const { signals, crashes, stderr, exit } = this.#world;
    const stopping = (by: Stopped): void => {
      if (this.#request.style.quiet || by === 'timeout' || !stderr.isTTY) return;
      clearProgress();
      this.#log.say('warning', stoppingMessage(by));
    };
    const impatient = (): void => exit(exitCodeOfStop('SIGINT'));
    return stopBy(signals, crashes, this.#request.timeout, { stopping, impatient });
  }
}

function endOf(result: Result<Report>, request: Request, stopped: Stopped | undefined): End {
  const options = { pendingCounts: request.exitCode, ignoreBad: request.manifests.ignoreBadManifests };
  if (result.ok) return { code: exitCodeOf(result.value, options), report: result.value };
  return failedEnd(result.failure, stopped);
}

function failedEnd(failure: Failure, stopped: Stopped | undefined): End {
  const wasStopped = failure.reason === 'stopped' && stopped !== undefined;
  return wasStopped
    ? { code: exitCodeOfStop(stopped), line: stoppedMessage(stopped) }
    : { code: EXIT.trouble, line: failureMessage(failure) };
}

/** Kubernetes reads no more of a termination message (ContainerStateTerminated, "message"). */
const MAX_BYTES = 4096;

/**
 * Writes how the run ended for `kubectl describe pod`, in place: the file is a mount, which cannot be renamed over. If
 * it cannot be written, the log says so, and the exit code stays: the run itself is done.
 */
export function writeTermination(file: string | undefined, message: string, log: Log): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, truncateToBytes(message, MAX_BYTES));
  } catch (error) {
    log.say('error', `The termination message cannot be written to ${file}: ${codeOf(error)}.`);
  }
}
