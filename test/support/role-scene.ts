import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, type Grant, type LoggedRequest } from './apiserver.ts';
import type { Json } from './manifests.ts';
import { type Ran, kubedSync } from './program.ts';

/*
 * A cluster in which one run does everything that a run can do, as an account with the roles of a chart. Tests compare
 * these roles with what the run needs.
 */

/** A simulated cluster and an account in it. */
export interface RoleScene extends AsyncDisposable {
  readonly server: ApiServer;
  readonly rules: readonly Grant[];
  /** Runs the program as the account. */
  readonly run: (args: readonly string[]) => Promise<Ran>;
}

/** The rules that a rendering binds to its service account. */
export function chartRules(manifests: readonly Json[]): readonly Grant[] {
  return manifests.flatMap(({ kind, metadata, rules = [] }: Json): readonly Grant[] =>
    rules.map(({ resources, verbs, resourceNames }: Json) => ({
      resources,
      verbs,
      ...(resourceNames !== undefined && { resourceNames }),
      ...(kind === 'Role' && { namespace: metadata.namespace }),
    })),
  );
}

/** What rules allow, one line for each verb: `VERB RESOURCE [in NAMESPACE]`. */
export function needed(rules: readonly Grant[]): readonly string[] {
  const lines = rules.flatMap(({ namespace, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => line(verb, resource, namespace))),
  );
  return lines.toSorted();
}

/** What a request needed, as {@link needed} writes it. */
export function lineOf({ verb, resource, namespace, name }: LoggedRequest, rules: readonly Grant[]): string {
  const everywhere = rules.every((rule) => rule.namespace === undefined);
  return line(
    verb,
    resource ?? 'nothing',
    everywhere ? undefined : resource === 'namespaces' ? name : namespace,
  );
}

function line(verb: string, resource: string, namespace: string | undefined): string {
  return `${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

const KINDS = ['configmaps', 'secrets'] as const;
const SYNC = { 'kubed.appscode.com/sync': 'copies=yes' };

function source(server: ApiServer, kind: (typeof KINDS)[number], name: string, value: string): void {
  const metadata = { name, namespace: 'platform', annotations: SYNC };
  const content = { data: { k: Buffer.from(value).toString('base64') }, immutable: name === 'fixed' };
  server.create(kind, { metadata, ...content });
}

/** Sources in `platform` with copies in `a` and `b`, and an account with these rules. Requests so far are forgotten. */
export async function sceneOf(rules: readonly Grant[]): Promise<RoleScene> {
  const server = await ApiServer.start();
  for (const name of ['platform', 'outside']) server.namespace(name);
  for (const name of ['a', 'b']) server.namespace(name, { copies: 'yes' });
  for (const kind of KINDS)
    for (const name of ['changed', 'edited', 'fixed', 'gone']) source(server, kind, name, 'old');
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-roles-'));
  const config = (user: object): string => {
    const file = join(folder, 'config');
    writeFileSync(file, server.kubeconfig({ user: { ...user } }));
    return file;
  };
  const run = (args: readonly string[], user: object): Promise<Ran> =>
    kubedSync([...args, '--kubeconfig', config(user)]);
  await run(['reconcile', '--source-namespace', 'platform'], {});
  server.resetRequests();
  const token = server.grant('system:serviceaccount:kubed-sync:kubed-sync', rules);
  const end = async (): Promise<void> => {
    rmSync(folder, { recursive: true });
    await server.stop();
    server.assertNoUnexpected();
  };
  return { server, rules, run: (args) => run(args, { token }), [Symbol.asyncDispose]: end };
}

/** Gives the next run something to create, update, replace and prune in each namespace, and copies to compare. */
export function disturbed(server: ApiServer): void {
  for (const kind of KINDS) {
    source(server, kind, 'new', 'new');
    server.patch(kind, 'platform', 'changed', { data: { k: 'bmV3' } });
    for (const namespace of ['a', 'b']) server.patch(kind, namespace, 'edited', { data: { k: 'bmV3' } });
    server.patch(kind, 'platform', 'gone', {
      metadata: { annotations: { 'kubed.appscode.com/sync': null } },
    });
    server.store.delete(kind, 'platform', 'fixed');
    source(server, kind, 'fixed', 'new');
  }
}
