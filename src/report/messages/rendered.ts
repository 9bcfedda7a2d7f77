import type { FilesWritten } from '../../manifests/write-manifests.ts';
import { bounded, counted } from '../strings/words.ts';
import { oneLine } from '../strings/sanitize.ts';

const MOST_FILES = 5;

/** Copies of Secrets that were left out. */
export function secretsLine(count: number): string {
  const copies = counted(count, 'copy of a Secret is', 'copies of Secrets are');
  return `${copies} left out: with --include-secrets their values stand in the output`;
}

/** What `--output-dir` did. */
export function filesLine(folder: string, { changed, unchanged }: FilesWritten): string {
  const total = counted(changed + unchanged, 'copy', 'copies');
  return oneLine(`${total} in ${folder}: ${counted(changed, 'file')} written, ${unchanged} unchanged`);
}

/** Files of earlier runs, which somebody has to delete. */
export function leftLine(folder: string, left: readonly string[]): string {
  const files =
    left.length === 1
      ? 'a file of an earlier run that is no copy any more'
      : 'files of earlier runs that are no copies any more';
  return oneLine(
    `${files}, delete what you do not want: ${bounded(
      left.map((name) => `${folder}/${name}`),
      MOST_FILES,
    )}`,
  );
}

/** Nothing is on stdout, and this is why. */
export function noCopiesLine(sources: number): string {
  return sources === 0
    ? 'no sources: nothing carries the annotation kubed.appscode.com/sync'
    : `no copies: ${counted(sources, 'source')} and no other namespace to copy to; namespaces have to be among the manifests`;
}
