import type { Report } from '../../model/run-report.ts';
import { reportContent } from '../../report/json/report-content.ts';
import type { Log } from '../log.ts';

/**
 * Decides what a series of runs prints: a report that made a change or differs from the report before it, and a line of the
 * log that the run before did not write.
 *
 * Example: nothing to do, nothing to do, a copy created, nothing to do → the first, the third and the fourth report.
 */
export class News {
  /** The log of the present run. */
  readonly log: Log;
  #saidBefore = new Set<string>();
  #said = new Set<string>();
  #shown: string | undefined;
  #last: { readonly report: Report; readonly isNew: boolean } | undefined;

  constructor(log: Log) {
    this.log = {
      say: (level, message, fields) => {
        this.#said.add(message);
        if (!this.#saidBefore.has(message)) log.say(level, message, fields);
      },
    };
  }

  /** Begins another run. After a run without a report, the next report is new. */
  startRun(): void {
    this.#saidBefore = this.#said;
    this.#said = new Set();
    if (this.#last === undefined) this.#shown = undefined;
    this.#last = undefined;
  }

  /** Returns whether to print the report of this run. */
  isNew(report: Report): boolean {
    if (this.#last?.report === report) return this.#last.isNew;
    const content = reportContent(report);
    const isNew = content !== this.#shown || report.changes.some(({ outcome }) => outcome.outcome === 'done');
    this.#shown = content;
    this.#last = { report, isNew };
    return isNew;
  }
}
