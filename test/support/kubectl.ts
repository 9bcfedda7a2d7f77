import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * How kubectl reads texts, without a cluster. `kubectl label --local` prints the objects that it reads. Removing a
 * label that does not exist changes nothing, except that it adds an empty map of labels.
 */

/** A text, and what kubectl reads from it. */
export interface Reading {
  readonly what: string;
  readonly input?: string;
  /** Replaces `input` if the bytes are not UTF-8. */
  readonly base64?: string;
  /** The objects that kubectl reads before it stops. */
  readonly reads: readonly unknown[];
  /** It stops with an error. */
  readonly fails?: true;
}

/** The bytes of a text. */
export function bytesOf({ input = '', base64 }: Pick<Reading, 'input' | 'base64'>): Buffer {
  return base64 === undefined ? Buffer.from(input) : Buffer.from(base64, 'base64');
}

const KUBECTL = 'kubectl';

/** What a run of kubectl printed. */
export interface KubectlRun {
  readonly objects: readonly unknown[];
  readonly stderr: string;
}

/** Lets kubectl read files in this order. Undefined if there is no kubectl. */
export async function kubectlRead(files: readonly string[]): Promise<KubectlRun | undefined> {
  const args = ['label', '--local', '-o', 'json', ...files.flatMap((file) => ['-f', file]), 'none-'];
  const child = spawn(KUBECTL, args, {
    env: { PATH: process.env['PATH'], HOME: '/nowhere' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const isThere = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false)).on('close', () => resolve(true));
  });
  return isThere ? { objects: objectsIn(stdout), stderr } : undefined;
}

function objectsIn(stdout: string): readonly unknown[] {
  return stdout
    .split(/(?<=^\})\n(?=\{)/m)
    .filter((text) => text.trim() !== '')
    .map((text): unknown => withoutEmptyLabels(JSON.parse(text)));
}

/** An object as kubectl read it, without the empty map of labels that it added. */
export function withoutEmptyLabels(object: Labelled): Labelled {
  const { labels, ...metadata } = object.metadata ?? {};
  if (labels === undefined || Object.keys(labels).length > 0) return object;
  const { metadata: _, ...others } = object;
  return Object.keys(metadata).length === 0 ? others : { ...others, metadata };
}

/** An object that may have labels. */
export interface Labelled {
  readonly metadata?: { readonly labels?: object };
}

/** Writes each text to its own file. */
export async function writeTexts(folder: string, readings: readonly Reading[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files = readings.map((_, index) => join(folder, `${index}.yaml`));
  for (const [index, reading] of readings.entries()) await writeFile(files[index] ?? '', bytesOf(reading));
  return files;
}
