import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import pMap from 'p-map';
import { MERGE_PATCH, openClient, type Send, type Target } from './client.ts';

/*
 * What the program is measured against: a cold node process that sends the same requests and does nothing else.
 *
 *   node dist/bench/baseline.js JOB.json
 */

/** Writes at a time. The program gets the same number. */
const CONCURRENCY = 16;

/** What the process has to do. */
export type Job = { readonly target: Target } & (Lists | Writes | Loop);

/** Lists of one stage are requested together. With fewer items than `least` the run is invalid. */
interface Lists {
  readonly job: 'lists';
  readonly stages: readonly (readonly string[])[];
  readonly accept: string;
  readonly least: number;
}

/** Every body is sent to every namespace. `NAMESPACE` in a path stands for its name. */
export interface Writes {
  readonly job: 'writes';
  readonly method: 'POST' | 'PATCH';
  readonly namespaces: readonly string[];
  readonly bodies: readonly { readonly path: string; readonly body: string }[];
}

/** A shell loop: `kubectl get` of all sources and `kubectl apply` of them, once for each namespace. */
interface Loop {
  readonly job: 'loop';
  readonly kubectl: string;
  readonly args: readonly string[];
  readonly get: readonly string[];
  readonly namespaces: readonly string[];
}

async function readLists(send: Send, { stages, accept, least }: Lists): Promise<void> {
  const protobuf = accept.includes('protobuf') ? await import('./protobuf.ts') : undefined;
  const readList = async (path: string): Promise<number> => {
    let [token, items] = ['', 0];
    do {
      const { type, body } = await send('GET', `${path}&continue=${encodeURIComponent(token)}`, { accept });
      const page = type.includes('protobuf') ? protobuf?.decodePage(body) : undefined;
      const list = page ?? parsePage(body);
      [token, items] = [list.continue, items + list.items.length];
    } while (token !== '');
    return items;
  };
  let items = 0;
  for (const stage of stages) for (const count of await Promise.all(stage.map(readList))) items += count;
  if (items < least) throw new Error(`${items} items were listed, not ${least}`);
}

function parsePage(body: Buffer): { continue: string; items: readonly unknown[] } {
  const list = JSON.parse(body.toString()) as { metadata: { continue?: string }; items: readonly unknown[] };
  return { continue: list.metadata.continue ?? '', items: list.items };
}

async function sendWrites(send: Send, { method, namespaces, bodies }: Writes): Promise<void> {
  const all = bodies.flatMap(({ path, body }) => namespaces.map((name) => ({ name, path, body })));
  const write = ({ name, path, body }: (typeof all)[number]): unknown =>
    send(method, path.replace('NAMESPACE', name), {
      body,
      ...(method === 'PATCH' && { contentType: MERGE_PATCH }),
    });
  await pMap(all, write, { concurrency: CONCURRENCY });
}

/** Without validation, which would cost the loop more requests. Taking the items apart is what `jq` does in a shell. */
function applyEach({ kubectl, args, get, namespaces }: Loop): void {
  const call = (rest: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = spawnSync(kubectl, [...args, ...rest], { input, encoding: 'utf8' });
    if (status !== 0) throw new Error(`kubectl ${rest.join(' ')}: ${stderr}`);
    return stdout;
  };
  for (const namespace of namespaces) {
    const got = JSON.parse(call(get)) as { items: readonly { metadata: { name: string } }[] };
    const items = got.items.map(({ metadata: { name }, ...rest }) => ({ ...rest, metadata: { name } }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    call(['-n', namespace, 'apply', '--validate=false', '-f', '-'], list);
  }
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
const { send, agent } = await openClient(job.target);
if (job.job === 'lists') await readLists(send, job);
else if (job.job === 'writes') await sendWrites(send, job);
else applyEach(job);
agent.destroy();
