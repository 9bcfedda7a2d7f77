import type { ObjectName, Origin } from '../../model/objects.ts';

/** `ConfigMap demo/omni`. */
export function named(object: ObjectName): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

/** `demo/omni`. */
export function origin({ namespace, name }: Origin): string {
  return `${namespace}/${name}`;
}
