import type { Environment, Parse } from './values.ts';

/* What a command line consists of: commands, shells, and the shape of an option. `spec.ts` has all options. */

/** What the program can be asked to do, in the order of the help. */
export const COMMANDS = ['reconcile', 'explain', 'purge', 'render', 'migrate'] as const;

/** One of {@link COMMANDS}. */
export type CommandName = (typeof COMMANDS)[number];

/** The word that completion scripts start the program with. It is in no help. */
export const COMPLETE = 'complete';

/** The shells that `completion` prints a script for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** Names that a shell can complete but the table cannot list. */
export type Names = 'contexts' | 'namespaces' | 'files' | 'directories';

/** One option of the command line, which is also an environment variable. */
export interface OptionSpec<T = unknown> {
  /** The heading in the help. */
  readonly group: string;
  readonly about: string;
  /** The commands that have it. The others refuse it and ignore its variable. */
  readonly commands: readonly CommandName[];
  /** Stands for the value in the help. A switch has none. */
  readonly value?: string;
  readonly parse?: (text: string, env: Environment) => unknown;
  /** Its value where it is not given. The values of a repeatable option are an array. */
  readonly initial: T;
  readonly repeatable: boolean;
  /** The value that a bare `--name` means. Any other value follows a `=`. */
  readonly preset?: string;
  readonly short?: string;
  /** An older name that still works. */
  readonly formerly?: string;
  /** Commands whose help does not show it. */
  readonly hidden?: readonly CommandName[];
  /** The values that it can have, or else where they come from. A shell completes them. */
  readonly choices?: readonly string[] | Names;
}

type More = Partial<Pick<OptionSpec, 'commands' | 'preset' | 'short' | 'formerly' | 'hidden' | 'choices'>>;

type Row<T> = [value: string, parse: Parse<T>, about: string, more?: More];

/** What makes the rows of one group of options. */
interface Rows {
  /** An option with one value. */
  readonly one: <T>(...row: Row<T>) => OptionSpec<T | undefined>;
  /** An option that can be repeated. */
  readonly many: <T>(...row: Row<T>) => OptionSpec<readonly T[]>;
  /** A switch. */
  readonly flag: (about: string, more?: More & { readonly initial?: boolean }) => OptionSpec<boolean>;
}

/** Returns what makes the rows of one group. */
export function rows(group: string, commands: readonly CommandName[]): Rows {
  return {
    one: (value, parse, about, more) => ({
      group,
      commands,
      about,
      value,
      parse,
      initial: undefined,
      repeatable: false,
      ...more,
    }),
    many: (value, parse, about, more) => ({
      group,
      commands,
      about,
      value,
      parse,
      initial: [],
      repeatable: true,
      ...more,
    }),
    flag: (about, more) => ({ group, commands, about, initial: false, repeatable: false, ...more }),
  };
}
