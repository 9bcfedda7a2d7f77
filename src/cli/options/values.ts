import type { Kind } from '../../model/objects.ts';
import type { MaxPrune, OnConflict, Shard } from '../../model/settings.ts';
import { isLabelKey, isLabelValue, isNamespaceName } from '../../plan/annotations/name-syntax.ts';
import { UsageError } from './usage-error.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Turns the text of an option into its value, or throws a {@link UsageError}. */
export type Parse<T> = (text: string, env: Environment) => T;

/** What `--output` prints. */
export type OutputFormat = 'text' | 'json' | 'yaml' | 'markdown';

/** How the log is written (`--log-format`). */
export type LogFormat = 'text' | 'json';

/** Who works out a dry run: this program alone, or the API server as well. `none` is a real run. */
export type DryRun = 'none' | 'client' | 'server';

/** When to print in color (`--color`). */
export type ColorMode = 'auto' | 'always' | 'never';

/** A Pushgateway. Its credentials are apart from its address, because only the address is ever printed. */
export interface Pushgateway {
  /** Without user and password, and without a slash at its end. */
  readonly url: string;
  /** The value of the Authorization header, if the URL has a user (RFC 7617). */
  readonly authorization?: string;
}

/** The choices of `--dry-run`. */
export const DRY_RUNS: readonly DryRun[] = ['client', 'server', 'none'];

/** The choices of `--output`. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = ['text', 'json', 'yaml', 'markdown'];

/** The choices of `--log-format`. */
export const LOG_FORMATS: readonly LogFormat[] = ['text', 'json'];

/** The choices of `--color`. */
export const COLOR_MODES: readonly ColorMode[] = ['auto', 'always', 'never'];

/** The choices of `--on-conflict`. */
export const CONFLICT_CHOICES: readonly OnConflict[] = ['fail', 'skip', 'adopt'];

/** The choices of `--kind`. The parser takes other spellings too. */
export const KIND_CHOICES: readonly string[] = ['configmap', 'secret'];

/** `--output`. */
export const parseOutput = oneOf(OUTPUT_FORMATS);

/** `--log-format`. */
export const parseLogFormat = oneOf(LOG_FORMATS);

/** `--color`. */
export const parseColor = oneOf(COLOR_MODES);

/** `--on-conflict`. */
export const parseOnConflict = oneOf(CONFLICT_CHOICES);

/** `--dry-run`: the words of kubectl, or true and false as for a switch. */
export function parseDryRun(text: string): DryRun {
  if (/^(true|false|[01])$/i.test(text)) return parseSwitch(text) ? 'client' : 'none';
  return oneOf(DRY_RUNS)(text);
}

/** `--kind`, by the names that kubectl has for the kinds. */
export function parseKind(text: string): Kind {
  if (/^(configmaps?|cm)$/i.test(text)) return 'ConfigMap';
  if (/^secrets?$/i.test(text)) return 'Secret';
  throw new UsageError(`"${text}" is neither configmap nor secret`);
}

/** A switch in an environment variable. */
export function parseSwitch(text: string): boolean {
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw new UsageError(`"${text}" is neither true nor false`);
}

/** Any text except an empty one: `--context "$UNSET"` must not mean the current context. */
export function parseText(text: string): string {
  if (text === '') throw new UsageError('the value is empty');
  return text;
}

/** Returns a parser that accepts these words only. */
export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new UsageError(`"${text}" is not one of ${choices.join(', ')}`);
    return choice;
  };
}

const LONGEST_NAMESPACE = 63;

/** The name of a namespace. */
export function parseNamespace(text: string): string {
  if (isNamespaceName(text)) return text;
  throw new UsageError(
    `invalid namespace name "${text}" (a-z, 0-9, and "-" between them, at most 63 characters)`,
  );
}

/** A pattern over namespace names. One that can match no name is refused: a mistyped bound would be no bound. */
export function parseGlob(text: string): string {
  if (!/^[-a-z0-9*?]+$/.test(text))
    throw new UsageError(`invalid pattern of namespace names "${text}" (a-z, 0-9, "-", "*" and "?")`);
  if (/^-|-$/.test(text))
    throw new UsageError(`"${text}" matches no namespace: a name does not begin or end with "-"`);
  if (text.replaceAll('*', '').length > LONGEST_NAMESPACE)
    throw new UsageError(`"${text}" matches no namespace: a name has at most 63 characters`);
  return text;
}

/** The value of the label `kubed.appscode.com/origin.cluster`. Empty is the default. */
export function parseClusterName(text: string): string {
  if (isLabelValue(text)) return text;
  throw new UsageError(
    `invalid label value "${text}" (letters, digits, and "-", "_", "." between them, at most 63 characters)`,
  );
}

/** A label or annotation key, or a prefix of such keys that ends in `*`. */
export function parseStrip(text: string): string {
  if (text === '*')
    throw new UsageError('"*" would strip every label and annotation; write a prefix such as example.com/*');
  const prefix = text.endsWith('*') ? text.slice(0, -1) : undefined;
  // Some key begins with the prefix when the prefix itself, or the prefix and one more letter, is a key.
  if (prefix === undefined ? isLabelKey(text) : isLabelKey(prefix) || isLabelKey(`${prefix}a`)) return text;
  throw new UsageError(`"${text}" is neither a label or annotation key nor a prefix of one that ends in "*"`);
}

/** `--max-prune`: a count, or a percentage of the copies in scope. */
export function parseMaxPrune(text: string): MaxPrune {
  const [, digits, sign] = /^(\d+)(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(number))
    throw new UsageError(`"${text}" is neither a count such as 20 nor a percentage such as 10%`);
  if (sign === '') return { count: number };
  if (number > 100) throw new UsageError(`"${text}" is more than 100%`);
  return { percent: number };
}

/** `--concurrency`. With more than a thousand, requests only wait at the API server. */
export function parseConcurrency(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 1000) return number;
  throw new UsageError(`"${text}" is not a whole number from 1 to 1000`);
}

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
const DURATION = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PARTS = /(\d+\.?\d*|\.\d+)([^\d.]+)/g;

/** The longest time that a timer of Node can wait. A longer one would fire at once. */
const LONGEST_TIME = 2 ** 31 - 1;

/**
 * Returns a duration in milliseconds. It is written as for Go's `time.ParseDuration`, and so as for kubectl: `1m30s`
 * → 90,000. Every duration except zero is at least one millisecond, because zero means no limit.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (!DURATION.test(text))
    throw new UsageError(`invalid duration "${text}"; write it like 90s, 1m30s or 500ms (0 for none)`);
  const parts = [...text.matchAll(PARTS)].map(
    ([, number = '', unit = '']) => Number(number) * (UNITS[unit] ?? 0),
  );
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (total > LONGEST_TIME) throw new UsageError(`"${text}" is too long; at most 596h`);
  return total === 0 ? 0 : Math.max(1, Math.round(total));
}

/** As {@link parseDuration}, and a bare number is seconds, as for kubectl's `--request-timeout`. */
export function parseRequestTimeout(text: string): number {
  return parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
}

/** The Job controller sets it in the containers of an Indexed Job (Kubernetes: Jobs, "Completion mode"). */
const JOB_INDEX = 'JOB_COMPLETION_INDEX';
const MOST_SHARDS = 1000;

/** `--shard`: `0/3`, or `auto/3`, where the Job says which. With a wrong one no run would take some namespaces. */
export function parseShard(text: string, env: Environment): Shard {
  const [, part = '', total] = /^(auto|\d+)\/(\d+)$/.exec(text) ?? [];
  const invalid = `invalid shard "${text}"`;
  if (total === undefined)
    throw new UsageError(`${invalid}: write I/N such as 0/3, or auto/N in a pod of an Indexed Job`);
  const count = Number(total);
  if (count < 1 || count > MOST_SHARDS)
    throw new UsageError(`${invalid}: N is a whole number from 1 to ${MOST_SHARDS}`);
  const index = part === 'auto' ? jobIndex(text, count, env) : Number(part);
  if (index < count) return { index, count };
  throw new UsageError(`${invalid}: I goes from 0 to N-1, here ${count === 1 ? 'only 0' : span(count)}`);
}

function jobIndex(text: string, count: number, env: Environment): number {
  const value = env[JOB_INDEX]?.trim() ?? '';
  if (value === '')
    throw new UsageError(
      `"${text}" needs ${JOB_INDEX}, which is not set: only a pod of an Indexed Job has it`,
    );
  if (/^\d+$/.test(value) && Number(value) < count) return Number(value);
  throw new UsageError(
    `"${text}" needs a ${JOB_INDEX} ${span(count)}, and it is "${value}": the Job must have ${count} completion${count === 1 ? '' : 's'}`,
  );
}

function span(count: number): string {
  return count === 1 ? 'of 0' : `from 0 to ${count - 1}`;
}

/** `--pushgateway`. A URL that is refused is not repeated, because it may hold a password. */
export function parsePushgateway(text: string): Pushgateway {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new UsageError('the value is not a URL that begins with http:// or https://');
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (search !== '' || hash !== '') throw new UsageError('the URL must end with its path, without ? and #');
  const url = `${origin}${pathname.replace(/\/+$/, '')}`;
  if (username === '' && password === '') return { url };
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { url, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError('the user or password in the URL is not percent-encoded');
  }
}
