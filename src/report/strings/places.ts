import type { Place } from '../../model/manifest.ts';

/** `file:line`, which editors and CI systems make a link of. */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
