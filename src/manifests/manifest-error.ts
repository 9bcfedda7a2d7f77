import type { ManifestProblem } from '../model/manifest.ts';

/** Ends the reading of manifests at the first that is wrong; `readManifests` turns it into data. */
export class ManifestError extends Error {
  readonly problem: ManifestProblem;

  constructor(problem: ManifestProblem) {
    super(problem.trouble.code);
    this.problem = problem;
  }
}
