/** How a simulated server can be set up. */

import type { ExtraRoutes } from './handler.ts';

/** How the server is to be; the default is plain HTTP where everybody may do everything. */
export interface ApiServerOptions {
  /** HTTPS with this key and certificate (PEM); `ca` goes into the kubeconfig, else the certificate itself does. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Client certificates signed by this CA (PEM) identify users by their common name; HTTPS only. */
  readonly clientCA?: string;
  /** The bearer token to ask for: 401 without it. */
  readonly token?: string;
  /** Whether deleted namespaces stay terminating, as without a controller manager; default true. */
  readonly holdNamespaces?: boolean;
  /** Milliseconds before each answer. */
  readonly latency?: number;
  /** Whether lists of metadata are answered in protobuf to who asks for it; default true. */
  readonly protobuf?: boolean;
  /** The clock behind timestamps. */
  readonly now?: () => Date;
  readonly port?: number;
  /** How many requests the log keeps; default all. */
  readonly logLimit?: number;
  /** Routes under `/_sim/`. */
  readonly extraRoutes?: ExtraRoutes;
}
