import type { PublishProblem, Report } from '../../model/run-report.ts';
import { writeMetrics } from '../../metrics/metrics-file.ts';
import { push } from '../../metrics/pushgateway.ts';
import type { Labels } from '../../report/metrics-format.ts';
import { metricsText, type RunFacts } from '../../report/metrics-text.ts';
import { publishMessage } from '../../report/messages/publish-message.ts';
import { isSuccess } from '../exit.ts';
import type { Request } from '../options/request.ts';
import { version } from '../version.ts';

/** A run that has ended, in whatever way. */
export interface Ended {
  readonly request: Request;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly exitCode: number;
  readonly report: Report | undefined;
}

/** For one try of a push, in milliseconds. A run that was stopped has little time left before it is killed. */
const TIMEOUT = 10_000;
const TIMEOUT_WHEN_STOPPED = 5000;

/** Writes and pushes the metrics that were asked for. Returns one line for each that could not be written or pushed. */
export async function publish(ended: Ended, stop: AbortSignal): Promise<readonly string[]> {
  const { metricsFile, pushgateway } = ended.request.publish;
  const facts = factsOf(ended);
  const { labels } = facts;
  const textOf = (before = ''): string => metricsText(facts, before);
  const troubles: (PublishProblem | undefined)[] = [];
  if (metricsFile !== undefined) troubles.push(await writeMetrics(metricsFile, textOf));
  if (pushgateway !== undefined) {
    const group = { ...labels, ...(facts.clusterName !== '' && { cluster_name: facts.clusterName }) };
    const patience = stop.aborted
      ? { timeout: TIMEOUT_WHEN_STOPPED, tries: 1, stop: undefined }
      : { timeout: TIMEOUT, tries: 2, stop };
    troubles.push(await push({ ...pushgateway, group, text: metricsText(facts) }, patience));
  }
  return troubles.flatMap((trouble) => (trouble === undefined ? [] : [publishMessage(trouble)]));
}

function factsOf({ request, startedAt, endedAt, exitCode, report }: Ended): RunFacts {
  return {
    labels: labelsOf(request),
    version: version(),
    clusterName: request.settings.clusterName,
    startedAt: startedAt.getTime(),
    endedAt: endedAt.getTime(),
    exitCode,
    success: isSuccess(exitCode),
    ...(report && { report }),
  };
}

/**
 * Returns the labels of a run: `reconcile`, `verify` or `purge`, followed by `-dry-run` if nothing was written, and the
 * shard. Without them, one CronJob would overwrite the series of another.
 */
function labelsOf({ command, settings, dryRun }: Request): Labels {
  const sort = command === 'reconcile' && settings.verify ? 'verify' : command;
  const mode = dryRun ? `${sort}-dry-run` : sort;
  return { mode, ...(settings.shard && { shard: String(settings.shard.index) }) };
}
