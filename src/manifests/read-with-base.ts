import type { Bytes } from './files.ts';
import { type ManifestsRead, type ReadOptions, readManifests } from './read-manifests.ts';

/**
 * Reads what `-f` names and what `--base` names, in the same way. The problems of both make a report incomplete: a copy
 * could look new or unwanted because of either.
 */
export async function readWithBase(
  filenames: readonly string[],
  baseNames: readonly string[],
  stdin: Bytes,
  options: ReadOptions,
): Promise<ManifestsRead> {
  const head = await readManifests(filenames, stdin, options);
  if (baseNames.length === 0) return head;
  const base = await readManifests(baseNames, stdin, options);
  const problems = [problemsOf(head), problemsOf(base)].flat();
  if (!head.ok || !base.ok) return { ok: false, problems };
  const { namespaces, objects } = base.value;
  return { ok: true, value: { ...head.value, problems, base: { namespaces, objects } } };
}

function problemsOf(read: ManifestsRead): Extract<ManifestsRead, { readonly ok: false }>['problems'] {
  return read.ok ? read.value.problems : read.problems;
}
