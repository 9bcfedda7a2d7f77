import type { Kind, OnConflict } from '../../core/model.ts';
import { Refusal } from './usage-error.ts';

/** What `-o` prints. */
export type Output = 'text' | 'json' | 'yaml' | 'markdown';

/** How the log is written (`--log-format`). */
export type LogFormat = 'text' | 'json';

/** Who works a dry run out: this program alone, or the API server as well; `none` is no dry run. */
export type DryRun = 'none' | 'client' | 'server';

/** When `--color` colours. */
export type ColorWish = 'auto' | 'always' | 'never';

const OUTPUTS: readonly Output[] = ['text', 'json', 'yaml', 'markdown'];
const LOG_FORMATS: readonly LogFormat[] = ['text', 'json'];
const DRY_RUNS: readonly DryRun[] = ['client', 'server', 'none'];
const COLORS: readonly ColorWish[] = ['auto', 'always', 'never'];
const CONFLICTS: readonly OnConflict[] = ['fail', 'skip', 'adopt'];

const KIND_NAMES: ReadonlyMap<string, Kind> = new Map([
  ['configmap', 'ConfigMap'],
  ['configmaps', 'ConfigMap'],
  ['cm', 'ConfigMap'],
  ['secret', 'Secret'],
  ['secrets', 'Secret'],
]);

/** `--output`. */
export function parseOutput(text: string): Output {
  return oneOf(OUTPUTS, text);
}

/** `--log-format`. */
export function parseLogFormat(text: string): LogFormat {
  return oneOf(LOG_FORMATS, text);
}

/** `--color`. */
export function parseColor(text: string): ColorWish {
  return oneOf(COLORS, text);
}

/** `--on-conflict`. */
export function parseOnConflict(text: string): OnConflict {
  return oneOf(CONFLICTS, text);
}

/** `--kind`, by the names that kubectl knows the kinds by. */
export function parseKind(text: string): Kind {
  const kind = KIND_NAMES.get(text.toLowerCase());
  if (kind === undefined) throw new Refusal(`"${text}" is neither configmap nor secret`);
  return kind;
}

/** `--dry-run`, by the words of kubectl, or as the switch that it is without a value. */
export function parseDryRun(text: string): DryRun {
  const choice = DRY_RUNS.find((one) => one === text);
  if (choice !== undefined) return choice;
  if (!/^(true|false|[01])$/i.test(text)) throw new Refusal(`"${text}" is none of ${DRY_RUNS.join(', ')}`);
  return parseSwitch(text) ? 'client' : 'none';
}

/** A switch in an environment variable. */
export function parseSwitch(text: string): boolean {
  const word = text.toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  throw new Refusal(`"${text}" is neither true nor false`);
}

function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw new Refusal(`"${text}" is none of ${choices.join(', ')}`);
  return choice;
}
