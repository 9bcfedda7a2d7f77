import { command, type World } from './command.ts';
import { crashReport, crashWords } from './crash.ts';
import { earlyValue } from './options/early.ts';
import { EXIT } from './exit.ts';
import { logOn } from './log.ts';
import { writeTermination } from './termination.ts';

const argv = process.argv.slice(2);
const now = (): Date => new Date();
const isJson = earlyValue('log-format', argv, process.env) === 'json';

const log = logOn(process.stderr, isJson ? 'json' : 'text', now);

function crashed(error: unknown): void {
  const { message, hint, stack } = crashWords(error, argv, process.env);
  if (isJson) log.say('error', message, { hint, ...(stack.length > 0 && { stack }) });
  else process.stderr.write(crashReport(error, argv, process.env));
  process.exitCode = EXIT.trouble;
  writeTermination(earlyValue('termination-message', argv, process.env), message, log);
}

/** Outside of the command's own promise nothing is left to wait for. */
function crashedElsewhere(error: unknown): void {
  crashed(error);
  process.exit();
}

/** A reader that went away (`| head`) is no trouble; a full disk is. */
function lostReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT.trouble;
  log.say('error', `the report cannot be written (${error.code ?? error.name})`);
}

/** Longer than anything of ours takes to end. */
const LINGER = 1000;

function linger(): void {
  setTimeout(() => process.exit(), LINGER).unref();
}

/** Nothing that outlives the run, such as a credential plugin that hangs, keeps the process once all is printed. */
function leave(): void {
  process.stdout.write('', () => process.stderr.write('', linger));
}

const world: World = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now,
  signals: process,
  exit: (code) => process.exit(code),
  engine: async () => (await import('./engine.ts')).ENGINE,
};

process.stdout.on('error', lostReader);
// Nobody is left to read about an error of stderr.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', crashedElsewhere);
process.on('unhandledRejection', crashedElsewhere);

/** A promise and no top-level await: the bundle is CommonJS. */
async function main(): Promise<void> {
  try {
    process.exitCode = await command(argv, world);
  } catch (error) {
    crashed(error);
  }
  leave();
}

void main();
