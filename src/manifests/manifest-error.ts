import type { ManifestProblem } from '../model/manifest.ts';

/** Carries a problem out of nested functions. The callers in this folder turn it into data. */
export class ManifestError extends Error {
  readonly problem: ManifestProblem;

  constructor(problem: ManifestProblem) {
    super(problem.issue.code);
    this.problem = problem;
  }
}
