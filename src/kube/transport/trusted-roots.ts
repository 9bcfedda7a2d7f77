import { readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { ConnectOptions } from '../kubeconfig/connect-options.ts';

type Env = ConnectOptions['env'];

/** Where Linux distributions keep all trusted certificates in one file, in the order of Go's crypto/x509. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The certificates that count where the kubeconfig names none: those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else the
 * system's, else those of Node.js; and always those of `NODE_EXTRA_CA_CERTS`.
 */
export function trustedRoots(env: Env): readonly string[] {
  const extra = [env['NODE_EXTRA_CA_CERTS']].flatMap((file) => (file ? certificatesIn(file) : []));
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: folders } = env;
  const named = [
    ...(file ? certificatesIn(file) : []),
    ...(folders ? folders.split(delimiter).flatMap(certificatesOf) : []),
  ];
  // As in Go, the one variable leaves the place of the other as it is.
  const system = file && folders ? [] : systemBundle();
  const found = file && !folders ? [...named, ...system] : named;
  const store = found.length > 0 ? found : system;
  return [...new Set([...(store.length > 0 ? store : rootCertificates), ...extra])];
}

function systemBundle(): readonly string[] {
  for (const file of BUNDLES) {
    const found = certificatesIn(file);
    if (found.length > 0) return found;
  }
  return [];
}

function certificatesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => certificatesIn(join(folder, name)));
  } catch {
    return [];
  }
}

/** The certificates of a file in PEM form; none where it cannot be read. */
function certificatesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').match(CERTIFICATE) ?? [];
  } catch {
    return [];
  }
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/gu;
