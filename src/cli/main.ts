import { command, type World } from './command.ts';
import { crashReport } from './crash.ts';
import { EXIT } from './exit.ts';

const argv = process.argv.slice(2);

function crashed(error: unknown): void {
  process.stderr.write(crashReport(error, argv, process.env));
  process.exitCode = EXIT.trouble;
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
  process.stderr.write(`kubed-sync: the report cannot be written (${error.code ?? error.name})\n`);
}

/** Longer than anything of ours takes to end. */
const LINGER = 1000;

/** Nothing that outlives the run, such as a credential plugin that hangs, keeps the process once all is printed. */
function leave(): void {
  process.stdout.write('', () => {
    process.stderr.write('', () => void setTimeout(() => process.exit(), LINGER).unref());
  });
}

const world: World = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  exit: (code) => process.exit(code),
  engine: async () => (await import('./engine.ts')).ENGINE,
};

process.stdout.on('error', lostReader);
process.stderr.on('error', () => undefined);
process.on('uncaughtException', crashedElsewhere);
process.on('unhandledRejection', crashedElsewhere);

try {
  process.exitCode = await command(argv, world);
} catch (error) {
  crashed(error);
}
leave();
