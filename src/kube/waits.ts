import { Places } from './places.ts';

type End = () => void;

const known = new WeakMap<AbortSignal, Places<End>>();

/** The waits that the abort of a signal ends. They share one listener, for each would cost more than its time limit does. */
export function waitsOn(signal: AbortSignal): Pick<Places<End>, 'add'> {
  const before = known.get(signal);
  if (before !== undefined) return before;
  const waits = new Places<End>();
  signal.addEventListener('abort', () => waits.forEach((end) => end()), { once: true });
  known.set(signal, waits);
  return waits;
}
