import { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { type ChosenContext, textOf } from '../kubeconfig/chosen-context.ts';

/** What client-node does for us: tokens of auth providers such as OIDC, and connections through SOCKS proxies. */
export interface ClientNode {
  /** The value of `Authorization` from the auth provider of the user. */
  readonly authorization: () => Promise<string | undefined>;
  /** An agent for a proxy whose URL begins with `socks`. */
  readonly socksAgent: (options: RequestOptions) => Promise<Agent | undefined>;
}

/** The chosen context in the form of client-node. It remembers tokens for as long as they last. */
export function clientNode({ cluster, user }: ChosenContext, proxyUrl: string | undefined): ClientNode {
  const config = new KubeConfig();
  const server = textOf(cluster.fields['server']);
  const skipTLSVerify =
    cluster.fields['insecure-skip-tls-verify'] === true || server?.startsWith('http:') === true;
  config.loadFromOptions({
    clusters: [{ name: cluster.name, server, proxyUrl, skipTLSVerify }],
    users: [{ name: user.name, authProvider: user.fields['auth-provider'] }],
    contexts: [{ name: 'chosen', cluster: cluster.name, user: user.name }],
    currentContext: 'chosen',
  });
  return {
    authorization: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const headers = Object.entries(options.headers ?? {});
      const given: unknown = headers.find(([name]) => name === 'Authorization')?.[1];
      return typeof given === 'string' ? given.trim() : undefined;
    },
    socksAgent: async (given) => {
      const options = { ...given };
      await config.applyToHTTPSOptions(options);
      return options.agent instanceof Agent ? options.agent : undefined;
    },
  };
}
