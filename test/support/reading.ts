import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Manifests } from '../../src/model/manifest.ts';
import { type ManifestsRead, type ReadOptions, readManifests } from '../../src/manifests/read-manifests.ts';
import { manifestMessage } from '../../src/report/messages/manifest-message.ts';

/* Helpers to read manifests in tests. */

/** Bytes as a stream. */
export async function* streamOf(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Reads manifests from a text on stdin. */
export function fromStdin(text: string | Uint8Array, options: ReadOptions = {}): Promise<ManifestsRead> {
  return readManifests(['-'], streamOf(text), options);
}

/** Reads manifests from files and directories. */
export function fromFiles(names: readonly string[], options: ReadOptions = {}): Promise<ManifestsRead> {
  return readManifests(names, streamOf(), options);
}

/** Manifests, which must have no problems. */
export async function good(read: Promise<ManifestsRead>): Promise<Manifests> {
  const result = await read;
  const problems = result.ok ? result.value.problems : result.problems;
  assert.deepEqual(problems.map(manifestMessage), []);
  assert.ok(result.ok);
  return result.value;
}

/** Manifests, which may have problems. */
export async function some(read: Promise<ManifestsRead>): Promise<Manifests> {
  const result = await read;
  assert.ok(result.ok, result.ok ? '' : result.problems.map(manifestMessage).join('\n'));
  return result.value;
}

/** All problems of manifests, then all warnings. */
export async function complaints(read: Promise<ManifestsRead>): Promise<readonly string[]> {
  const result = await read;
  const { problems, warnings } = result.ok ? result.value : { ...result, warnings: [] };
  return [...problems, ...warnings].map(manifestMessage);
}

/** Writes files into a folder. Returns its name. */
export async function writeTree(
  folder: string,
  texts: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  for (const [file, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

/** A Secret `demo/omni` on three lines, followed by `below`. */
export function secret(below: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: omni, namespace: demo}\n${below}`;
}

/** A ConfigMap `demo/omni` on three lines, followed by `below`. */
export function configMap(below: string): string {
  return secret(below).replace('Secret', 'ConfigMap');
}
