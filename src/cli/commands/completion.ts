import { setTimeout as sleep } from 'node:timers/promises';
import { script } from '@bomb.sh/tab';
import { type Candidate, type Candidates, candidatesFor } from '../options/candidates.ts';
import { preparse } from '../options/parse.ts';
import type { Connect } from '../options/request.ts';
import type { Shell } from '../options/command-line.ts';
import type { Environment } from '../options/values.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import type { Runtime } from '../runtime.ts';
import { version } from '../version.ts';
import { BASH_SCRIPT, ZSH_SCRIPT } from './completion-scripts.ts';

/** What completion needs of the world. */
export interface CompletionWorld {
  readonly env: Environment;
  readonly stdout: Output;
  readonly runtime: () => Promise<Pick<Runtime, 'contexts' | 'namespaces'>>;
}

/** What a shell does with the candidates (cobra: shell completion, "ShellCompDirective"). */
const DIRECTIVE = { files: 0, noFiles: 4, directories: 16 } as const;

/** How long a person who pressed Tab waits for the cluster, in milliseconds. */
const TIME_LIMIT = 1000;

/**
 * Prints the completion script of a shell. Those of the package for bash and zsh do not complete `--option=value`, files and
 * names with a colon.
 */
export function printScript(shell: Shell, stdout: Output): void {
  if (shell === 'bash') stdout.write(BASH_SCRIPT);
  else if (shell === 'zsh') stdout.write(ZSH_SCRIPT);
  else script(shell, 'kubed-sync', 'kubed-sync');
}

/**
 * Prints the candidates for the last word, one per line, and then a directive for the shell. The words follow a `--`. An
 * error would end up in the line that the person is typing, so there are no candidates instead.
 */
export async function complete(argv: readonly string[], world: CompletionWorld): Promise<number> {
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  const { prefix, from } = candidatesFor(words);
  if (from === 'files' || from === 'directories') world.stdout.write(`:${DIRECTIVE[from]}\n`);
  else {
    const list = await withinLimit(from, words, world);
    const lines = list.filter(({ value }) => value.startsWith(prefix)).map(lineOf);
    world.stdout.write([...lines, `:${DIRECTIVE.noFiles}\n`].join('\n'));
  }
  return EXIT.ok;
}

function lineOf({ value, about }: Candidate): string {
  return about === '' ? value : `${value}\t${about}`;
}

type Listed = Exclude<Candidates['from'], 'files' | 'directories'>;

async function withinLimit(
  from: Listed,
  words: readonly string[],
  world: CompletionWorld,
): Promise<readonly Candidate[]> {
  if (typeof from !== 'string') return from;
  const stop = new AbortController();
  try {
    const names = lookUp(from, words, world, stop.signal);
    const found = await Promise.race([names, sleep(TIME_LIMIT, [], { ref: true, signal: stop.signal })]);
    return found.filter(isPlain).map((value) => ({ value, about: '' }));
  } catch {
    return [];
  } finally {
    stop.abort();
  }
}

/** Some shells would run a name such as `$(date)`, so only names without special characters are candidates. */
function isPlain(name: string): boolean {
  return /^[\p{L}\p{N}_./@+][\p{L}\p{N}_./@+:=,%-]*$/u.test(name);
}

async function lookUp(
  what: 'contexts' | 'namespaces',
  words: readonly string[],
  { env, runtime }: CompletionWorld,
  stop: AbortSignal,
): Promise<readonly string[]> {
  const connect = connectFor(words, env);
  const { contexts, namespaces } = await runtime();
  return what === 'contexts' ? contexts(connect) : namespaces(connect, stop);
}

function connectFor(words: readonly string[], env: Environment): Connect {
  // The last word is not finished.
  const given = (name: string): string | undefined => preparse(name, words.slice(0, -1), env);
  const [kubeconfig, context, as] = ['kubeconfig', 'context', 'as'].map(given);
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(as !== undefined && { as }),
    asGroups: [],
    requestTimeout: TIME_LIMIT,
    userAgent: `kubed-sync/${version()}`,
    env,
  };
}
