import type { Job } from './baseline.ts';
import type { Target } from './client.ts';
import type { Sample } from './measure.ts';
import type { Scene } from './scene.ts';

/** A bar that a row has to clear: a most or a least, of the program's own value or of its ratio to the baseline. */
export interface Bar {
  readonly of: 'program' | 'ratio';
  readonly most?: number;
  readonly least?: number;
}

/** One thing that is read off a run. */
export interface Measure {
  readonly what: string;
  readonly unit: 'ms' | 'MB' | 'KB' | '/s' | '';
  readonly value: (sample: Sample) => number;
  readonly bar?: Bar;
  /** What is aimed at next. */
  readonly goal?: Bar;
}

/** A process to measure, and what has to be done before each of its runs. */
export interface Contender {
  readonly is: string;
  readonly args: readonly string[];
  readonly job?: Job;
  readonly prepare?: () => Promise<void>;
}

/** One comparison: program and baseline by turns, so often. */
export interface Case {
  readonly name: string;
  readonly runs: number;
  /** Without the probe, where even loading that would count. */
  readonly bare?: boolean;
  readonly program: Contender;
  readonly baseline: Contender;
  readonly measures: readonly Measure[];
}

/** Where the cases find what they work with. */
export interface Bench {
  readonly scene: Scene;
  readonly target: Target;
  /** The program itself, to be run by node. */
  readonly program: string;
  /** Arguments of a reconcile of the whole cluster. */
  readonly reconcile: readonly string[];
  readonly concurrency: number;
}

/** The page size of the program; the requests of both sides are counted, so that a difference shows. */
const LISTS: readonly (readonly string[])[] = [
  [
    '/api/v1/configmaps?limit=10000',
    `/api/v1/secrets?limit=10000&fieldSelector=${encodeURIComponent('type!=helm.sh/release.v1')}`,
  ],
  ['/api/v1/namespaces?limit=10000'],
];

const TIME: Measure = { what: 'time', unit: 'ms', value: ({ wall }) => wall };
const CPU: Measure = { what: 'processor', unit: 'ms', value: ({ cpu }) => cpu };
const MEMORY: Measure = { what: 'memory', unit: 'MB', value: ({ memory }) => memory / 1e6 };
const BYTES: Measure = { what: 'received', unit: 'KB', value: ({ bytes }) => bytes / 1e3 };

const READS: Measure = { what: 'reads', unit: '', value: ({ requests }) => requests['GET'] ?? 0 };
const WRITES: Measure = { what: 'writes', unit: '', value: writesOf };
const RATE: Measure = {
  what: 'rate of writes',
  unit: '/s',
  value: (sample) => writesOf(sample) / (sample.writing / 1000),
};

function writesOf({ requests }: Sample): number {
  return Object.entries(requests).reduce((sum, [method, count]) => sum + (method === 'GET' ? 0 : count), 0);
}

function atMost(most: number, of: Bar['of'] = 'program'): Bar {
  return { of, most };
}

function atLeast(least: number, of: Bar['of'] = 'program'): Bar {
  return { of, least };
}

/** Every case, in the order in which they are run: each leaves a cluster where nothing is left to do. */
export function casesOf(bench: Bench): readonly Case[] {
  return [firstSync(bench), nothingToDo(bench), oneSource(bench), oneCopy(bench), version(bench)];
}

function lists({ target, concurrency }: Bench): Contender {
  return { is: 'the same lists', args: [], job: { target, concurrency, job: 'lists', lists: LISTS } };
}

function nothingToDo(bench: Bench): Case {
  return {
    name: 'nothing to do',
    runs: 9,
    program: { is: 'kubed-sync', args: bench.reconcile },
    baseline: lists(bench),
    measures: [
      { ...TIME, bar: atMost(1.6, 'ratio'), goal: atMost(1.3, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150), goal: atMost(1.2, 'ratio') },
      { ...READS, bar: atMost(3) },
      { ...WRITES, bar: atMost(0) },
      BYTES,
    ],
  };
}

function firstSync(bench: Bench): Case {
  const { scene, target, concurrency } = bench;
  const prepare = (): Promise<void> => scene.deleteCopies();
  const writes = scene.posts();
  return {
    name: 'first sync',
    runs: 3,
    // Both begin with no copy at all, and the program comes last: the cases behind find everything in step.
    baseline: { is: 'plain POSTs', args: [], job: { target, concurrency, job: 'writes', writes }, prepare },
    program: { is: 'kubed-sync', args: bench.reconcile, prepare },
    measures: [
      TIME,
      { ...RATE, bar: atLeast(0.8, 'ratio'), goal: atLeast(0.9, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150), goal: atMost(120) },
      READS,
      { ...WRITES, bar: atMost(scene.copies) },
    ],
  };
}

function oneSource(bench: Bench): Case {
  const { scene, target, concurrency } = bench;
  const writes = scene.patches();
  return {
    name: 'one source changed',
    runs: 5,
    program: { is: 'kubed-sync', args: bench.reconcile, prepare: () => scene.changeSource() },
    baseline: { is: 'plain PATCHes', args: [], job: { target, concurrency, job: 'writes', writes } },
    measures: [
      TIME,
      { ...RATE, goal: atLeast(0.9, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150) },
      // Three lists, the source, and its copies in pages.
      READS,
      { ...WRITES, bar: atMost(scene.size.namespaces) },
    ],
  };
}

function oneCopy(bench: Bench): Case {
  const { scene } = bench;
  return {
    name: 'one copy edited',
    runs: 7,
    program: { is: 'kubed-sync', args: bench.reconcile, prepare: () => scene.editCopy() },
    baseline: { is: 'nothing to do', args: bench.reconcile },
    measures: [
      { ...TIME, goal: atMost(1.1, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150) },
      { ...READS, goal: atMost(5) },
      { ...WRITES, bar: atMost(1) },
    ],
  };
}

function version({ program }: Bench): Case {
  return {
    name: '--version',
    runs: 9,
    bare: true,
    program: { is: 'kubed-sync', args: [program, '--version'] },
    baseline: { is: 'bare node', args: ['-e', '0'] },
    measures: [{ ...TIME, goal: atMost(1.6, 'ratio') }],
  };
}
