import { visible } from '../report/visible.ts';
import type { Environment } from './options/inputs.ts';

/** An exception that nobody expected, in words. */
interface CrashWords {
  readonly message: string;
  readonly hint: string;
  readonly stack: readonly string[];
}

/**
 * What is said of an exception that nobody expected: one line and how to report it, the stack on request only. The
 * message of a SyntaxError quotes the text that was parsed, which may be a Secret, and is left out.
 */
export function crashWords(error: unknown, argv: readonly string[], env: Environment): CrashWords {
  const debug =
    (env['KUBED_SYNC_DEBUG'] ?? '') !== '' || argv.some((word) => word === '-v' || word === '--verbose');
  const stack = debug && error instanceof Error ? framesOf(error) : [];
  const hint = 'This is a bug in kubed-sync; KUBED_SYNC_DEBUG=1 shows where. Please report it.';
  return { message: `unexpected: ${visible(messageOf(error))}`, hint, stack };
}

/** The same as lines for people. */
export function crashReport(error: unknown, argv: readonly string[], env: Environment): string {
  const { message, hint, stack } = crashWords(error, argv, env);
  return [`kubed-sync: ${message}`, `kubed-sync: ${hint}`, ...stack, ''].join('\n');
}

function messageOf(error: unknown): string {
  if (error instanceof SyntaxError) return error.name;
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
}

function framesOf({ stack = '' }: Error): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map(visible);
}
