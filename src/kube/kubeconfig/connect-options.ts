/** How to reach the API server, and as which user. The names are those of kubectl. */
export interface ConnectOptions {
  /** Path of a kubeconfig file; else `KUBECONFIG`, `~/.kube/config`, the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Impersonate-User. */
  readonly as?: string;
  /** Impersonate-Group, repeated. */
  readonly asGroups: readonly string[];
  /** Milliseconds that one request may take; 0 is without end. */
  readonly requestTimeout: number;
  readonly userAgent: string;
  /** The environment: `KUBECONFIG`, `HOME`, and in a pod where its API server is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads one YAML document; handed in, since only `manifests/` and `cli/` know a YAML library. */
  readonly parseYaml: (text: string) => unknown;
}
