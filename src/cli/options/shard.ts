import type { Shard } from '../../core/model.ts';
import type { Environment } from './inputs.ts';
import { Refusal } from './usage-error.ts';

/** Set by the Job controller in the containers of an Indexed Job (Kubernetes: Jobs, "Completion mode"). */
const INDEX = 'JOB_COMPLETION_INDEX';

const MOST = 1000;

/** `--shard`: `0/3`, or `auto/3` where the Job says which. A wrong one would leave namespaces to nobody. */
export function parseShard(text: string, env: Environment): Shard {
  const [, part = '', total] = /^(auto|\d+)\/(\d+)$/.exec(text) ?? [];
  if (total === undefined) {
    throw new Refusal(`"${text}" is no shard: write I/N such as 0/3, or auto/N in a pod of an Indexed Job`);
  }
  const count = Number(total);
  if (count < 1 || count > MOST)
    throw new Refusal(`"${text}" is no shard: N is a whole number from 1 to ${MOST}`);
  return { index: part === 'auto' ? indexOfJob(text, count, env) : indexOf(part, text, count), count };
}

function indexOf(part: string, text: string, count: number): number {
  const index = Number(part);
  if (index < count) return index;
  throw new Refusal(
    `"${text}" is no shard: I goes from 0 to N-1, here ${count === 1 ? 'only 0' : span(count)}`,
  );
}

function indexOfJob(text: string, count: number, env: Environment): number {
  const value = env[INDEX]?.trim() ?? '';
  if (value === '') {
    throw new Refusal(`"${text}" needs ${INDEX}, which is not set: only a pod of an Indexed Job has it`);
  }
  const index = /^\d+$/.test(value) ? Number(value) : count;
  if (index < count) return index;
  throw new Refusal(
    `"${text}" needs a ${INDEX} ${span(count)}, and it is "${value}": the Job has to have ${count} completion${count === 1 ? '' : 's'}`,
  );
}

function span(count: number): string {
  return count === 1 ? 'of 0' : `from 0 to ${count - 1}`;
}
