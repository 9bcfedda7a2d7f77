import type { Job, Kubectl, Writes } from './baseline.ts';
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
  readonly unit: 'ms' | 'µs' | 'MB' | 'KB' | '/s' | 'M' | '';
  readonly value: (sample: Sample, contender: Contender) => number;
  readonly bar?: Bar;
  /** What is aimed at next. */
  readonly goal?: Bar;
}

/** A process to measure, and what has to be done before each of its runs. */
export interface Contender {
  readonly is: string;
  readonly args: readonly string[];
  /** What node alone is to do, made anew for each run: a server has less to do for a patch that it has already. */
  readonly job?: () => Job;
  readonly prepare?: () => Promise<void>;
  /** How many copies it looks after, where the two sides differ in that. */
  readonly copies?: number;
}

/** One comparison: program and baseline by turns, so often. */
export interface Case {
  readonly name: string;
  readonly runs: number;
  /** Without the probe, where even loading that would count. */
  readonly bare?: boolean;
  /** With `--instructions`: short enough to be counted, and the same each time. */
  readonly counted?: boolean;
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
  /** Undefined where there is none. */
  readonly kubectl: Kubectl | undefined;
}

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The page size of the program; the requests of both sides are counted, so that a difference shows. */
const LISTS: readonly (readonly string[])[] = [
  [
    '/api/v1/configmaps?limit=10000',
    `/api/v1/secrets?limit=10000&fieldSelector=${encodeURIComponent('type!=helm.sh/release.v1')}`,
  ],
  ['/api/v1/namespaces?limit=10000'],
];

export const TIME: Measure = { what: 'time', unit: 'ms', value: ({ wall }) => wall };
export const CPU: Measure = { what: 'processor', unit: 'ms', value: ({ cpu }) => cpu };
export const MEMORY: Measure = { what: 'memory', unit: 'MB', value: ({ memory }) => memory / 1e6 };
export const BYTES: Measure = { what: 'received', unit: 'KB', value: ({ bytes }) => bytes / 1e3 };

export const LIST_REQUESTS: Measure = {
  what: 'lists',
  unit: '',
  value: ({ requests }) => requests['list'] ?? 0,
};
const GETS: Measure = { what: 'gets', unit: '', value: ({ requests }) => requests['get'] ?? 0 };
export const WRITES: Measure = { what: 'writes', unit: '', value: writesOf };
const REQUESTS: Measure = {
  what: 'requests',
  unit: '',
  value: ({ requests }) => Object.values(requests).reduce((sum, count) => sum + count, 0),
};
const RATE: Measure = {
  what: 'rate of writes',
  unit: '/s',
  value: (sample) => writesOf(sample) / (sample.writing / 1000),
};

function writesOf({ requests }: Sample): number {
  return ['create', 'patch', 'delete'].reduce((sum, verb) => sum + (requests[verb] ?? 0), 0);
}

/** A bar from above. */
export function atMost(most: number, of: Bar['of'] = 'program'): Bar {
  return { of, most };
}

function atLeast(least: number, of: Bar['of'] = 'program'): Bar {
  return { of, least };
}

/** Every case, in the order in which they are run: each leaves a cluster where nothing is left to do. */
export function casesOf(bench: Bench): readonly Case[] {
  return [
    firstSync(bench),
    ...(bench.kubectl === undefined ? [] : [kubectlLoop(bench, bench.kubectl)]),
    nothingToDo(bench),
    inFull(bench),
    oneSource(bench),
    oneCopy(bench),
    start(bench, '--version'),
    start(bench, '--help'),
  ];
}

function lists({ target, concurrency }: Bench, is: string, accept: string): Contender {
  return { is, args: [], job: () => ({ target, concurrency, job: 'lists', lists: LISTS, accept }) };
}

function plain({ target, concurrency }: Bench, is: string, writes: () => Writes): Contender {
  return { is, args: [], job: () => ({ target, concurrency, job: 'writes', writes: writes() }) };
}

function nothingToDo(bench: Bench): Case {
  return {
    name: 'nothing to do',
    runs: 11,
    program: { is: 'kubed-sync', args: bench.reconcile },
    counted: true,
    baseline: lists(bench, 'the same lists', METADATA),
    measures: [
      { ...TIME, bar: atMost(1.6, 'ratio'), goal: atMost(1.3, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150), goal: atMost(1.2, 'ratio') },
      { ...LIST_REQUESTS, bar: atMost(3) },
      { ...GETS, bar: atMost(0) },
      { ...WRITES, bar: atMost(0) },
      { ...BYTES, bar: atMost(1.05, 'ratio') },
    ],
  };
}

/** What reading everything would cost, even without Helm's Secrets. */
function inFull(bench: Bench): Case {
  return {
    name: 'nothing to do, bodies listed',
    runs: 3,
    program: { is: 'kubed-sync', args: bench.reconcile },
    baseline: lists(bench, 'the same lists with bodies', 'application/json'),
    measures: [TIME, CPU, MEMORY, LIST_REQUESTS, BYTES],
  };
}

const SAMPLE = 10;

/** Of the loop only a sample is run: what all would take is that time multiplied. */
function kubectlLoop(bench: Bench, kubectl: Kubectl): Case {
  const { scene, target, concurrency } = bench;
  const prepare = (): Promise<void> => scene.deleteCopies();
  const writes = scene.somePosts(SAMPLE);
  const copies = writes.namespaces.length * writes.bodies.length;
  const perCopy: Measure['value'] = ({ wall }, contender) => wall / (contender.copies ?? 1);
  return {
    name: 'first sync, kubectl',
    runs: 1,
    program: { is: 'kubed-sync', args: bench.reconcile, prepare, copies: scene.copies },
    baseline: {
      is: `kubectl apply for each copy (a sample of ${copies}, the rest extrapolated)`,
      args: [],
      job: () => ({ target, concurrency, job: 'kubectl', kubectl, writes }),
      prepare,
      copies,
    },
    measures: [
      { what: 'time for all', unit: 'ms', value: (...run) => perCopy(...run) * scene.copies },
      { what: 'time per copy', unit: 'µs', value: (...run) => perCopy(...run) * 1000 },
    ],
  };
}

function firstSync(bench: Bench): Case {
  const { scene } = bench;
  const prepare = (): Promise<void> => scene.deleteCopies();
  return {
    name: 'first sync',
    runs: 5,
    // Both begin with no copy at all, and the program comes last: the cases behind find everything in step.
    baseline: { ...plain(bench, 'plain POSTs', () => scene.posts()), prepare },
    program: { is: 'kubed-sync', args: bench.reconcile, prepare },
    measures: [
      TIME,
      { ...RATE, bar: atLeast(0.8, 'ratio'), goal: atLeast(0.9, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150), goal: atMost(120) },
      { ...LIST_REQUESTS, bar: atMost(3) },
      { ...GETS, bar: atMost(scene.size.sources) },
      { ...WRITES, bar: atMost(scene.copies) },
      BYTES,
    ],
  };
}

function oneSource(bench: Bench): Case {
  const { scene } = bench;
  return {
    name: 'one source changed',
    runs: 21,
    program: { is: 'kubed-sync', args: bench.reconcile, prepare: () => scene.changeSource() },
    baseline: plain(bench, 'plain PATCHes', () => scene.patches()),
    measures: [
      TIME,
      { ...RATE, goal: atLeast(0.9, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150) },
      // The three of every run, and its copies in pages.
      LIST_REQUESTS,
      { ...GETS, bar: atMost(1) },
      { ...WRITES, bar: atMost(scene.size.namespaces) },
      BYTES,
    ],
  };
}

function oneCopy(bench: Bench): Case {
  const { scene } = bench;
  return {
    name: 'one copy edited',
    runs: 21,
    program: { is: 'kubed-sync', args: bench.reconcile, prepare: () => scene.editCopy() },
    baseline: { is: 'nothing to do', args: bench.reconcile, prepare: () => scene.editBystander() },
    measures: [
      { ...TIME, goal: atMost(1.1, 'ratio') },
      CPU,
      { ...MEMORY, bar: atMost(150) },
      { ...REQUESTS, bar: atMost(6) },
      { ...WRITES, bar: atMost(1) },
      BYTES,
    ],
  };
}

function start({ program }: Bench, option: string): Case {
  return {
    name: option,
    runs: 9,
    bare: true,
    counted: true,
    program: { is: 'kubed-sync', args: [program, option] },
    baseline: { is: 'bare node', args: ['-e', '0'] },
    measures: [{ ...TIME, bar: atMost(1.6, 'ratio') }],
  };
}
