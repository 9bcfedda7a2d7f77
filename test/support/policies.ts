import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from './apiserver.ts';
import { jsonPatch } from './apiserver/patch.ts';
import { failedMutation } from './apiserver/status.ts';
import type { Json, TestCluster } from './cluster.ts';

/*
 * Admission for the namespaces of one test. On a real API server it is a MutatingAdmissionPolicy or a
 * ValidatingAdmissionPolicy with its binding, on the simulated one a hook.
 */

/** What a policy applies to. */
interface Reach {
  /** Short names of namespaces of the test. */
  readonly namespaces: readonly string[];
  /** Without it, ConfigMaps and Secrets. */
  readonly kind?: 'ConfigMap' | 'Secret';
}

/** Changes each object that is written, by a JSON patch. */
export interface Mutation extends Reach {
  readonly patch: readonly PatchOperation[];
}

/** One operation of a JSON patch (RFC 6902). */
type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: string }
  | { readonly op: 'remove'; readonly path: string };

/** Rejects each object that is written. */
export interface Rejection extends Reach {
  readonly message: RejectionMessage;
  /** Rejects deletes too. */
  readonly deletes?: boolean;
}

/** The message of a rejection, once for the hook and once in CEL. */
export interface RejectionMessage {
  /** The object is missing for a delete. */
  readonly of: (object?: KubeObject) => string;
  readonly cel: string;
}

/** Returns a message that is the same for every object. */
export function text(message: string): RejectionMessage {
  return { of: () => message, cel: JSON.stringify(message) };
}

/** A policy in force. Disposing of it removes it, and waits until it has no effect any more. */
export type Policy = AsyncDisposable;

/** Changes what is written to the namespaces, from now on. */
export async function mutateWrites(cluster: TestCluster, mutation: Mutation): Promise<Policy> {
  const { simulated } = cluster;
  if (simulated === undefined)
    return install(cluster, mutation, MUTATING, {
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: celOf(mutation.patch) } }],
    });
  const applies = reaches(cluster, mutation);
  return disposable(
    simulated.mutate((object) => (applies(object) ? patched(object, mutation.patch) : object)),
  );
}

/** The patches of the tests leave an object of the same shape. */
function patched(object: KubeObject, patch: Json): KubeObject {
  try {
    return jsonPatch(object as Json, patch) as Json;
  } catch {
    throw failedMutation('JSON Patch: error in an operation');
  }
}

/** Rejects what is written to the namespaces, from now on. */
export async function rejectWrites(cluster: TestCluster, rejection: Rejection): Promise<Policy> {
  const { simulated } = cluster;
  const { message, namespaces, deletes = false } = rejection;
  if (simulated === undefined)
    return install(cluster, rejection, VALIDATING, {
      validations: [{ expression: 'false', message: 'rejected', messageExpression: message.cel }],
    });
  const applies = reaches(cluster, rejection);
  const undo = [
    simulated.validate((object) => (applies(object) ? message.of(object) : undefined)),
    ...(deletes ? namespaces : []).map((short) => {
      const fault = { status: 422, message: message.of() };
      return simulated.failNext({ verb: 'delete', namespace: cluster.ns(short) }, fault, 1000);
    }),
  ];
  return disposable(() => undo.forEach((each) => each()));
}

function reaches(cluster: TestCluster, { namespaces, kind }: Reach): (object: KubeObject) => boolean {
  const full = new Set(namespaces.map((short) => cluster.ns(short)));
  return (object) =>
    full.has(object.metadata.namespace ?? '') && (kind === undefined || object.kind === kind);
}

function disposable(undo: () => void): Policy {
  return {
    [Symbol.asyncDispose]: () => {
      undo();
      return Promise.resolve();
    },
  };
}

/** `[JSONPatch{op: "add", path: "/data/k", value: "v"}]`. */
function celOf(patch: readonly PatchOperation[]): string {
  const operations = patch.map((operation) => {
    const fields = Object.entries(operation).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    return `JSONPatch{${fields.join(', ')}}`;
  });
  return `[${operations.join(', ')}]`;
}

interface PolicyKind {
  readonly kind: string;
  readonly plural: string;
  readonly operations: readonly string[];
  readonly binding: object;
}

const MUTATING: PolicyKind = {
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  operations: ['CREATE', 'UPDATE'],
  binding: {},
};

const VALIDATING: PolicyKind = {
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  binding: { validationActions: ['Deny'] },
};

const API = '/apis/admissionregistration.k8s.io/v1';

async function install(
  cluster: TestCluster,
  reach: Reach & { readonly deletes?: boolean },
  { kind, plural, operations, binding }: PolicyKind,
  spec: object,
): Promise<Policy> {
  const name = `${cluster.prefix}-${randomBytes(3).toString('hex')}`;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const paths = [`${API}/${kind.toLowerCase()}bindings`, `${API}/${plural}`];
  const allowed = operations.filter((each) => each !== 'DELETE' || reach.deletes === true);
  await cluster.must('POST', `${API}/${plural}`, {
    apiVersion,
    kind,
    metadata: { name },
    spec: { failurePolicy: 'Fail', matchConstraints: constraints(cluster, reach, allowed), ...spec },
  });
  await cluster.must('POST', `${API}/${kind.toLowerCase()}bindings`, {
    apiVersion,
    kind: `${kind}Binding`,
    metadata: { name },
    spec: { policyName: name, ...binding },
  });
  const policy = {
    [Symbol.asyncDispose]: async () => {
      for (const path of paths) await cluster.must('DELETE', `${path}/${name}`);
      await waitUntil(cluster, reach, false);
    },
  };
  await waitUntil(cluster, reach, true);
  return policy;
}

/** Only the namespaces of the test, which other tests do not use. */
function constraints(
  cluster: TestCluster,
  { namespaces, kind }: Reach,
  operations: readonly string[],
): object {
  const values = namespaces.map((short) => cluster.ns(short));
  const kinds = kind === undefined ? ['configmaps', 'secrets'] : [`${kind.toLowerCase()}s`];
  return {
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
    },
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: kinds }],
  };
}

/** The API server reads policies about once a second. */
const TRIES = 150;

/** Waits until dry runs of a create in the namespaces show that the policy is in force, or is not any more. */
async function waitUntil(cluster: TestCluster, reach: Reach, inForce: boolean): Promise<void> {
  for (const short of reach.namespaces)
    for (let tries = 0; (await isChanged(cluster, short, reach)) !== inForce; tries += 1) {
      assert.ok(tries < TRIES, `a policy did not become ${inForce ? 'active' : 'inactive'} in ${short}`);
      await sleep(200);
    }
}

/** Returns whether admission rejects or changes a new object in a namespace. */
async function isChanged(
  cluster: TestCluster,
  short: string,
  { kind = 'ConfigMap' }: Reach,
): Promise<boolean> {
  const own = { labels: { probe: '' }, annotations: { probe: '' } };
  const data = { probe: '' };
  const path = `/api/v1/namespaces/${cluster.ns(short)}/${kind.toLowerCase()}s?dryRun=All`;
  const probe = { apiVersion: 'v1', kind, metadata: { name: 'probe', ...own }, data };
  const { status, body }: { status: number; body: Json } = await cluster.send('POST', path, probe);
  if (status >= 300) return true;
  const { labels, annotations } = body.metadata;
  return !isDeepStrictEqual({ labels, annotations, data: body.data }, { ...own, data });
}
