import * as models from '@kubernetes/client-node';
import { loadAll } from 'js-yaml';

/*
 * Manifests as helm renders them, checked against the Kubernetes types of client-node. An unknown field or a value of
 * another type is a problem. kubectl would drop an unknown field silently.
 */

/** A JSON value of a manifest, as tests read it. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into manifests of every shape
export type Json = any;

/** The objects of a rendered text, without the empty documents in it. */
export function manifestsOf(text: string): readonly Json[] {
  return loadAll(text).filter((document) => document !== null && document !== undefined);
}

/** A rendered text without empty lines, which differ between versions of helm. */
export function tidy(text: string): string {
  return `${text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')}\n`;
}

/** The one object of that kind, and of that name if there are several. */
export function the(manifests: readonly Json[], kind: string, name?: string): Json {
  const found = manifests.filter(
    (one) => one.kind === kind && (name === undefined || one.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
  return found[0];
}

/** Every pod that the manifests make, by the name of the object that makes it. */
export function podSpecs(manifests: readonly Json[]): ReadonlyMap<string, Json> {
  return new Map(
    manifests.flatMap(({ kind, metadata, spec }: Json): [string, Json][] => {
      if (kind === 'CronJob') return [[metadata.name, spec.jobTemplate.spec.template.spec]];
      if (kind === 'Job') return [[metadata.name, spec.template.spec]];
      return kind === 'Pod' ? [[metadata.name, spec]] : [];
    }),
  );
}

/** The types of the objects that the chart and the documentation make. Any other one is a problem. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['batch/v1 CronJob', 'V1CronJob'],
  ['batch/v1 Job', 'V1Job'],
  ['rbac.authorization.k8s.io/v1 ClusterRole', 'V1ClusterRole'],
  ['rbac.authorization.k8s.io/v1 ClusterRoleBinding', 'V1ClusterRoleBinding'],
  ['rbac.authorization.k8s.io/v1 Role', 'V1Role'],
  ['rbac.authorization.k8s.io/v1 RoleBinding', 'V1RoleBinding'],
  ['v1 Pod', 'V1Pod'],
  ['v1 Secret', 'V1Secret'],
  ['v1 ServiceAccount', 'V1ServiceAccount'],
]);

/** The problems of an object by the types of Kubernetes: `path: problem`. */
export function typeProblems(object: Json): readonly string[] {
  const type = TYPES.get(`${object.apiVersion} ${object.kind}`);
  return type === undefined
    ? [`unexpected ${object.apiVersion} ${object.kind}`]
    : problems(object, type, object.kind);
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

function problems(value: Json, type: string, path: string, format = ''): readonly string[] {
  const [, item] = /^Array<(.+)>$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`${path}: no list`];
    return value.flatMap((one: Json, index) => problems(one, item, `${path}[${index}]`, format));
  }
  const [, entry] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  const attributes = attributesOf(type);
  if (entry === undefined && attributes === undefined)
    return isScalar(value, type, format) ? [] : [`${path}: ${JSON.stringify(value)} is no ${format || type}`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: no object`];
  return Object.entries(value).flatMap(([key, one]) => {
    if (entry !== undefined) return problems(one, entry, `${path}.${key}`);
    const attribute = attributes?.find(({ baseName }) => baseName === key);
    if (attribute === undefined) return [`${path}.${key}: Kubernetes has no such field`];
    return problems(one, attribute.type, `${path}.${key}`, attribute.format);
  });
}

function attributesOf(type: string): readonly Attribute[] | undefined {
  const model: Json = (models as Record<string, unknown>)[type];
  return model?.getAttributeTypeMap?.();
}

function isScalar(value: Json, type: string, format: string): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'Date':
      return typeof value === 'string';
    case 'IntOrString':
      return typeof value === 'string' || Number.isSafeInteger(value);
    case 'number':
      return format.startsWith('int') ? Number.isSafeInteger(value) : typeof value === 'number';
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`a type that this check does not know: ${type}`);
  }
}

/** What a pod lacks for Pod Security "restricted" (Kubernetes: "Pod Security Standards") and a read-only root. */
export function restrictedProblems(spec: Json): readonly string[] {
  const container = spec.containers[0];
  const own = container.securityContext ?? {};
  const either = { ...spec.securityContext, ...own };
  const checks: readonly [string, boolean][] = [
    ['one container', spec.containers.length === 1 && spec.initContainers === undefined],
    ['runAsNonRoot', either.runAsNonRoot === true],
    ['runAsUser is not 0', either.runAsUser !== 0],
    ['seccompProfile', ['RuntimeDefault', 'Localhost'].includes(either.seccompProfile?.type)],
    ['allowPrivilegeEscalation', own.allowPrivilegeEscalation === false],
    ['drop ALL', (own.capabilities?.drop ?? []).includes('ALL') && own.capabilities?.add === undefined],
    ['privileged', own.privileged === undefined],
    ['readOnlyRootFilesystem', own.readOnlyRootFilesystem === true],
    ['host namespaces', !spec.hostNetwork && !spec.hostPID && !spec.hostIPC],
    ['hostPath', !(spec.volumes ?? []).some((volume: Json) => volume.hostPath !== undefined)],
  ];
  return checks.filter(([, holds]) => !holds).map(([what]) => what);
}
