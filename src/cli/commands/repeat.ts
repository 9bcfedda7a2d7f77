import type { Log } from '../log.ts';
import type { Request } from '../options/request.ts';
import type { Runtime } from '../runtime.ts';
import type { Signals } from '../signals.ts';
import { exitCodeOfStop, isSuccess, worstOf } from '../exit.ts';
import { LONG_PAUSE, seriesMessage } from '../../report/messages/progress-message.ts';
import { isPrune } from '../../plan/guard.ts';
import type { AppliedChange } from '../../model/run-report.ts';
import type { MaxPrune } from '../../model/settings.ts';
import type { Ended } from './publish.ts';
import { News } from './news.ts';
import type { Timer } from '../timer.ts';
import { SeriesEnd } from './series-end.ts';

/*
 * `--every`: whole runs, one after the other (docs/design.md 8.4). Each run reads everything again. From one run to the
 * next go only open connections, counts, and what was printed last.
 */

/** How a run ended: its exit code, and its termination message. */
export interface LastWords {
  readonly code: number;
  readonly text: string;
}

/** What one run of a series gets. */
export interface Turn {
  readonly request: Request;
  readonly runtime: Runtime;
  readonly signals: Signals;
  readonly log: Log;
}

/** What a series of runs needs. */
export interface SeriesWorld extends Turn {
  /** Milliseconds from the start of one run to the start of the next. */
  readonly every: number;
  readonly timer: Timer;
}

/** A pause is so many times as long as the run before it: runs take less than a tenth of the time. */
const PAUSE_FACTOR = 10;

/** Runs until a signal or `--timeout` ends it. Returns the worst exit code, with the last message of a run that had it. */
export async function repeat(
  world: SeriesWorld,
  runOnce: (turn: Turn) => Promise<LastWords>,
): Promise<LastWords> {
  const { every, timer } = world;
  const end = new SeriesEnd(world.signals, timer, world.request.timeout);
  const series = new Series(world);
  let worst: LastWords = { code: 0, text: '' };
  let mayGoOn = true;
  while (mayGoOn) {
    const startedAt = timer.now();
    const ended = await runOnce(series.turn(end));
    if (worstOf(worst.code, ended.code) === ended.code) worst = ended;
    const pause = Math.max(startedAt + every - timer.now(), series.length * PAUSE_FACTOR);
    if (pause > every && end.by === undefined) series.say(LONG_PAUSE);
    mayGoOn = await end.pause(pause);
  }
  series.say(seriesMessage(end.by, series.counts));
  series.close();
  end.dispose();
  return { ...worst, code: worstOf(worst.code, end.by === 'SIGINT' ? exitCodeOfStop('SIGINT') : 0) };
}

/** Makes each run of a series: with the connections of the run before, and with what is left of `--max-prune`. */
class Series {
  readonly #world: SeriesWorld;
  readonly #connections: ReturnType<Runtime['keepConnections']>;
  readonly #news: News;
  #runs = 0;
  #failed = 0;
  #pruned = 0;
  #length = 0;

  constructor(world: SeriesWorld) {
    this.#world = world;
    this.#connections = world.runtime.keepConnections();
    this.#news = new News(world.log);
  }

  /** Returns how many runs there were, and how many of them failed. */
  get counts(): NonNullable<Ended['runs']> {
    return { total: this.#runs, failed: this.#failed };
  }

  /** Returns the milliseconds that the last run took. Its metrics do not count, because they are not sent to the cluster. */
  get length(): number {
    return this.#length;
  }

  /** Returns what the next run gets. */
  turn({ timeLeft, signals }: SeriesEnd): Turn {
    const { request, runtime } = this.#world;
    const { maxPrune } = request.settings;
    const settings = { ...request.settings, ...(maxPrune && { maxPrune: this.#budget(maxPrune) }) };
    this.#news.startRun();
    return {
      request: { ...request, settings, ...(timeLeft !== undefined && { timeout: timeLeft }) },
      runtime: this.#runtime(runtime),
      signals,
      log: this.#news.log,
    };
  }

  /** Tells about the series itself, except with `--quiet`. */
  say(message: string): void {
    if (!this.#world.request.style.quiet) this.#news.log.say('info', message);
  }

  /** Closes the connections. */
  close(): void {
    this.#connections.close();
  }

  /** All runs together may delete as many copies as one. */
  #budget(maxPrune: MaxPrune): MaxPrune {
    return this.#pruned === 0 ? maxPrune : { ...maxPrune, used: this.#pruned };
  }

  #runtime(runtime: Runtime): Runtime {
    return {
      ...runtime,
      run: async (request, hooks) => {
        const startedAt = this.#world.timer.now();
        const result = await this.#connections.run(request, hooks);
        this.#length = this.#world.timer.now() - startedAt;
        return result;
      },
      print: (report, style, world) => {
        if (this.#news.isNew(report)) runtime.print(report, style, world);
      },
      printEnd: (report, exitCode, style, world) => {
        if (this.#news.isNew(report)) runtime.printEnd(report, exitCode, style, world);
      },
      publish: (ended, stop) => {
        this.#note(ended);
        return runtime.publish({ ...ended, runs: this.counts }, stop);
      },
    };
  }

  /** Without a report, the cluster could not be read. So the next run connects again. */
  #note({ exitCode, report }: Ended): void {
    this.#runs += 1;
    if (!isSuccess(exitCode)) this.#failed += 1;
    if (report === undefined) this.#connections.close();
    this.#pruned += report?.changes.filter(mayHavePruned).length ?? 0;
  }
}

function mayHavePruned({ change, outcome }: AppliedChange): boolean {
  const isDone = outcome.outcome === 'done' || (outcome.outcome === 'skipped' && outcome.why === 'crashed');
  return isPrune(change) && isDone;
}
