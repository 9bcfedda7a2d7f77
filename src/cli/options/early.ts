import type { Environment } from './inputs.ts';
import { variableOf } from './spec.ts';

/**
 * What an option says before the command line is understood: a complaint about that very line has to be in the form,
 * and at the place, that it asks for. `render` has none of the options that are looked up like this.
 */
export function earlyValue(name: string, argv: readonly string[], env: Environment): string | undefined {
  if (argv.find((word) => !word.startsWith('-')) === 'render') return undefined;
  const given = argv.flatMap((word, at) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
    return word === `--${name}` ? [argv[at + 1] ?? ''] : [];
  });
  const value = given.at(-1) ?? env[variableOf(name)]?.trim() ?? '';
  return value === '' || value.startsWith('--') ? undefined : value;
}
