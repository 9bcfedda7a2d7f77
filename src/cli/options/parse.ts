import { Argument, Command, CommanderError } from 'commander';
import { COMMAND_HELP, COMPLETION_HELP, EXAMPLES, EXIT_CODES, INTRODUCTION, VARIABLES } from './help.ts';
import { addOptions } from './inputs.ts';
import { OBJECT_ABOUT } from './question.ts';
import { type Request, requestFrom } from './request.ts';
import { type CommandName, COMMANDS, type OptionSpec, type Shell, SHELLS } from './command-line.ts';
import { OPTIONS, variableOf } from './spec.ts';
import { UsageError } from './usage-error.ts';
import type { Environment } from './values.ts';
import { version } from '../version.ts';

/** What a command line asks for: a run, a text such as the help, or the completion script of a shell. */
export type Parsed = { readonly request: Request } | { readonly text: string } | { readonly shell: Shell };

/** What the help depends on. */
export interface HelpStyle {
  readonly columns?: number;
  /** The path that the program was started by. */
  readonly program?: string | undefined;
}

/** Parses the command line and the environment. Throws a {@link UsageError} if they are wrong. */
export function parse(argv: readonly string[], env: Environment, style: HelpStyle = {}): Parsed {
  const said = { out: '', err: '' };
  const program = programOf(style, said);
  let parsed: Parsed | undefined;
  for (const name of COMMANDS) {
    const command = addCommand(name, program);
    // To make options takes longer than all the rest, so a command that is not in the line gets none.
    if (!argv.includes(name)) continue;
    const inputs = addOptions(name, command, env);
    if (name === 'explain') command.addArgument(new Argument('[object]', OBJECT_ABOUT));
    command.action((first: unknown) => {
      const argument = typeof first === 'string' ? first : undefined;
      parsed = { request: requestFrom(name, inputs(), env, argument) };
    });
  }
  addCompletion(program, (shell) => void (parsed = { shell }));
  try {
    program.parse(argv.map(withPreset), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text: said.out };
    throw usageError(error, said.err, program);
  }
  if (parsed === undefined) throw new Error('no command has run');
  return parsed;
}

/**
 * Returns the value of an option before the command line is understood: an error in that very line must have the form,
 * and go to the file, that the line asks for. `render` has none of the options that are looked up here.
 */
export function preparse(name: string, argv: readonly string[], env: Environment): string | undefined {
  if (argv.find((word) => !word.startsWith('-')) === 'render') return undefined;
  const given = argv.flatMap((word, at) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
    return word === `--${name}` ? [argv[at + 1] ?? ''] : [];
  });
  const value = given.at(-1) ?? env[variableOf(name)]?.trim() ?? '';
  return value === '' || value.startsWith('--') ? undefined : value;
}

const PRESETS: ReadonlyMap<string, string> = new Map(
  Object.entries<OptionSpec>(OPTIONS).flatMap(([name, { preset }]) =>
    preset === undefined ? [] : [[`--${name}`, `--${name}=${preset}`]],
  ),
);

/** `--dry-run` → `--dry-run=client`: commander would take the next word for its value, which kubectl never does. */
function withPreset(word: string): string {
  return PRESETS.get(word) ?? word;
}

/** Commander quotes a mistyped option with its value, which may be the URL of a Pushgateway with a password. */
function usageError({ code, message }: CommanderError, help: string, program: Command): UsageError {
  const hint = `see ${program.name()} --help`;
  if (code === 'commander.help') return new UsageError(`no command was given; ${hint}`, help);
  const text = message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/:\/\/[^/\s]*@/g, '://***@')
    .replace(/\.$/, '');
  return new UsageError(`${text}; ${hint}`);
}

function programOf({ columns = 80, program = '' }: HelpStyle, said: { out: string; err: string }): Command {
  // kubectl starts its plugins by this name.
  const name = /\bkubectl-kubed_sync(\.\w+)?$/.test(program) ? 'kubectl kubed-sync' : 'kubed-sync';
  return new Command(name)
    .description(INTRODUCTION)
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', `\n${EXAMPLES}`)
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({ optionTerm: ({ flags }) => flags.replace(/^--.*, /, '').replace(/ \[(.*)\]$/, '[=$1]') })
    .configureOutput({
      writeOut: (text) => void (said.out += text),
      writeErr: (text) => void (said.err += text),
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function addCommand(name: CommandName, program: Command): Command {
  const { summary, description, examples, exitCodes = EXIT_CODES } = COMMAND_HELP[name];
  return program
    .command(name)
    .summary(summary)
    .description(description)
    .addHelpText('after', `\n${[VARIABLES, exitCodes, examples].join('\n\n')}`)
    .allowExcessArguments(false);
}

function addCompletion(program: Command, take: (shell: Shell) => void): void {
  const { summary, description, examples } = COMPLETION_HELP;
  program
    .command('completion')
    .summary(summary)
    .description(description)
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', `\n${examples}`)
    .allowExcessArguments(false)
    .action(take);
}
