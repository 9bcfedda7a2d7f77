import type { ColorWish } from './options/values.ts';
import type { Environment } from './options/inputs.ts';

/**
 * Whether to colour: what the option says, else `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb`, else whether
 * a terminal is there. Decided here once, since chalk by itself ignores `NO_COLOR`.
 */
export function colorLevel(wish: ColorWish, env: Environment, isTerminal: boolean): 0 | 1 {
  switch (wish) {
    case 'always':
      return 1;
    case 'never':
      return 0;
    case 'auto':
      return automatic(env, isTerminal) ? 1 : 0;
  }
}

function automatic(env: Environment, isTerminal: boolean): boolean {
  const force = env['FORCE_COLOR'] ?? '';
  if ((env['NO_COLOR'] ?? '') !== '' || force === '0' || force === 'false') return false;
  return force !== '' || (isTerminal && env['TERM'] !== 'dumb');
}
