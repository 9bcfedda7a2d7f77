import { EventEmitter } from 'node:events';
import { sanitize } from '../report/strings/sanitize.ts';
import { runCommand, type World, writeTermination } from './command.ts';
import { EXIT } from './exit.ts';
import { programLine, logOn } from './log.ts';
import { preparse } from './options/parse.ts';
import { COMPLETE } from './options/command-line.ts';
import { SYSTEM_TIMER } from './timer.ts';

const { env } = process;
const argv = process.argv.slice(2);
const now = (): Date => new Date();
const isJson = preparse('log-format', argv, env) === 'json';

const log = logOn(process.stderr, isJson ? 'json' : 'text', now);

/** Reports an exception that is a bug: one line, how to report it, and the stack if it was asked for. */
function reportCrash(error: unknown): string {
  const message = `unexpected: ${sanitize(messageOf(error))}`;
  const hint = 'This is a bug in kubed-sync. Please report it. KUBED_SYNC_DEBUG=1 shows where it is.';
  const stack = framesOf(error);
  if (isJson) log.say('error', message, { hint, ...(stack.length > 0 && { stack }) });
  else
    process.stderr.write(
      [programLine(message), programLine(hint), ...stack.map((line) => `${line}\n`)].join(''),
    );
  return message;
}

/** The message of a SyntaxError quotes the text that was parsed, which may be a Secret. It is left out. */
function messageOf(error: unknown): string {
  if (error instanceof SyntaxError) return error.name;
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}

function framesOf(error: unknown): readonly string[] {
  const isAsked = Boolean(env['KUBED_SYNC_DEBUG']) || argv.includes('-v') || argv.includes('--verbose');
  const { stack = '' } = isAsked && error instanceof Error ? error : {};
  const lines = stack.split('\n');
  return lines.filter((line) => /^\s+at /.test(line)).map(sanitize);
}

function crashed(error: unknown): void {
  const message = reportCrash(error);
  process.exitCode = EXIT.trouble;
  writeTermination(preparse('termination-message', argv, env), message, log);
}

const crashes = new EventEmitter();

/** A run under way leaves its metrics before it ends. Without one there is nothing to wait for. */
function crashedElsewhere(error: unknown): void {
  if (crashes.emit('crash', error)) return;
  crashed(error);
  process.exit();
}

/** A reader that closed the pipe (`| head`) is no problem. A full disk is one. */
function lostReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT.trouble;
  log.say('error', `the report cannot be written (${error.code ?? error.name})`);
}

/** Longer than any of our own work takes to end. Completion waits for nothing: a person is waiting for it. */
const LINGER = argv[0] === COMPLETE ? 0 : 1000;

function linger(): void {
  setTimeout(() => process.exit(), LINGER).unref();
}

/** Once everything is printed, nothing else keeps the process: a credential plugin that hangs would. */
function leave(): void {
  process.stdout.write('', () => process.stderr.write('', linger));
}

const world: World = {
  program: process.argv[1],
  env,
  stdout: process.stdout,
  stderr: process.stderr,
  now,
  signals: process,
  crashes,
  reportCrash,
  exit: (code) => process.exit(code),
  runtime: async () => (await import('./runtime.ts')).RUNTIME,
  timer: SYSTEM_TIMER,
};

process.stdout.on('error', lostReader);
// Nobody is left to read about an error of stderr.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', crashedElsewhere);
process.on('unhandledRejection', crashedElsewhere);

/** An async function instead of a top-level await: the bundle is CommonJS. */
async function main(): Promise<void> {
  try {
    process.exitCode = await runCommand(argv, world);
  } catch (error) {
    crashed(error);
  }
  leave();
}

void main();
