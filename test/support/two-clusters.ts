import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { type Json, type Reported, TestCluster } from './cluster.ts';

/*
 * A home cluster and another one, for tests of copies in other clusters: two simulated API servers, or the two control planes
 * that `real.test.ts` names.
 */

/** The clusters to which contexts lead, or an address that nobody answers on. */
export interface ContextSpec {
  readonly cluster: TestCluster | { readonly server: string };
  /** The whole name of the namespace. */
  readonly namespace?: string;
  /** Fields of the user in place of those of the cluster. */
  readonly user?: object;
  /** Fields of the cluster in addition. */
  readonly more?: object;
}

/** Two clusters with the same names of namespaces, and a folder for remote kubeconfigs. */
export class TwoClusters {
  readonly home: TestCluster;
  readonly there: TestCluster;
  readonly folder: string;

  private constructor(home: TestCluster, there: TestCluster, folder: string) {
    this.home = home;
    this.there = there;
    this.folder = folder;
  }

  /** Opens both clusters. */
  static async open(): Promise<TwoClusters> {
    const home = await TestCluster.open();
    const other = home.simulated === undefined ? process.env['KUBED_SYNC_TEST_REAL_OTHER'] : undefined;
    const there = await TestCluster.openReal(other, {}, home.prefix);
    return new TwoClusters(home, there, await mkdtemp(join(tmpdir(), 'kubed-sync-two-')));
  }

  /** Whether the tests run on real control planes, and there is only one. */
  static get isMissing(): boolean {
    const { KUBED_SYNC_TEST_REAL: real, KUBED_SYNC_TEST_REAL_OTHER: other } = process.env;
    return real !== undefined && other === undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await this.there[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }

  /** Writes a remote kubeconfig with these contexts. Returns its path. */
  async kubeconfig(contexts: Readonly<Record<string, ContextSpec>>, name = 'remote.yaml'): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, JSON.stringify(remoteKubeconfig(contexts)));
    return path;
  }

  /** Runs `reconcile` at home with a remote kubeconfig. */
  reconcile(path: string, ...args: readonly string[]): Promise<Reported> {
    return this.home.reconcile('--remote-kubeconfig', path, '--remote-allow', 'insecure', ...args);
  }

  /** Changes of other clusters: `CONTEXT action Kind/namespace/name reason outcome`, with short namespaces. */
  remoteChanges({ report }: Reported): readonly string[] {
    return report.changes.flatMap((change: Json) => {
      const { context, action, kind, namespace, name, reason, outcome } = change;
      const short = String(namespace).replace(`${this.home.prefix}-`, '');
      return context === undefined
        ? []
        : [`${context} ${action} ${kind}/${short}/${name} ${reason} ${outcome}`];
    });
  }
}

/** A kubeconfig in which each context has a cluster and a user of its own. */
export function remoteKubeconfig(contexts: Readonly<Record<string, ContextSpec>>): object {
  const entries = Object.entries(contexts).map(([name, spec]) => ({ name, spec, own: ownEntries(spec) }));
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(({ name, own, spec }) => ({ name, cluster: { ...own.cluster, ...spec.more } })),
    users: entries.map(({ name, own, spec }) => ({ name, user: spec.user ?? own.user })),
    contexts: entries.map(({ name, spec: { namespace } }) => ({
      name,
      context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) },
    })),
  };
}

/** The cluster and user of a test cluster, with its certificates in the file. */
function ownEntries({ cluster }: ContextSpec): { readonly cluster: object; readonly user: object } {
  if (!(cluster instanceof TestCluster)) return { cluster, user: {} };
  const config = load(readFileSync(cluster.kubeconfig, 'utf8')) as Json;
  const { 'certificate-authority': file, ...rest } = config.clusters[0].cluster;
  const data =
    file === undefined ? {} : { 'certificate-authority-data': readFileSync(file).toString('base64') };
  return { cluster: { ...rest, ...data }, user: config.users[0].user };
}
