import { type Command, Option } from 'commander';
import type { CommandName, OptionSpec } from './command-line.ts';
import type { OptionName, OptionValues } from './spec.ts';
import { OPTIONS, optionsOf, variableOf } from './spec.ts';
import { UsageError } from './usage-error.ts';
import { type Environment, parseSwitch } from './values.ts';

/** The values of all options, from the command line or else from the environment. */
export interface Inputs {
  readonly options: OptionValues;
  readonly isOnCommandLine: (name: OptionName) => boolean;
}

/**
 * Gives a command its options, and returns a function that reads them once commander has parsed the line. Only then is
 * an invalid value an error: an unknown option is reported first, and `--help` always helps.
 */
export function addOptions(name: CommandName, command: Command, env: Environment): () => Inputs {
  const errors: unknown[] = [];
  for (const [one, { initial }] of Object.entries<OptionSpec>(OPTIONS))
    if (!one.startsWith('no-')) command.setOptionValueWithSource(attributeOf(one), initial, 'default');
  for (const [one, spec] of optionsOf(name)) {
    const option = optionOf(name, one, spec);
    command.addOption(option);
    if (spec.value === undefined) continue;
    option.argParser((text, before: unknown) => {
      try {
        return valueAfter(before, text, `--${one}`, spec, env);
      } catch (error) {
        errors.push(error);
        return before;
      }
    });
  }
  return () => {
    if (errors.length > 0) throw errors[0];
    for (const [one, spec] of optionsOf(name)) readVariables(one, spec, command, env);
    return {
      options: command.opts<OptionValues>(),
      isOnCommandLine: (one) => command.getOptionValueSource(attributeOf(one)) === 'cli',
    };
  };
}

/** `max-prune` → `maxPrune`, and `no-prune` → `prune`. */
function attributeOf(name: string): string {
  return new Option(`--${name}`).attributeName();
}

function optionOf(command: CommandName, name: string, spec: OptionSpec): Option {
  const { about, value, preset, short, formerly, group, hidden = [] } = spec;
  // Commander knows an option by two names only, so one with a former name cannot have a short one.
  const other = formerly === undefined ? short && `-${short}` : `--${formerly}`;
  const shown = value && (preset === undefined ? ` <${value}>` : ` [${value}]`);
  return new Option(`${other ? `${other}, ` : ''}--${name}${shown ?? ''}`, about)
    .helpGroup(group)
    .hideHelp(hidden.includes(command));
}

/**
 * Reads the variables of an option that is not on the command line, which wins as a whole. Commander's own `.env()`
 * would take an empty variable for a value and any switch for true, and it has no lists.
 */
function readVariables(name: string, spec: OptionSpec, command: Command, env: Environment): void {
  const attribute = attributeOf(name);
  if (command.getOptionValueSource(attribute) === 'cli') return;
  for (const variable of [name, ...(spec.formerly ? [spec.formerly] : [])].map(variableOf)) {
    // Container specs often have empty variables: they count as unset.
    const text = env[variable]?.trim() ?? '';
    for (const one of text === '' ? [] : spec.repeatable ? text.split(',') : [text]) {
      const value = valueAfter(command.getOptionValue(attribute), one.trim(), variable, spec, env);
      const isNegation = name.startsWith('no-');
      // KUBED_SYNC_NO_PRUNE=false does not undo KUBED_SYNC_PRUNE=false: when in doubt, nothing is deleted.
      if (!isNegation) command.setOptionValueWithSource(attribute, value, 'env');
      else if (value === true) command.setOptionValueWithSource(attribute, false, 'env');
    }
  }
}

/** Returns the value of an option after one more text for it; an error names the place that the text is from. */
function valueAfter(
  before: unknown,
  text: string,
  from: string,
  { parse = parseSwitch, repeatable }: OptionSpec,
  env: Environment,
): unknown {
  const value = withPlace(from, () => {
    refuseOption(text);
    return parse(text, env);
  });
  if (!repeatable) return value;
  const list: readonly unknown[] = Array.isArray(before) ? before : [];
  return list.includes(value) ? list : [...list, value];
}

/** `--context --dry-run`: the value was forgotten. No valid value looks like one of our options. */
function refuseOption(text: string): void {
  const [, name = ''] = /^--([^=]+)/.exec(text) ?? [];
  if (Object.hasOwn(OPTIONS, name)) throw new UsageError(`the value is missing before --${name}`);
}

function withPlace<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${place}: ${error.message}`) : error;
  }
}
