import type { Failure } from '../core/failure.ts';
import type { Stopped } from '../core/outcome.ts';
import type { Manifests } from '../core/manifest.ts';
import { failureLine, stoppedLine } from '../report/failure.ts';
import { manifestLine, passedOverLine } from '../report/manifests.ts';
import { stoppingWords } from '../report/progress.ts';
import type { Engine } from './engine.ts';
import { EXIT, exitCodeOf, exitCodeOfStop } from './exit.ts';
import type { Environment } from './inputs.ts';
import type { Screens } from './print.ts';
import { complaint, interpret } from './program.ts';
import { progressOn } from './progress.ts';
import type { Request } from './request.ts';
import { type Signals, stopBy } from './stop.ts';

/** The world as a command sees it: the process, or a stand-in. */
export interface World extends Screens {
  readonly env: Environment;
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
      if (invocation.stdout !== '') world.stdout.write(invocation.stdout);
      if (invocation.stderr !== '') world.stderr.write(invocation.stderr);
      return invocation.code;
    case 'reconcile':
    case 'purge':
    case 'render':
      return readAndRun(invocation.request, world);
  }
}

/** Manifests come first, while a signal still ends the program at once: stdin may never come to an end. */
async function readAndRun(request: Request, world: World): Promise<number> {
  const { filenames } = request.manifests;
  if (filenames.length === 0) return run(request, world);
  const engine = await world.engine();
  const read = await engine.readManifests(filenames);
  if (!read.ok) {
    world.stderr.write(complaint(manifestLine(read.problem)));
    return EXIT.usage;
  }
  const passedOver = request.style.quiet ? undefined : passedOverLine(read.value);
  if (passedOver !== undefined) world.stderr.write(complaint(passedOver));
  if (request.command === 'render') return engine.render(request, read.value, world, complaint);
  return run(request, world, read.value);
}

async function run(request: Request, world: World, manifests?: Manifests): Promise<number> {
  const view = progressOn(world.stderr, request.style);
  const stop = stopBy(world.signals, request.timeout, {
    stopping: (by) => announce(by, request, world, view.end),
    impatient: () => world.exit(exitCodeOfStop('SIGINT')),
  });
  try {
    const engine = await world.engine();
    const result = await engine.run(request, { progress: view.show, stop: stop.signal }, manifests);
    view.end();
    if (!result.ok) return tellFailure(result.failure, world, stop.by());
    engine.print(result.value, request.style, world, world.env);
    return exitCodeOf(result.value, request.exitCode);
  } finally {
    view.end();
    stop.dispose();
  }
}

function tellFailure(failure: Failure, { stderr }: World, stopped: Stopped | undefined): number {
  const wasStopped = failure.reason === 'stopped' && stopped !== undefined;
  stderr.write(complaint(wasStopped ? stoppedLine(stopped) : failureLine(failure)));
  return wasStopped ? exitCodeOfStop(stopped) : EXIT.trouble;
}

/** Someone at a terminal is told why the program is still there; a log gets it from the report. */
function announce(by: Stopped, { style }: Request, { stderr }: World, wipe: () => void): void {
  if (style.quiet || by === 'timeout' || !stderr.isTTY) return;
  wipe();
  stderr.write(complaint(stoppingWords(by)));
}
