import { setFlagsFromString } from 'node:v8';
import type { Progress, RunHooks } from '../run.ts';

/** Writes from which on optimized code wins back what making it takes: it costs 1,000 of them a fifth, and saves it of 10,000. */
const MANY_WRITES = 2000;

/** Lists of more than one page are long as well: known before the first item is there, and of items the first cost most. */
function isLong(event: Progress): boolean {
  switch (event.phase) {
    case 'reading':
      return event.more === true;
    case 'writing':
    case 'rehearsing':
      return event.total >= MANY_WRITES;
    case 'comparing':
    case 'retrying':
      return false;
  }
}

type SetFlags = (flags: string) => void;

/**
 * What sets flags on this Node.js. Version 22 counts them as changed even when they are put back, and would compile the program
 * anew in every run: there nothing is held back.
 */
export function setterFor(version: string): SetFlags {
  return version.startsWith('v22.') ? () => undefined : setFlagsFromString;
}

/**
 * Keeps V8's optimizing compiler out of a short run: in a run of half a second most of what it makes is never used, and the
 * threads that it works on are taken from an API server or a pod's share of a core. A run that turns out to be long gets it.
 *
 * Node warns of changed flags in general. This one is only looked at when V8 chooses what to compile next; no code that is
 * there, and no result, depends on it. It is put back, since a compile cache fits only the flags that it was written with.
 *
 * @param setFlags - `setFlagsFromString` of node:v8, or a stand-in.
 */
export async function optimizeLate<T>(
  hooks: RunHooks,
  run: (hooks: RunHooks) => Promise<T>,
  setFlags: SetFlags = setterFor(process.version),
): Promise<T> {
  let isHeld = true;
  const release = (): void => {
    if (isHeld) setFlags('--opt');
    isHeld = false;
  };
  const progress: RunHooks['progress'] = (event) => {
    if (isLong(event)) release();
    hooks.progress(event);
  };
  setFlags('--no-opt');
  try {
    return await run({ ...hooks, progress });
  } finally {
    release();
  }
}
