import { Command, CommanderError, Option } from 'commander';
import { EXIT } from '../exit.ts';
import {
  EXAMPLES,
  EXIT_CODES,
  INTRODUCTION,
  PURGE,
  PURGE_EXAMPLES,
  RECONCILE,
  RECONCILE_EXIT_CODES,
  RENDER,
  RENDER_EXAMPLES,
  RENDER_EXIT_CODES,
  VARIABLES,
} from './help.ts';
import { type CommandLine, type Environment, Inputs } from './inputs.ts';
import { complaint } from '../log.ts';
import { optionsOf } from './command-options.ts';
import { type CommandName, OPTIONS, type OptionSpec } from './spec.ts';
import { Refusal } from './usage-error.ts';
import { type Request, requestFrom } from './request.ts';
import { version } from '../version.ts';

/** What a command line asks for: a run, or only words and an exit code. */
export type Invocation =
  | { readonly ask: CommandName; readonly request: Request }
  | { readonly ask: 'words'; readonly stdout: string; readonly stderr: string; readonly code: number };

/**
 * Reads the command line and the environment. Commander takes the words apart, suggests and helps; what values mean
 * is checked by our own parsers, which serve the environment as well.
 */
export function interpret(argv: readonly string[], env: Environment, columns = 80): Invocation {
  const said = { stdout: '', stderr: '' };
  let asked: Asked | undefined;
  const program = programOf(argv, (read) => (asked = read), said, columns);
  try {
    program.parse(withPresets(argv), { from: 'user' });
    if (asked === undefined) return words('', said.stderr, EXIT.usage);
    const { command, line } = asked;
    const inputs = new Inputs(line, env, optionsOf(command));
    return { ask: command, request: requestFrom(command, inputs, env) };
  } catch (error) {
    if (error instanceof Refusal) return words('', complaint(error.message), EXIT.usage);
    if (error instanceof CommanderError) return ofCommander(error, said);
    throw error;
  }
}

const PRESETS: ReadonlyMap<string, string> = new Map(
  OPTIONS.flatMap(({ name, preset }) => (preset === undefined ? [] : [[`--${name}`, preset]])),
);

/** Words that the next word is the value of. */
const ASKING: ReadonlySet<string> = new Set(
  OPTIONS.flatMap(({ name, short, value, preset }) =>
    value === undefined || preset !== undefined ? [] : [`--${name}`, `-${short}`],
  ),
);

/**
 * An option that may stand without a value gets the one that it then means: commander would take the next word for it,
 * where kubectl takes only what stands behind a `=`.
 */
function withPresets(argv: readonly string[]): string[] {
  return argv.map((word, at) => {
    const preset = ASKING.has(argv[at - 1] ?? '') ? undefined : PRESETS.get(word);
    return preset === undefined ? word : `${word}=${preset}`;
  });
}

function words(stdout: string, stderr: string, code: number): Invocation {
  return { ask: 'words', stdout, stderr, code };
}

/** A mistyped option is quoted with its value, which may be the URL of a Pushgateway with a password. */
function ofCommander(error: CommanderError, said: { stdout: string; stderr: string }): Invocation {
  if (error.exitCode === 0) return words(said.stdout, said.stderr, EXIT.ok);
  if (error.code === 'commander.help') return words('', said.stderr, EXIT.usage);
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/:\/\/[^/\s]*@/g, '://***@')
    .replace(/\.$/, '');
  return words('', complaint(`${text}; see kubed-sync --help`), EXIT.usage);
}

type Said = { stdout: string; stderr: string };

/** The command and its options as commander read them. */
interface Asked {
  readonly command: CommandName;
  readonly line: CommandLine;
}

function programOf(
  argv: readonly string[],
  read: (asked: Asked) => void,
  said: Said,
  columns: number,
): Command {
  const program = new Command('kubed-sync')
    .description(INTRODUCTION)
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain')
    .addHelpText('after', `\n${EXAMPLES}`)
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({ optionTerm: ({ flags }) => flags.replace(/ \[(.*)\]$/, '[=$1]') })
    .configureOutput({
      writeOut: (text) => void (said.stdout += text),
      writeErr: (text) => void (said.stderr += text),
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const name of COMMANDS) {
    const command = addCommand(name, program);
    // The options of a command that is not in the line are nobody's: to make them takes longer than all the rest.
    if (argv.includes(name)) addOptions(name, command, read);
  }
  return program;
}

/** What the help of a command says besides its options. */
interface About {
  readonly summary: string;
  readonly description: string;
  readonly examples: string;
  readonly exitCodes?: string;
}

const ABOUT: Readonly<Record<CommandName, About>> = {
  reconcile: {
    summary: 'bring the copies of one cluster in step with their sources',
    description: RECONCILE,
    examples: EXAMPLES,
    exitCodes: RECONCILE_EXIT_CODES,
  },
  purge: {
    summary: 'delete every copy and leave the sources as they are',
    description: PURGE,
    examples: PURGE_EXAMPLES,
  },
  render: {
    summary: 'write the copies of sources in manifests as manifests',
    description: RENDER,
    examples: RENDER_EXAMPLES,
    exitCodes: RENDER_EXIT_CODES,
  },
};

const COMMANDS: readonly CommandName[] = ['reconcile', 'purge', 'render'];

function addCommand(name: CommandName, program: Command): Command {
  const { summary, description, examples, exitCodes = EXIT_CODES } = ABOUT[name];
  return program
    .command(name)
    .summary(summary)
    .description(description)
    .addHelpText('after', `\n${[VARIABLES, exitCodes, examples].join('\n\n')}`)
    .allowExcessArguments(false);
}

function addOptions(name: CommandName, command: Command, read: (asked: Asked) => void): void {
  const options = optionsOf(name).map((spec) => ({ spec, option: optionOf(spec) }));
  for (const { option } of options) command.addOption(option);
  const given = new Map<string, readonly string[] | true>();
  for (const { spec } of options)
    command.on(`option:${spec.name}`, (value?: string) => note(given, spec, value));
  command.action(() => read({ command: name, line: given }));
}

function optionOf({ name, value, preset, short, hidden, group, about }: OptionSpec): Option {
  const shown = preset === undefined ? `<${value}>` : `[${value}]`;
  const long = value === undefined ? `--${name}` : `--${name} ${shown}`;
  const option = new Option(short === undefined ? long : `-${short}, ${long}`, about);
  return option.hideHelp(hidden ?? false).helpGroup(group);
}

/** `--prune` and `--no-prune` undo each other: the later one counts. */
function note(
  given: Map<string, readonly string[] | true>,
  { name, value }: OptionSpec,
  text?: string,
): void {
  if (name === 'prune') given.delete('no-prune');
  if (name === 'no-prune') given.delete('prune');
  const before = given.get(name);
  given.set(name, value === undefined ? true : [...(Array.isArray(before) ? before : []), text ?? '']);
}
