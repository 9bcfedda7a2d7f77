import {
  atMost,
  BYTES,
  type Case,
  CPU,
  LIST_REQUESTS,
  type Measure,
  MEMORY,
  TIME,
  WRITES,
  type Bench,
} from './cases.ts';
import type { Size } from './scene.ts';

/*
 * How cost grows: a quiet run in one cluster against a quiet run in another, each on a server of its own.
 */

/** Two clusters to compare. */
export interface Growth {
  readonly name: string;
  /**
   * The first sync one by one and on a clock that stands still: else large values, which take longer to write, have
   * more different times and resource versions in more disorder, and the same length of metadata is zipped some
   * percent worse. That would be compared, and not what the values bring.
   */
  readonly inOrder: boolean;
  readonly size: Size;
  readonly smaller: Size;
  readonly caseOf: (bench: Bench, smaller: Bench) => Case;
}

const NO_HELM = { helmSecrets: 0, helmBytes: 0 };

/** Both comparisons. */
export const GROWTHS: readonly Growth[] = [
  {
    name: 'a CA bundle of 220 KB',
    inOrder: true,
    size: { namespaces: 1000, sources: 1, bytes: 220_000, ...NO_HELM },
    smaller: { namespaces: 1000, sources: 1, bytes: 2000, ...NO_HELM },
    caseOf: largeValues,
  },
  {
    name: '100,000 copies in 10,000 namespaces, nothing to do',
    inOrder: false,
    size: { namespaces: 10_000, sources: 10, bytes: 200, ...NO_HELM },
    smaller: { namespaces: 100, sources: 10, bytes: 200, ...NO_HELM },
    caseOf: manyCopies,
  },
];

function largeValues(bench: Bench, smaller: Bench): Case {
  return {
    name: 'a CA bundle of 220 KB',
    runs: 5,
    program: { is: 'kubed-sync', args: bench.reconcile },
    baseline: { is: 'the same of 2 KB', args: smaller.reconcile },
    measures: [
      TIME,
      CPU,
      MEMORY,
      { ...LIST_REQUESTS, bar: atMost(3) },
      { ...WRITES, bar: atMost(0) },
      { ...BYTES, bar: atMost(1.05, 'ratio') },
    ],
  };
}

function manyCopies(bench: Bench, smaller: Bench): Case {
  const { copies } = smaller.scene;
  const perCopy: Measure = {
    what: 'time per copy',
    unit: 'µs',
    value: ({ wall }, contender) => (wall * 1000) / (contender.copies ?? Number.NaN),
  };
  return {
    name: '100,000 copies in 10,000 namespaces, nothing to do',
    runs: 3,
    program: { is: 'kubed-sync', args: bench.reconcile, copies: bench.scene.copies },
    baseline: { is: 'the same of 1,000 copies', args: smaller.reconcile, copies },
    measures: [
      TIME,
      { ...perCopy, bar: atMost(1.5, 'ratio') },
      { ...CPU, bar: atMost(3000) },
      { ...MEMORY, bar: atMost(400) },
      LIST_REQUESTS,
      { ...WRITES, bar: atMost(0) },
      BYTES,
    ],
  };
}
