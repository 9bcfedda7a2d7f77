/** Options of a simulated server. */

import type { ExtraRoutes } from './handler.ts';

/** Options of the server. The default is plain HTTP without restrictions. */
export interface ApiServerOptions {
  /** HTTPS with this key and certificate (PEM). `ca`, or else the certificate, goes into the kubeconfig. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Client certificates signed by this CA (PEM) identify users by their common name. HTTPS only. */
  readonly clientCA?: string;
  /** The required bearer token: 401 without it. */
  readonly token?: string;
  /** Whether deleted namespaces stay terminating, as without a controller manager. Default: true. */
  readonly holdNamespaces?: boolean;
  /** Milliseconds before each answer. */
  readonly latency?: number;
  /** Whether lists of metadata are answered in protobuf if requested. Default: true. */
  readonly protobuf?: boolean;
  /** The clock behind timestamps. */
  readonly now?: () => Date;
  readonly port?: number;
  /** How many requests the log keeps. Default: all. */
  readonly logLimit?: number;
  /** Routes under `/_sim/`. */
  readonly extraRoutes?: ExtraRoutes;
}
