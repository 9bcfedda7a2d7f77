import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Client, each, openClient, type Target } from './client.ts';

/*
 * What the program is measured against: a process of node alone that sends the same requests and does nothing else.
 *
 *   node dist/bench/baseline.js JOB.json
 */

/** What the process is to do. */
export type Job = { readonly target: Target; readonly concurrency: number } & (
  | { readonly job: 'lists'; readonly lists: readonly (readonly string[])[]; readonly accept: string }
  | { readonly job: 'writes'; readonly writes: Writes }
  | { readonly job: 'kubectl'; readonly kubectl: Kubectl; readonly writes: Writes }
);

/** A kubectl, and arguments that lead it to the cluster. */
export interface Kubectl {
  readonly path: string;
  readonly args: readonly string[];
}

/** Many writes: every body to every namespace. `NAMESPACE` in a path stands for its name. */
export interface Writes {
  readonly method: 'POST' | 'PATCH';
  readonly contentType: string;
  readonly namespaces: readonly string[];
  readonly bodies: readonly { readonly path: string; readonly body: string }[];
}

/** Sends the lists of one stage at a time, those of a stage together; follows their pages, parses, and lets go. */
async function readLists(
  client: Client,
  stages: readonly (readonly string[])[],
  accept: string,
): Promise<void> {
  for (const stage of stages) await Promise.all(stage.map((path) => readList(client, path, accept)));
}

async function readList(client: Client, path: string, accept: string): Promise<void> {
  let token = '';
  do {
    const suffix = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
    const answer = await client.send({ method: 'GET', path: path + suffix, headers: { accept } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    const list = JSON.parse(answer.text) as { readonly metadata: { readonly continue?: string } };
    token = list.metadata.continue ?? '';
  } while (token !== '');
}

async function sendWrites(client: Client, writes: Writes, concurrency: number): Promise<void> {
  const { method, contentType, namespaces, bodies } = writes;
  const headers = { accept: 'application/json', 'content-type': contentType };
  const all = bodies.flatMap(({ path, body }) =>
    namespaces.map((namespace) => ({ path: path.replace('NAMESPACE', namespace), body })),
  );
  await each(all, concurrency, async ({ path, body }) => {
    const { status, text } = await client.send({ method, path, body, headers });
    if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
  });
}

/** What a shell loop does: a process for every copy. Without validation, which would cost it more requests. */
function applyEach({ path, args }: Kubectl, { namespaces, bodies }: Writes): void {
  for (const namespace of namespaces)
    for (const { body } of bodies) {
      const apply = [...args, '--namespace', namespace, 'apply', '--validate=false', '--filename', '-'];
      const { status, stderr } = spawnSync(path, apply, { input: body, encoding: 'utf8' });
      if (status !== 0) throw new Error(`kubectl apply: ${stderr}`);
    }
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
const client = await openClient(job.target, job.concurrency);
if (job.job === 'lists') await readLists(client, job.lists, job.accept);
else if (job.job === 'kubectl') applyEach(job.kubectl, job.writes);
else await sendWrites(client, job.writes, job.concurrency);
client.close();
