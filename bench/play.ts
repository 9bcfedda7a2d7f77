import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bar, Case, Contender, Measure } from './cases.ts';
import { countInstructions, measure, type Sample } from './measure.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** One measure of one case, and whether it clears its bars. */
export interface Row {
  readonly what: string;
  readonly unit: Measure['unit'];
  readonly program: Spread;
  readonly baseline: Spread;
  /** Of the runs pair by pair, so that a slow minute of the machine touches both sides. */
  readonly ratio: Spread | undefined;
  readonly bar?: Bar & { readonly met: boolean };
  readonly goal?: Bar & { readonly met: boolean };
}

/** What came out of a case. */
export interface Result {
  readonly name: string;
  readonly program: string;
  readonly baseline: string;
  readonly runs: number;
  readonly rows: readonly Row[];
  readonly samples: { readonly program: readonly Sample[]; readonly baseline: readonly Sample[] };
}

const BASELINE = fileURLToPath(new URL('./baseline.js', import.meta.url));

/** Runs a case, both sides by turns and in changing order; the program comes last, since it leaves the cluster in step. */
export async function play(one: Case, folder: string, runs = one.runs): Promise<Result> {
  const [program, baseline]: [Sample[], Sample[]] = [[], []];
  for (let round = 0; round < runs; round += 1) {
    const sides: readonly (readonly [Contender, Sample[]])[] = [
      [one.baseline, baseline],
      [one.program, program],
    ];
    const swapped = round % 2 === 1 && round < runs - 1;
    for (const [contender, samples] of swapped ? sides.toReversed() : sides)
      samples.push(await runOnce(contender, folder, one.bare));
  }
  const rows = one.measures.map((each) => {
    const ours = program.map((sample) => each.value(sample, one.program));
    return rowOf(
      each,
      ours,
      baseline.map((sample) => each.value(sample, one.baseline)),
    );
  });
  return {
    name: one.name,
    program: one.program.is,
    baseline: one.baseline.is,
    runs,
    rows,
    samples: { program, baseline },
  };
}

async function runOnce(contender: Contender, folder: string, bare = false): Promise<Sample> {
  await contender.prepare?.();
  return measure(await argumentsOf(contender, folder), bare);
}

async function argumentsOf({ args, job }: Contender, folder: string): Promise<readonly string[]> {
  if (job === undefined) return args;
  const file = join(folder, 'job.json');
  await writeFile(file, JSON.stringify(job()));
  return [BASELINE, file];
}

/** One more row of a case: the instructions of both sides; none where they cannot be counted. */
export async function playInstructions(one: Case, folder: string): Promise<readonly Row[]> {
  if (one.counted !== true) return [];
  const ours = await countInstructions(await argumentsOf(one.program, folder));
  const theirs = await countInstructions(await argumentsOf(one.baseline, folder));
  if (ours === undefined || theirs === undefined) return [];
  return [rowOf({ what: 'instructions', unit: 'M' }, [ours], [theirs])];
}

/** A row of what both sides were measured to be. */
export function rowOf(
  { what, unit, bar, goal }: Omit<Measure, 'value'>,
  ours: readonly number[],
  theirs: readonly number[],
): Row {
  const ratios = ours.map((one, index) => one / (theirs[index] ?? Number.NaN));
  const comparable = theirs.length > 0 && theirs.every((one) => one > 0);
  const row = {
    program: spreadOf(ours),
    baseline: spreadOf(theirs),
    ratio: comparable ? spreadOf(ratios) : undefined,
  };
  return {
    what,
    unit,
    ...row,
    ...(bar && { bar: { ...bar, met: isMet(bar, row) } }),
    ...(goal && { goal: { ...goal, met: isMet(goal, row) } }),
  };
}

function isMet({ of, most, least }: Bar, row: Pick<Row, 'program' | 'ratio'>): boolean {
  const { median } = row[of] ?? { median: Number.NaN };
  return median <= (most ?? Number.POSITIVE_INFINITY) && median >= (least ?? Number.NEGATIVE_INFINITY);
}
