import { COMMAND_HELP, COMPLETION_HELP } from './help.ts';
import { COMMANDS, type CommandName, type Names, type OptionSpec, SHELLS } from './command-line.ts';
import { optionsOf } from './spec.ts';

/** A word that may stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What may stand where the cursor is: words, or names that have to be looked up. */
export interface Candidates {
  /** What the word begins with. For `--output=js` it is `js`. */
  readonly prefix: string;
  readonly from: readonly Candidate[] | Names;
}

/** Returns what may be in the place of the last word. Example: `reconcile --color a` → `auto` and `always`. */
export function candidatesFor(words: readonly string[]): Candidates {
  const last = words.at(-1) ?? '';
  const [first] = words;
  if (words.length <= 1) return { prefix: last, from: last.startsWith('-') ? PROGRAM_OPTIONS : commands() };
  const command = COMMANDS.find((one) => one === first);
  if (command !== undefined) return ofCommand(command, words.slice(1, -1), last);
  if (words.length > 2) return { prefix: last, from: [] };
  if (first === 'completion') return { prefix: last, from: listed(SHELLS) };
  return { prefix: last, from: first === 'help' ? commands() : [] };
}

const HELP: Candidate = { value: '--help', about: 'show this help' };
const PROGRAM_OPTIONS = [HELP, { value: '--version', about: 'print the version' }];

function commands(): readonly Candidate[] {
  const all = COMMANDS.map((value) => ({ value, about: COMMAND_HELP[value].summary }));
  return [...all, { value: 'completion', about: COMPLETION_HELP.summary }];
}

function listed(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: '' }));
}

/** One option of a command, with its name. */
type Entry = readonly [name: string, spec: OptionSpec];

function ofCommand(command: CommandName, before: readonly string[], last: string): Candidates {
  const entries = optionsOf(command);
  const { waiting, given, ended } = readWords(entries, before);
  if (waiting !== undefined) return { prefix: last, from: valuesOf(waiting, before, entries) };
  if (ended) return { prefix: last, from: [] };
  const [, name, prefix] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
  if (name === undefined || prefix === undefined)
    return { prefix: last, from: last.startsWith('-') ? optionNames(command, entries, given) : [] };
  const entry = entries.find((one) => namesOf(one).includes(name));
  return { prefix, from: entry === undefined ? [] : valuesOf(entry, before, entries) };
}

/** What the words before the cursor say about it. */
interface Before {
  /** The option whose value is next. */
  readonly waiting: Entry | undefined;
  readonly given: ReadonlySet<Entry>;
  /** After `--` there are no options. */
  readonly ended: boolean;
}

function readWords(entries: readonly Entry[], words: readonly string[]): Before {
  const given = new Set<Entry>();
  let waiting: Entry | undefined;
  for (const word of words) {
    if (waiting !== undefined) {
      waiting = undefined;
      continue;
    }
    if (word === '--') return { waiting, given, ended: true };
    const [name = ''] = word.split('=');
    const entry = entries.find((one) => namesOf(one).includes(name));
    if (entry === undefined) continue;
    given.add(entry);
    if (name === word && takesNextWord(entry)) waiting = entry;
  }
  return { waiting, given, ended: false };
}

function namesOf([name, { short, formerly }]: Entry): readonly string[] {
  return [`--${name}`, ...(short ? [`-${short}`] : []), ...(formerly ? [`--${formerly}`] : [])];
}

/** An option with a preset takes its value only after a `=`. */
function takesNextWord([, { value, preset }]: Entry): boolean {
  return value !== undefined && preset === undefined;
}

/** A command that connects to no cluster gets no names of one. */
function valuesOf(
  [, { choices = [] }]: Entry,
  before: readonly string[],
  entries: readonly Entry[],
): Candidates['from'] {
  const connects = entries.some(([name]) => name === 'context') && !before.includes('--offline');
  if (choices === 'namespaces' && !connects) return [];
  return typeof choices === 'string' ? choices : listed(choices);
}

function optionNames(
  command: CommandName,
  entries: readonly Entry[],
  given: ReadonlySet<Entry>,
): readonly Candidate[] {
  const shown = entries.filter(
    (entry) => !(entry[1].hidden ?? []).includes(command) && (entry[1].repeatable || !given.has(entry)),
  );
  return [...shown.map(([name, { about }]) => ({ value: `--${name}`, about: shortened(about) })), HELP];
}

/** The help of an option up to its details. */
function shortened(about: string): string {
  return about.split(/ \(|[:;]/)[0] ?? about;
}
