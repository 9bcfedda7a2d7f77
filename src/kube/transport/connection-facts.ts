import type { TLSSocket } from 'node:tls';

/** What is known about a TLS connection that failed. */
export interface CertificateFacts {
  /** The certificate that was presented, for example `"api.test" issued by "ca", valid until 2030-01-01`. */
  readonly presented?: string;
  /** The names that it is for. */
  readonly names?: string;
  /** What it was checked against. */
  readonly trust: string;
}

const FACTS = new WeakMap<object, CertificateFacts>();

/** The facts that {@link watchHandshake} noted for an error. */
export function certificateFacts(error: unknown): CertificateFacts | undefined {
  return typeof error === 'object' && error !== null ? FACTS.get(error) : undefined;
}

/** Notes which certificate a server presents, so that an error of the handshake can be explained. */
export function watchHandshake(socket: TLSSocket, trust: string): void {
  let facts: CertificateFacts = { trust };
  // The certificate can be read between the end of the handshake and its verification, and not after that.
  socket.prependListener('secure', () => (facts = { ...presentedBy(socket), trust }));
  socket.prependOnceListener('error', (error) => FACTS.set(error, facts));
}

function presentedBy(socket: TLSSocket): Omit<CertificateFacts, 'trust'> {
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return {};
  const { subject, issuer, valid_from: from, valid_to: to, subjectaltname: names } = certificate;
  const presented = `"${nameOf(subject)}" issued by "${nameOf(issuer)}", valid from ${from} to ${to}`;
  return names === undefined ? { presented } : { presented, names };
}

function nameOf(subject: Partial<Record<'CN' | 'O', string | readonly string[]>> | undefined): string {
  return String(subject?.CN ?? subject?.O ?? 'no name');
}
