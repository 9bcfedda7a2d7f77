import type { Failure, Result } from '../core/failure.ts';
import type { Report, Stopped } from '../core/outcome.ts';
import type { Manifests } from '../core/manifest.ts';
import { failureLine, stoppedLine } from '../report/failure.ts';
import { manifestLine, passedOverLine } from '../report/manifests.ts';
import { stoppingWords } from '../report/progress.ts';
import { earlyValue } from './options/early.ts';
import type { Engine } from './engine.ts';
import { EXIT, exitCodeAfterTrouble, exitCodeOf, exitCodeOfStop } from './exit.ts';
import { complaint, type Log, logOn } from './log.ts';
import type { PrintWorld } from './output.ts';
import { type Invocation, interpret } from './options/parse.ts';
import { progressOn } from './progress.ts';
import type { Request } from './options/request.ts';
import { type Signals, type Stop, stopBy } from './signals.ts';
import { writeTermination } from './termination.ts';

/** The world as a command sees it: the process, or a stand-in. */
export interface World extends PrintWorld {
  readonly signals: Signals;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly engine: () => Promise<Engine>;
}

/** Carries a command line out, from its words to the exit code. */
export async function command(argv: readonly string[], world: World): Promise<number> {
  const invocation = interpret(argv, world.env, Math.min(world.stdout.columns ?? 80, 100));
  switch (invocation.ask) {
    case 'words':
      return tellWords(invocation, argv, world);
    case 'reconcile':
    case 'purge':
    case 'render':
      return readAndRun(invocation.request, world);
  }
}

/** Help and versions are for people whatever the log is; what is wrong with a command line goes where that line says. */
function tellWords(
  { stdout, stderr, code }: Extract<Invocation, { readonly ask: 'words' }>,
  argv: readonly string[],
  { env, now, stdout: out, stderr: err }: World,
): number {
  if (stdout !== '') out.write(stdout);
  if (stderr === '') return code;
  const isJson = earlyValue('log-format', argv, env) === 'json';
  const log = logOn(err, isJson ? 'json' : 'text', now);
  const [, problem = 'no command was given; see kubed-sync --help'] =
    /^kubed-sync: (.*)\n$/.exec(stderr) ?? [];
  if (isJson) log.say('error', problem, { exitCode: code });
  else err.write(stderr);
  writeTermination(earlyValue('termination-message', argv, env), problem, log);
  return code;
}

/** Manifests come first, while a signal still ends the program at once: stdin may never come to an end. */
async function readAndRun(request: Request, world: World): Promise<number> {
  const log = logOn(world.stderr, request.style.log, world.now);
  const { filenames } = request.manifests;
  if (filenames.length === 0) return new Run(request, world, log).toEnd();
  const engine = await world.engine();
  const read = await engine.readManifests(filenames);
  if (!read.ok) {
    const line = manifestLine(read.problem);
    log.say('error', line, { exitCode: EXIT.usage });
    writeTermination(request.publish.terminationMessage, line, log);
    return EXIT.usage;
  }
  const passedOver = request.style.quiet ? undefined : passedOverLine(read.value);
  if (passedOver !== undefined) log.say('info', passedOver);
  if (request.command === 'render') return engine.render(request, read.value, world, complaint);
  return new Run(request, world, log).toEnd(read.value);
}

/** How a run ended: with a report, or with a line that says why there is none. */
type End =
  | { readonly code: number; readonly report: Report }
  | { readonly code: number; readonly report?: undefined; readonly line: string };

/** One run: it, its report, and what it leaves behind. */
class Run {
  readonly #request: Request;
  readonly #world: World;
  readonly #log: Log;
  readonly #startedAt: Date;

  constructor(request: Request, world: World, log: Log) {
    this.#request = request;
    this.#world = world;
    this.#log = log;
    this.#startedAt = world.now();
  }

  /** From its start to the exit code. */
  async toEnd(manifests?: Manifests): Promise<number> {
    const { signals, stderr, exit } = this.#world;
    const view = progressOn(stderr, this.#request.style, this.#log);
    const stop = stopBy(signals, this.#request.timeout, {
      stopping: (by) => this.#announce(by, view.end),
      impatient: () => exit(exitCodeOfStop('SIGINT')),
    });
    try {
      const engine = await this.#world.engine();
      const hooks = { progress: view.show, stop: stop.signal };
      const result = await this.#orPublish(engine, stop, () => engine.run(this.#request, hooks, manifests));
      view.end();
      return await this.#finish(endOf(result, this.#request, stop.by()), engine, stop);
    } finally {
      view.end();
      stop.dispose();
    }
  }

  /** Metrics tell of a run that crashed as well, or the last good one would stand for it. */
  async #orPublish<T>(engine: Engine, stop: Stop, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      await this.#publish({ code: EXIT.trouble }, engine, stop);
      throw error;
    }
  }

  /** The report goes first: a Pushgateway that hangs must not keep it back. Only a log in JSON ends later, with the code. */
  async #finish(end: End, engine: Engine, stop: Stop): Promise<number> {
    const { style, publish } = this.#request;
    if (end.report !== undefined) engine.print(end.report, style, this.#world);
    else this.#log.say('error', end.line, { exitCode: end.code });
    const troubles = await this.#publish(end, engine, stop);
    const code = troubles.length > 0 ? exitCodeAfterTrouble(end.code) : end.code;
    if (end.report !== undefined) engine.printEnd(end.report, code, style, this.#world);
    const text = end.report === undefined ? end.line : engine.terminationText(end.report);
    writeTermination(publish.terminationMessage, [text, ...troubles].join('\n'), this.#log);
    return code;
  }

  async #publish(
    { code, report }: { readonly code: number; readonly report?: Report | undefined },
    engine: Engine,
    stop: Stop,
  ): Promise<readonly string[]> {
    const times = { startedAt: this.#startedAt, endedAt: this.#world.now() };
    const ended = { request: this.#request, ...times, exitCode: code, report };
    const troubles = await engine.publish(ended, stop.signal);
    for (const trouble of troubles) this.#log.say('error', trouble);
    return troubles;
  }

  /** Someone at a terminal is told why the program is still there; a log gets it from the report. */
  #announce(by: Stopped, wipe: () => void): void {
    if (this.#request.style.quiet || by === 'timeout' || !this.#world.stderr.isTTY) return;
    wipe();
    this.#log.say('warning', stoppingWords(by));
  }
}

function endOf(result: Result<Report>, { exitCode }: Request, stopped: Stopped | undefined): End {
  if (result.ok) return { code: exitCodeOf(result.value, exitCode), report: result.value };
  return failedEnd(result.failure, stopped);
}

function failedEnd(failure: Failure, stopped: Stopped | undefined): End {
  const wasStopped = failure.reason === 'stopped' && stopped !== undefined;
  return wasStopped
    ? { code: exitCodeOfStop(stopped), line: stoppedLine(stopped) }
    : { code: EXIT.trouble, line: failureLine(failure) };
}
