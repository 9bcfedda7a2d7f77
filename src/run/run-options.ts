import type { Manifests } from '../model/manifest.ts';
import type { OptionSettings } from '../model/settings.ts';
import type { SourceEvent } from '../plan/source-events.ts';
import type { RemoteAllowed } from '../kube/kubeconfig/remote-kubeconfig.ts';
import type { ConnectOptions } from '../kube/kubeconfig/connect-options.ts';

/** `--clusters`. */
export type Clusters = 'all' | 'home' | 'remote';

/** Which contexts a run serves, and what their kubeconfigs may hold. */
export interface RemoteOptions {
  /** Files and directories. */
  readonly paths: readonly string[];
  /** Globs over names of contexts. Empty: all. */
  readonly contexts: readonly string[];
  readonly allowed: RemoteAllowed;
}

/** Everything that one run depends on, checked by `cli/`. */
export interface RunOptions {
  readonly settings: OptionSettings;
  readonly connect: ConnectOptions;
  readonly dryRun: boolean;
  /** A dry run that sends its writes to the API server with `dryRun=All` (`--dry-run=server`). */
  readonly serverDryRun?: boolean;
  /** Shows whole messages of the API server, also about Secrets (`--show-server-messages`). */
  readonly showServerMessages?: boolean;
  /** Adds the values that change to the changes of the plan, for a report that shows them. */
  readonly values?: boolean;
  /** Writes to send at a time. */
  readonly concurrency: number;
  /** Manifests that are laid over the cluster (`-f`). For a dry run only. */
  readonly manifests?: Manifests;
  /** The manifests take the place of the cluster, and the run connects to none (`--offline`). */
  readonly offline?: boolean;
  /** Which clusters the run serves (`--clusters`). Absent: all. */
  readonly clusters?: Clusters;
  /** The other clusters. Absent without `--remote-kubeconfig`. */
  readonly remotes?: RemoteOptions;
  /** Records Events on the sources, with this message (`--events`). */
  readonly events?: (event: SourceEvent) => string;
}
