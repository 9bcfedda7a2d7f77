import type { MaxPrune } from '../../core/model.ts';
import { Refusal } from './usage-error.ts';

/** `--max-prune`: a count, or percent of the copies in scope. */
export function parseMaxPrune(text: string): MaxPrune {
  const [, digits, sign] = /^(\d+)(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(number)) {
    throw new Refusal(`"${text}" is neither a count such as 20 nor a percentage such as 10%`);
  }
  if (sign === '') return { count: number };
  if (number > 100) throw new Refusal(`"${text}" is more than 100%`);
  return { percent: number };
}

/** `--concurrency`; beyond a thousand the API server only queues. */
export function parseConcurrency(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 1000) return number;
  throw new Refusal(`"${text}" is no whole number from 1 to 1000`);
}
