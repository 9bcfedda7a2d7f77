import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTexts } from '../../src/manifests/files.ts';
import { itemsOf } from '../../src/manifests/items.ts';
import {
  type Labelled,
  type Reading,
  bytesOf,
  kubectlRead,
  withoutEmptyLabels,
  writeTexts,
} from '../support/kubectl.ts';

/*
 * Texts of all kinds, and what kubectl 1.36 reads (`golden/kubectl-yaml.json`). UPDATE_KUBECTL=1 records it again with
 * the kubectl on this machine.
 */

const FILE = new URL('../../../test/golden/kubectl-yaml.json', import.meta.url);
const READINGS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly Reading[];

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubed-sync-kubectl-'));
});
after(() => rm(folder, { recursive: true }));

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

interface Ours {
  readonly reads: readonly unknown[];
  readonly problems: number;
}

/** What the program reads, and its problems. */
async function ourReading(reading: Reading): Promise<Ours> {
  const reads: unknown[] = [];
  let problems = 0;
  for await (const text of readTexts(['-'], streamOf(bytesOf(reading)), false)) {
    assert.ok('source' in text);
    for (const found of itemsOf(text)) {
      if ('json' in found) reads.push(withoutEmptyLabels(asJson(found.json)));
      else if ('other' in found || !['rest-ignored', 'not-utf8'].includes(found.issue.code)) problems += 1;
    }
  }
  return { reads, problems };
}

/** Returns the value as JSON, where a whole number is a number. */
function asJson(value: unknown): Labelled {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
  return JSON.parse(text) as Labelled;
}

test(`${READINGS.length} texts are read as kubectl reads them, or are problems if kubectl rejects them`, async () => {
  const different: string[] = [];
  for (const reading of READINGS) {
    const { reads, problems } = await ourReading(reading);
    // kubectl stops at the first problem. The program goes on.
    const compared = reading.fails ? reads.slice(0, reading.reads.length) : reads;
    const isAlike = JSON.stringify(sorted(compared)) === JSON.stringify(sorted(reading.reads));
    if (!isAlike || problems > 0 !== (reading.fails ?? false))
      different.push(`${reading.what}: ${JSON.stringify(reads)}, ${problems} problems`);
  }
  assert.deepEqual(different, []);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Older versions do not read a text as YAML if it begins with a brace and is not JSON. */
async function isOlder(): Promise<boolean> {
  const braces: Reading = {
    what: '',
    input: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}',
    reads: [],
  };
  const run = await kubectlRead(await writeTexts(join(folder, 'braces'), [braces]));
  return run?.objects.length === 0;
}

test('the kubectl on this machine reads these texts as recorded', async (context) => {
  const first = await kubectlRead(await writeTexts(join(folder, 'first'), READINGS.slice(0, 1)));
  if (first === undefined) return context.diagnostic('no kubectl here: its readings are those of 1.36');
  if (process.env['UPDATE_KUBECTL'] === '1') await update();
  const leavesOut = (await isOlder()) ? /^\s*\{/ : /^$/;
  const readings = READINGS.filter((reading) => !leavesOut.test(bytesOf(reading).toString()));
  const good = readings.filter(({ fails }) => fails === undefined);
  const run = await kubectlRead(await writeTexts(join(folder, 'good'), good));
  const expected = good.flatMap(({ what, reads }) =>
    reads.map((object) => [what, JSON.stringify(sorted(object))]),
  );
  const found = run?.objects.map((object) => JSON.stringify(sorted(object))) ?? [];
  const at = expected.findIndex(([, object], index) => object !== found[index]);
  assert.deepEqual([found[at], found.length], [expected[at]?.[1], expected.length], expected[at]?.[0]);
  const bad = readings.filter(({ fails }) => fails);
  const files = await writeTexts(join(folder, 'bad'), bad);
  const { stderr = '' } = (await kubectlRead(files)) ?? {};
  const unnamed = bad.filter(
    (_, index) => !stderr.includes(`${files[index] ?? ''}"`) && !stderr.includes(`${files[index] ?? ''}:`),
  );
  for (const reading of unnamed) {
    const alone = await kubectlRead(await writeTexts(join(folder, 'alone'), [reading]));
    assert.notEqual(alone?.stderr, '', reading.what);
  }
});

async function update(): Promise<void> {
  const lines: string[] = [];
  for (const { what, input, base64 } of READINGS) {
    const text = base64 === undefined ? { what, input: input ?? '' } : { what, base64 };
    const run = await kubectlRead(await writeTexts(join(folder, 'update'), [{ ...text, reads: [] }]));
    lines.push(JSON.stringify({ ...text, reads: run?.objects, ...(run?.stderr !== '' && { fails: true }) }));
  }
  writeFileSync(FILE, `[\n${lines.join(',\n')}\n]\n`);
}
