import { Chalk } from 'chalk';

/** What a label wants to say by its colour; the words alone say the same. */
export type Tone =
  | 'added'
  | 'changed'
  | 'removed'
  | 'bad'
  | 'warning'
  | 'quiet'
  /** A line that goes from a value, and the place in it of lines that change. */
  | 'lost'
  | 'hunk'
  | 'plain';

/** Colours a text by its tone. */
export type Colorize = (tone: Tone, text: string) => string;

/**
 * The painter of a colour level that `cli/` decided once: chalk's own guess ignores `NO_COLOR`, and a report is
 * the same text on every machine.
 */
export function colorsFor(level: 0 | 1): Colorize {
  const chalk = new Chalk({ level });
  const paints: Readonly<Record<Tone, (text: string) => string>> = {
    added: chalk.green,
    changed: chalk.cyan,
    removed: chalk.magenta,
    bad: chalk.red.bold,
    warning: chalk.yellow,
    quiet: chalk.dim,
    lost: chalk.red,
    hunk: chalk.cyan,
    plain: (text) => text,
  };
  return (tone, text) => paints[tone](text);
}
