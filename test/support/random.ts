import type { Settings } from '../../src/model/settings.ts';
import type { ApiServer, Fault, KubeObject, LoggedRequest, Match } from './apiserver.ts';
import { FAULTS } from './fault-scene.ts';
import { RESOURCES, type RunSetup, looksLikeCopy, objectsOf } from './faults.ts';

/*
 * Random clusters, random edits by others and random faults, all from one seed. There are few names, so many objects
 * have the same name.
 */

/** Repeatable random numbers: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to 1, like Math.random. */
  next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True once in so many times. */
  once(inSoMany: number): boolean {
    return this.below(inSoMany) === 0;
  }

  /** One of them. */
  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** One of them, if there is one. */
  maybe<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }
}

const NAMESPACES = ['a', 'b', 'c', 'd', 'e', 'kube-system'] as const;
const NAMES = ['omni', 'tls'] as const;
const SYNC = 'kubed.appscode.com/sync';
const SYNCS = [
  '',
  'true',
  'env=prod',
  'env!=prod',
  'env',
  '!env',
  'env in (prod,test)',
  'env in (',
  'no',
  'x=y',
] as const;
const ENVS = [{}, { env: 'prod' }, { env: 'test' }, { env: 'prod', team: 'x' }] as const;

function contentOf(dice: Dice, resource: (typeof RESOURCES)[number]): object {
  const value = `value-${dice.below(3)}`;
  const data = {
    [dice.of(['k', 'l'])]: resource === 'secrets' ? Buffer.from(value).toString('base64') : value,
  };
  return {
    data,
    ...(dice.once(6) && { immutable: true }),
    ...(resource === 'secrets' && dice.once(4) && { type: 'example.com/other' }),
  };
}

function marksOf(
  dice: Dice,
  name: string,
): { labels: Record<string, string>; annotations: Record<string, string> } {
  const [namespace, cluster] = [dice.of(NAMESPACES), dice.of(['', '', '', 'unicorn'])];
  const labels = {
    'kubed.appscode.com/origin.name': name,
    'kubed.appscode.com/origin.namespace': namespace,
    'kubed.appscode.com/origin.cluster': cluster,
  };
  const origin = JSON.stringify({
    namespace,
    name: dice.once(4) ? 'other' : name,
    uid: 'u',
    resourceVersion: '1',
  });
  return { labels, annotations: { 'kubed.appscode.com/origin': origin } };
}

/** Fills an empty server: namespaces, sources, other objects, and some that look like copies. */
export function populate(dice: Dice, server: ApiServer): void {
  for (const name of NAMESPACES)
    server.namespace(name, dice.of(ENVS), dice.once(8) ? { 'kubed.appscode.com/ignore': 'true' } : {});
  for (const resource of RESOURCES)
    for (const namespace of NAMESPACES)
      for (const name of NAMES) if (dice.once(3)) make(dice, server, resource, namespace, name);
  for (let many = dice.below(8); many > 0; many -= 1) editByOther(dice, server);
}

function make(
  dice: Dice,
  server: ApiServer,
  resource: (typeof RESOURCES)[number],
  namespace: string,
  name: string,
): void {
  const forged = dice.once(5) ? marksOf(dice, name) : { labels: {}, annotations: {} };
  const annotations = { ...forged.annotations, ...(dice.once(2) && { [SYNC]: dice.of(SYNCS) }) };
  const metadata = { namespace, name, labels: forged.labels, annotations };
  attempt(() =>
    server.create(
      resource,
      { metadata, ...contentOf(dice, resource) },
      dice.of(['kubectl', 'helm', 'kubed']),
    ),
  );
}

/** An edit that the server rejects does not count. */
function attempt(edit: () => unknown): void {
  try {
    edit();
  } catch {
    // Rejected: an immutable object, a terminating namespace, a name that is taken.
  }
}

const EDITS = [
  'data',
  'delete',
  'resync',
  'unsync',
  'make',
  'remake',
  'unmark',
  'relabel',
  'label',
  'reset',
  'pose',
  'finish',
] as const;

/** Another client changes something. */
export function editByOther(dice: Dice, server: ApiServer): void {
  const edit = dice.of(EDITS);
  if (edit === 'relabel' || edit === 'finish') return editNamespace(dice, server, edit);
  const resource = dice.of(RESOURCES);
  if (edit === 'make') return make(dice, server, resource, dice.of(NAMESPACES), dice.of(NAMES));
  const object = dice.maybe(
    [...objectsOf(server).values()].filter(({ kind }) => (kind === 'Secret') === (resource === 'secrets')),
  );
  if (object !== undefined) attempt(() => editObject(dice, server, resource, object, edit));
}

function editNamespace(dice: Dice, server: ApiServer, edit: 'relabel' | 'finish'): void {
  const name = dice.of(NAMESPACES);
  if (edit === 'relabel') attempt(() => server.namespace(name, dice.of(ENVS)));
  else if (dice.once(3) && name !== 'kube-system') attempt(() => server.terminate(name));
}

function editObject(
  dice: Dice,
  server: ApiServer,
  resource: (typeof RESOURCES)[number],
  { metadata: { namespace, name } }: KubeObject,
  edit: Exclude<(typeof EDITS)[number], 'make' | 'relabel' | 'finish'>,
): unknown {
  const patch = (body: object): unknown =>
    server.patch(resource, namespace, name, body as never, dice.of(['kubectl-edit', 'argocd']));
  switch (edit) {
    case 'data':
      return patch(contentOf(dice, resource));
    case 'delete':
      return server.store.delete(resource, namespace, name);
    case 'resync':
    case 'pose':
      return patch({ metadata: { annotations: { [SYNC]: dice.of(SYNCS) } } });
    case 'unsync':
      return patch({ metadata: { annotations: { [SYNC]: null } } });
    case 'remake':
      server.store.delete(resource, namespace, name);
      return make(dice, server, resource, namespace ?? '', name);
    case 'unmark':
      return patch({ metadata: { labels: { 'kubed.appscode.com/origin.name': null } } });
    case 'label':
      return patch({
        metadata: { labels: { 'app.kubernetes.io/managed-by': dice.of(['helm', 'me']), env: 'x' } },
      });
    case 'reset':
      return patch({ metadata: { managedFields: [{}] } });
  }
}

const VERBS = ['list', 'get', 'create', 'patch', 'delete', 'write'] as const;

/** Wrong answers that a run must believe say nothing about the run. */
const BELIEVED: ReadonlySet<string> = new Set([
  '404',
  '200 with something else',
  'stall',
  'stall in the body',
]);
const FAULT_NAMES = Object.keys(FAULTS).filter((name) => !BELIEVED.has(name));

/** Faults of one run. Few of them last, because those end most runs before anything happens. */
export function randomFaults(dice: Dice): readonly (readonly [Match, Fault, number])[] {
  return Array.from({ length: dice.below(6) }, () => {
    const match: Match = {
      verb: dice.of(VERBS),
      ...(dice.once(2) && { resource: dice.of(RESOURCES) }),
      ...(dice.once(2) && { namespace: dice.of(NAMESPACES) }),
    };
    const fault = FAULTS[dice.maybe(FAULT_NAMES) ?? ''] ?? 'reset-after';
    return [match, fault, dice.of([1, 1, 1, 2, 3, 1000])];
  });
}

/** Options of one run. */
export function randomSetup(dice: Dice): RunSetup {
  const settings: Partial<Settings> = {
    ...(dice.once(5) && { maxPrune: dice.of([{ count: dice.below(4) }, { percent: dice.below(60) }]) }),
    ...(dice.once(8) && { prune: false }),
    ...(dice.once(8) && { pruneLegacy: true }),
    ...(dice.once(8) && { requireConsent: true }),
    ...(dice.once(6) && { verify: true }),
    ...(dice.once(6) && { sourceNamespaces: ['a', 'b', 'kube-system'] }),
    ...(dice.once(8) && { excludeNamespaces: ['c'] }),
    ...(dice.once(10) && { kinds: ['Secret'] as const }),
    ...(dice.once(8) && { onConflict: 'skip' as const }),
  };
  return { settings, purge: dice.once(12), dryRun: dice.once(12), concurrency: dice.of([1, 2, 8]) };
}

/**
 * Watches every write of a run. A write to an object that is not our copy must not change it. Returns a list, which
 * gets the violations.
 */
export function watchWrites(server: ApiServer, beside: (request: LoggedRequest) => void): readonly string[] {
  const harm: string[] = [];
  const met = new Map<LoggedRequest, ReadonlyMap<string, KubeObject>>();
  server.before(
    {},
    (request) => {
      beside(request);
      if (request.method !== 'GET') met.set(request, objectsOf(server));
    },
    Number.POSITIVE_INFINITY,
  );
  server.after(
    {},
    (request) => {
      const now = objectsOf(server);
      for (const [place, object] of met.get(request) ?? [])
        if (!looksLikeCopy(object) && now.get(place) !== object)
          harm.push(`${request.method} ${request.path} changed ${place}`);
      met.delete(request);
    },
    Number.POSITIVE_INFINITY,
  );
  return harm;
}
