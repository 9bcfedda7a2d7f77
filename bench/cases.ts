import { PROGRAM } from '../test/support/program.ts';
import type { Job } from './baseline.ts';
import type { Metric } from './measure.ts';
import { HOME, type Scene, SOURCES } from './scene.ts';
import type { Server } from './servers.ts';

/** A process to measure: arguments of node, or a job for the baseline. */
export interface Contender {
  readonly args?: readonly string[];
  readonly job?: () => Job;
  /** Runs before each of its runs. */
  readonly prepare?: () => Promise<void>;
  /** A run with another number of writes is invalid. */
  readonly writes?: number;
}

/** A bar: a limit for `metric` of `of`, or for its ratio to that of `against`. */
export interface Row {
  readonly metric: Metric;
  readonly of: string;
  readonly against?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Processes that are measured in turns, and their bars. */
export interface Case {
  readonly name: string;
  readonly runs: number;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly rows: readonly Row[];
}

/** A cluster on a server. */
export interface Place {
  readonly server: Server;
  readonly scene: Scene;
}

const PARTIAL = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PROTOBUF = `application/vnd.kubernetes.protobuf;${PARTIAL}, application/json;${PARTIAL}`;
const NO_HELM = `fieldSelector=${encodeURIComponent('type!=helm.sh/release.v1')}`;
const [JSON_LISTS, PROTOBUF_LISTS, RAW, NODE] = ['JSON lists', 'protobuf lists', 'raw requests', 'bare node'];
/** JSON with indentation, which the API server sends to curl and to browsers. */
const PRETTY_LISTS = 'pretty JSON lists';

export const SYNC = 'kubed-sync';
export const MANY = '100,000 copies in 10,000 namespaces';
export const BODIES = 'lists with bodies';

/** The program as a reconcile of the whole cluster. */
export function reconcile({ server }: Place): readonly string[] {
  return [PROGRAM, 'reconcile', '--kubeconfig', server.kubeconfig, '--concurrency', '16'];
}

/** The same requests as those of the program, in the same order. */
function lists({ server: { target }, scene }: Place, accept: string, more = ''): Contender {
  const page = `limit=10000${more}`;
  const [first, second] = [`/api/v1/configmaps?${page}`, `/api/v1/secrets?${page}&${NO_HELM}`];
  const stages = [[first, second], [`/api/v1/namespaces?${page}`]];
  return { job: () => ({ target, job: 'lists', stages, accept, least: scene.copies }) };
}

/** What a list in protobuf saves. The simulated server would show the cost of its own encoder only. */
const SAVED: readonly Row[] = [
  { metric: 'server', of: SYNC, against: JSON_LISTS, atMost: 0.8 },
  { metric: 'time', of: SYNC, against: PRETTY_LISTS, atMost: 1 },
  { metric: 'received', of: SYNC, against: PRETTY_LISTS, atMost: 0.65 },
  { metric: 'server', of: SYNC, against: PRETTY_LISTS, atMost: 0.6 },
];

/** A run that finds nothing to do, against plain clients that read the same lists. */
export function nothingToDo(place: Place): Case {
  const { server } = place;
  return {
    name: 'nothing to do',
    runs: 20,
    contenders: {
      [JSON_LISTS]: lists(place, `application/json;${PARTIAL}`),
      [PRETTY_LISTS]: lists(place, `application/json;${PARTIAL}`, '&pretty=1'),
      [PROTOBUF_LISTS]: lists(place, PROTOBUF),
      [SYNC]: { args: reconcile(place), writes: 0 },
    },
    rows: [
      { metric: 'time', of: SYNC, against: JSON_LISTS, atMost: 1.25 },
      { metric: 'time', of: SYNC, against: PROTOBUF_LISTS, atMost: 1.2 },
      { metric: 'received', of: SYNC, against: JSON_LISTS, atMost: 0.9 },
      ...(server.isReal ? SAVED : []),
      { metric: 'memory', of: SYNC, atMost: 90 },
    ],
  };
}

/** All copies created, against plain POSTs. */
export function firstSync(place: Place): Case {
  const { server, scene } = place;
  const common = { prepare: () => scene.deleteCopies(), writes: scene.copies };
  const job = (): Job => ({ target: server.target, ...scene.writes('POST', SOURCES) });
  return {
    name: 'first sync',
    runs: 5,
    contenders: { [RAW]: { ...common, job }, [SYNC]: { ...common, args: reconcile(place) } },
    rows: [
      { metric: 'rate', of: SYNC, against: RAW, atLeast: 0.9 },
      { metric: 'memory', of: SYNC, atMost: 120 },
    ],
  };
}

/** All copies of one source updated, against plain PATCHes. */
export function changedSource(place: Place): Case {
  const { server, scene } = place;
  const job = (): Job => ({ target: server.target, ...scene.writes('PATCH', 1) });
  const [writes, prepare] = [scene.namespaces.length, (): Promise<void> => scene.changeSource()];
  return {
    name: 'changed source',
    runs: 15,
    contenders: { [RAW]: { job, writes }, [SYNC]: { prepare, args: reconcile(place), writes } },
    rows: [{ metric: 'rate', of: SYNC, against: RAW, atLeast: 0.9 }],
  };
}

/** A quiet run in a cluster ten times as large as the others. */
export function manyCopies(place: Place): Case {
  return {
    name: MANY,
    runs: 5,
    contenders: { [SYNC]: { args: reconcile(place), writes: 0 } },
    rows: [
      { metric: 'processor', of: SYNC, atMost: 3000 },
      { metric: 'memory', of: SYNC, atMost: 400 },
      { metric: 'requests', of: SYNC, atMost: 15 },
    ],
  };
}

/** The program without a cluster, against a node process that does nothing. */
export function start(): Case {
  const options = ['--version', '--help'];
  const program = options.map((option) => [option, { args: [PROGRAM, option] }] as const);
  return {
    name: 'start',
    runs: 21,
    contenders: { ...Object.fromEntries(program), [NODE]: { args: ['-e', '0'] } },
    rows: options.map((of) => ({ metric: 'time', of, against: NODE, atMost: 1.6 })),
  };
}

/** For the picture: a quiet run, and a client that lists everything with bodies, in pages of 500 as kubectl does. */
export function growth(place: Place): Case {
  const { server, scene } = place;
  const stages = [['configmaps', 'secrets', 'namespaces'].map((resource) => `/api/v1/${resource}?limit=500`)];
  const accept = 'application/json';
  const job = (): Job => ({ target: server.target, job: 'lists', stages, accept, least: scene.copies });
  const contenders = { [BODIES]: { job }, [SYNC]: { args: reconcile(place), writes: 0 } };
  return { name: 'growth', runs: 5, contenders, rows: [] };
}

/** For the picture: shell loops over one and over ten namespaces, named by the number of their copies. */
export async function loops(place: Place, kubectl: string, folder: string): Promise<Case> {
  const { target, kubeconfig } = place.server;
  const names = Array.from({ length: 10 }, (_, index) => `loop-${index}`);
  for (const name of names) await place.scene.createNamespace(name);
  const args = ['--kubeconfig', kubeconfig, '--cache-dir', folder];
  const get = ['-n', HOME, 'get', 'configmaps,secrets', '-l', 'bench=source', '-o', 'json'];
  const contenders = [names.slice(0, 1), names].map((namespaces) => {
    const job = (): Job => ({ target, job: 'loop', kubectl, args, get, namespaces });
    return [String(namespaces.length * SOURCES), { job }] as const;
  });
  return { name: 'growth', runs: 3, contenders: Object.fromEntries(contenders), rows: [] };
}
