import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { codeOf, type Result } from '../../model/failure.ts';
import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { type ChosenContext, type Entry, pathOf, textOf } from '../kubeconfig/chosen-context.ts';
import { trustedRoots } from './trusted-roots.ts';

/** What TLS needs: trusted certificates, and our own certificate and key. */
export interface TlsMaterial {
  /** Texts in PEM form; undefined where nothing is verified. */
  readonly ca: readonly string[] | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** What the server's certificate is checked against, for the reader. */
  readonly trust: string;
}

/** A file of the kubeconfig that cannot be used. */
class FileProblem extends Error {}

/** Reads the certificates and the key of the chosen context. A failure names the one that is unusable, and why. */
export function readTlsMaterial(chosen: ChosenContext, env: ConnectOptions['env']): Result<TlsMaterial> {
  return attempt(chosen, () => readMaterial(chosen, env));
}

/** The CA of the cluster in PEM form, where the kubeconfig names one. */
export function readAuthority(chosen: ChosenContext): Result<string | undefined> {
  return attempt(chosen, () => dataOrFile(chosen.cluster, 'certificate-authority'));
}

function attempt<T>({ file }: ChosenContext, read: () => T): Result<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return { ok: false, failure: { reason: 'bad-kubeconfig', message: error.message, subject: file } };
  }
}

function readMaterial({ cluster, user }: ChosenContext, env: ConnectOptions['env']): TlsMaterial {
  const own = dataOrFile(cluster, 'certificate-authority');
  if (own !== undefined && !own.includes('-----BEGIN CERTIFICATE-----'))
    throw new FileProblem(
      `the certificate-authority of cluster "${cluster.name}" holds no certificate in PEM form`,
    );
  const cert = dataOrFile(user, 'client-certificate');
  const key = cert === undefined ? undefined : dataOrFile(user, 'client-key');
  if (cert !== undefined) checkPair(cert, key ?? '', user.name);
  const ca = own === undefined ? trustedRoots(env) : [own];
  if (own !== undefined) checkAuthority(own, cluster.name);
  const trust =
    own === undefined
      ? 'the trusted certificates of this machine'
      : `certificate-authority of cluster "${cluster.name}"`;
  return { ca, cert, key, trust };
}

/** The text of a field; inline data, else the file. */
function dataOrFile(entry: Entry, field: string): string | undefined {
  const inline = textOf(entry.fields[`${field}-data`]);
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('latin1');
  const path = pathOf(entry, field);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new FileProblem(`${path} cannot be read (${codeOf(error, 'unknown error')})`);
  }
}

function checkAuthority(ca: string, name: string): void {
  try {
    createSecureContext({ ca });
  } catch (error) {
    throw new FileProblem(`the certificate-authority of cluster "${name}" cannot be used (${codeOf(error)})`);
  }
}

function checkPair(cert: string, key: string, name: string): void {
  if (isEncrypted(key))
    throw new FileProblem(
      `the client key of user "${name}" is encrypted with a passphrase, which kubectl does not support either. ` +
        'Decrypt it, for example with `openssl pkey -in KEY -out PLAIN-KEY`',
    );
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new FileProblem(
      `the client certificate or key of user "${name}" cannot be used, or they do not belong together (${codeOf(error)})`,
    );
  }
}

function isEncrypted(key: string): boolean {
  return key.includes('BEGIN ENCRYPTED PRIVATE KEY') || /^Proc-Type: 4,ENCRYPTED/mu.test(key);
}
