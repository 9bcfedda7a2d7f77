// Prometheus' text format (exposition format 0.0.4).

/** Names of labels with their values. */
export type Labels = Readonly<Record<string, string>>;

/** One series of a metric. */
interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A metric with its series. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Returns a metric as text. All metrics are gauges, because each run starts at zero. */
export function exposition({ name, help, samples }: Metric, common: Labels): string {
  const lines = samples.map(
    ({ labels, value }) => `${name}${labelText({ ...common, ...labels })} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

/** Returns labels as text: `{mode="reconcile"}`. */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
