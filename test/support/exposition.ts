import assert from 'node:assert/strict';

/*
 * A strict parser of the text exposition format 0.0.4 of Prometheus. It fails for invalid text, and for some of what
 * promtool complains about.
 */

/** One line of a value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric with its HELP and TYPE. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: readonly Series[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

/** The metrics of a text, in the same order. */
export function parseExposition(text: string): readonly Metric[] {
  assert.ok(text.endsWith('\n'), 'the last line ends with a line feed');
  assert.ok(!text.includes('\r'));
  const metrics: { name: string; help: string; type: string; series: Series[] }[] = [];
  let help: readonly [string, string] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    assert.notEqual(line, '');
    if (line.startsWith('# HELP ')) {
      const [, name = '', said = ''] = /^# HELP (\S+) (.+)$/.exec(line) ?? assert.fail(line);
      assert.match(name, NAME);
      help = [name, said];
    } else if (line.startsWith('# TYPE ')) {
      const [, name = '', type = ''] =
        /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? assert.fail(line);
      assert.equal(help?.[0], name, 'TYPE after HELP of the same name');
      assert.ok(!metrics.some((known) => known.name === name), `${name} comes twice`);
      metrics.push({ name, help: help?.[1] ?? '', type, series: [] });
    } else {
      const { name, ...series } = parseSeries(line);
      const metric = metrics.at(-1);
      assert.equal(metric?.name, name, 'all lines of a metric are together, after its TYPE');
      const key = keyOf(series.labels);
      assert.ok(!metric?.series.some(({ labels }) => keyOf(labels) === key), `${line} comes twice`);
      metric?.series.push(series);
    }
  }
  for (const { name, series, type } of metrics) {
    assert.ok(series.length > 0, `${name} has no series`);
    if (type !== 'counter') assert.doesNotMatch(name, /_total$/);
  }
  return metrics;
}

function keyOf(labels: Series['labels']): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function parseSeries(line: string): Series & { readonly name: string } {
  const [, name = '', braces, value = ''] = /^([^\s{]+)(\{.*\})? (\S+)$/.exec(line) ?? assert.fail(line);
  assert.match(name, NAME);
  assert.match(value, VALUE, line);
  return { name, labels: parseLabels(braces ?? '{}'), value: Number(value) };
}

function parseLabels(braces: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = braces.slice(1, -1);
  while (rest !== '') {
    const [pair = '', name = '', value = ''] =
      /^([^=]+)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/.exec(rest) ?? assert.fail(braces);
    assert.match(name, LABEL);
    assert.ok(!Object.hasOwn(labels, name), `${name} comes twice in ${braces}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(pair.length);
  }
  return labels;
}

/** The value of the only series with these labels. It may have others. */
export function valueOf(
  metrics: readonly Metric[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const series = (metrics.find((metric) => metric.name === name)?.series ?? []).filter((one) =>
    Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  const [only] = series;
  assert.equal(series.length, 1, `${name} ${JSON.stringify(labels)}: ${series.length} series`);
  return only?.value ?? Number.NaN;
}
