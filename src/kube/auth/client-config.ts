import { KubeConfig } from '@kubernetes/client-node';
import { isAbsolute, join } from 'node:path';
import { type ChosenContext, type Entry, type Fields, isFields, textOf } from './kubeconfig.ts';

/**
 * The chosen context in the form of client-node, which knows exec plugins, OIDC, certificates and proxies
 * (design section 7). What it reads otherwise than kubectl is put right here: it takes files before inline data, does
 * not know `tokenFile`, tells plugins nothing of the call and resolves no relative plugin path.
 */
export function clientConfig({ cluster, user }: ChosenContext, proxyUrl: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const skipTLSVerify = cluster.fields['insecure-skip-tls-verify'] === true;
  const plain = textOf(cluster.fields['server'])?.startsWith('http:') === true;
  config.loadFromOptions({
    clusters: [{ ...clusterOptions(cluster), proxyUrl, skipTLSVerify: skipTLSVerify || plain }],
    // As kubectl does, no credentials go over plain HTTP, unless the kubeconfig says that this is meant.
    users: [plain && !skipTLSVerify ? { name: user.name } : userOptions(user, cluster)],
    contexts: [{ name: 'chosen', cluster: cluster.name, user: user.name }],
    currentContext: 'chosen',
  });
  return config;
}

function clusterOptions(cluster: Entry): object {
  const { fields } = cluster;
  return {
    name: cluster.name,
    server: textOf(fields['server']),
    ...dataOrFile(cluster, 'certificate-authority', 'caData', 'caFile'),
    tlsServerName: textOf(fields['tls-server-name']),
  };
}

function userOptions(user: Entry, cluster: Entry): object {
  const { fields, name } = user;
  const tokenFile = pathOf(user, 'tokenFile');
  return {
    name,
    ...dataOrFile(user, 'client-certificate', 'certData', 'certFile'),
    ...dataOrFile(user, 'client-key', 'keyData', 'keyFile'),
    token: tokenFile === undefined ? textOf(fields['token']) : undefined,
    authProvider:
      tokenFile === undefined ? fields['auth-provider'] : { name: 'tokenFile', config: { tokenFile } },
    exec: isFields(fields['exec']) ? pluginOptions(fields['exec'], user, cluster) : undefined,
    username: textOf(fields['username']),
    password: textOf(fields['password']) ?? '',
  };
}

/** Inline data counts before a file (Kubernetes: kubeconfig v1, "certificate-authority-data overrides"). */
function dataOrFile(entry: Entry, field: string, data: string, file: string): object {
  const inline = textOf(entry.fields[`${field}-data`]);
  return inline === undefined ? { [file]: pathOf(entry, field) } : { [data]: inline };
}

/** A path of the kubeconfig, which is relative to the file that it stands in. */
function pathOf(entry: Entry, field: string): string | undefined {
  const path = textOf(entry.fields[field]);
  return path === undefined || isAbsolute(path) ? path : join(entry.directory, path);
}

/** Adds what client-go tells a plugin (Kubernetes: "client-go credential plugins", KUBERNETES_EXEC_INFO). */
function pluginOptions(exec: Fields, user: Entry, cluster: Entry): object {
  const command = textOf(exec['command']) ?? '';
  const relative = /[/\\]/u.test(command) && !isAbsolute(command);
  const spec = {
    interactive: false,
    ...(exec['provideClusterInfo'] === true && { cluster: infoOf(cluster) }),
  };
  const value = JSON.stringify({ kind: 'ExecCredential', apiVersion: exec['apiVersion'], spec });
  const env: readonly unknown[] = Array.isArray(exec['env']) ? exec['env'] : [];
  return {
    ...exec,
    command: relative ? join(user.directory, command) : command,
    args: Array.isArray(exec['args']) ? exec['args'].map(String) : [],
    env: [{ name: 'KUBERNETES_EXEC_INFO', value }, ...env],
  };
}

function infoOf({ fields }: Entry): object {
  const { server, 'certificate-authority-data': authority, 'tls-server-name': tlsServerName } = fields;
  const extensions: readonly unknown[] = Array.isArray(fields['extensions']) ? fields['extensions'] : [];
  const config = extensions.filter(isFields).find(({ name }) => name === 'client.authentication.k8s.io/exec');
  return {
    server,
    'certificate-authority-data': authority,
    'tls-server-name': tlsServerName,
    'insecure-skip-tls-verify': fields['insecure-skip-tls-verify'],
    'proxy-url': fields['proxy-url'],
    config: config?.['extension'],
  };
}
