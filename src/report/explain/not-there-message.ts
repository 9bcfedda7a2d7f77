import type { ObjectName } from '../../model/objects.ts';
import { countOf, objectName } from '../strings/names-and-counts.ts';

/** Returns the line about an object that does not exist, or that no list shows. */
export function notThereMessage(object: ObjectName, copies: number): string {
  const left =
    copies === 0
      ? ''
      : `; ${countOf(copies, 'copy names', 'copies name')} it as the source: see explain without an object`;
  return `${objectName(object)} not found${hint(object)}${left}`;
}

/** Lists leave out Helm releases, which are never copied. */
function hint({ kind, name }: ObjectName): string {
  return kind === 'Secret' && name.startsWith('sh.helm.release.v1.')
    ? ' in the lists: they leave out Helm releases, which are never copied'
    : '';
}
