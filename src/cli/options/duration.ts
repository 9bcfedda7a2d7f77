import { Refusal } from './usage-error.ts';

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
};

const WHOLE = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PARTS = /(\d+\.?\d*|\.\d+)([^\d.]+)/g;

/** The longest that a timer of Node can wait; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * A duration as Go's `time.ParseDuration` and so kubectl read it, in milliseconds; `0` is none. Whatever is not zero
 * is at least a millisecond, since a tiny time-out is not the same as none.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (!WHOLE.test(text))
    throw new Refusal(`"${text}" is no duration; write it like 90s, 1m30s or 500ms (0 for none)`);
  const parts = [...text.matchAll(PARTS)].map(
    ([, number = '', unit = '']) => Number(number) * (UNITS[unit] ?? 0),
  );
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (total > LONGEST) throw new Refusal(`"${text}" is too long; at most 596h`);
  return total === 0 ? 0 : Math.max(1, Math.round(total));
}

/** As {@link parseDuration}, and a bare number is seconds, as for kubectl's `--request-timeout`. */
export function parseRequestTimeout(text: string): number {
  return parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
}
