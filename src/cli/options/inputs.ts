import { parseSwitch } from './values.ts';
import { OPTIONS, type OptionSpec, variableOf } from './spec.ts';
import { Refusal } from './usage-error.ts';

/** A value with the place it came from, which a refusal names. */
export interface Given {
  readonly from: string;
  readonly text: string;
}

/** A switch that was set, on the command line or in the environment. */
export interface Switch {
  readonly on: boolean;
  readonly onCommandLine: boolean;
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What commander read: by option name, the values given or `true`. */
export type CommandLine = ReadonlyMap<string, readonly string[] | true>;

/**
 * Looks options up on the command line and then in the environment: the command line wins as a whole, it does not
 * add to a list of the environment. An empty variable counts as unset, as container specs often have such.
 */
export class Inputs {
  readonly #line: CommandLine;
  readonly #env: Environment;
  readonly #names: ReadonlySet<string>;

  /** Variables of options that are not among these are other commands' business. */
  constructor(line: CommandLine, env: Environment, options: readonly OptionSpec[] = OPTIONS) {
    this.#line = line;
    this.#env = env;
    this.#names = new Set(options.map(({ name }) => name));
  }

  /** The value of an option that has one. */
  one<T>(name: string, parse: (text: string) => T): T | undefined {
    const given = this.#onLine(name).at(-1) ?? this.#inEnvironment(name);
    return given && checked(given, parse);
  }

  /** The values of a repeatable option under all its spellings; in the environment they are separated by commas. */
  all<T>(names: readonly string[], parse: (text: string) => T): readonly T[] {
    const onLine = names.flatMap((name) => this.#onLine(name));
    const given = onLine.length > 0 ? onLine : names.flatMap((name) => this.#listed(name));
    return [...new Set(given.map((one) => checked(one, parse)))];
  }

  /** A switch, or nothing where it was not mentioned. */
  flag(name: string): Switch | undefined {
    if (this.#line.has(name)) return { on: true, onCommandLine: true };
    const given = this.#inEnvironment(name);
    return given && { on: checked(given, parseSwitch), onCommandLine: false };
  }

  /** Whether an option was given on the command line itself. */
  isOnCommandLine(name: string): boolean {
    return this.#line.has(name);
  }

  #onLine(name: string): readonly Given[] {
    const values = this.#line.get(name);
    return Array.isArray(values) ? values.map((text: string) => ({ from: `--${name}`, text })) : [];
  }

  #inEnvironment(name: string): Given | undefined {
    const from = variableOf(name);
    const text = this.#names.has(name) ? (this.#env[from]?.trim() ?? '') : '';
    return text === '' ? undefined : { from, text };
  }

  #listed(name: string): readonly Given[] {
    const given = this.#inEnvironment(name);
    if (given === undefined) return [];
    return given.text.split(',').map((text) => ({ from: given.from, text: text.trim() }));
  }
}

/** Any text but an empty one: `--context "$UNSET"` must not mean the current context. */
export function parseText(text: string): string {
  if (text === '') throw new Refusal('the value is empty');
  return text;
}

function checked<T>({ from, text }: Given, parse: (text: string) => T): T {
  if (OPTIONS.some(({ name }) => text === `--${name}`)) {
    throw new Refusal(`${from}: the value is missing before ${text}`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(`${from}: ${error.message}`);
    throw error;
  }
}
