/** How to reach the API server and as whom (design section 6; the names are kubectl's). */
export interface ConnectOptions {
  /** Path of a kubeconfig file; else `KUBECONFIG`, `~/.kube/config`, the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Impersonate-User. */
  readonly as?: string;
  /** Impersonate-Group, repeated. */
  readonly asGroups: readonly string[];
  /** Milliseconds that one request may take. */
  readonly requestTimeout: number;
  readonly userAgent: string;
}
