import type { ObjectName } from '../model/objects.ts';

/** Returns the kubectl command that deletes an object, in the cluster of a context or in the current one. */
export function deleteCommand({ kind, namespace, name }: ObjectName, context?: string): string {
  const where = context === undefined ? '' : `--context ${context} `;
  return `kubectl ${where}delete ${kind.toLowerCase()} --namespace ${namespace} ${name}`;
}
