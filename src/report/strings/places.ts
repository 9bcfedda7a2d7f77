import { markName } from './name-marks.ts';
import type { Place } from '../../model/manifest.ts';

/** Returns `file:line`, which editors and CI systems turn into a link. It is marked as a name. */
export function placeText({ file, line }: Place): string {
  return markName(line === undefined ? file : `${file}:${line}`);
}
