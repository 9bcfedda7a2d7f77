import type { FailureReason } from '../../model/failure.ts';
import { certificateFacts } from './connection-facts.ts';

/** A failure of TLS: whose certificate was refused, or that the other side speaks something else. */
export interface TlsProblem {
  readonly reason: Extract<FailureReason, 'bad-certificate' | 'client-certificate-refused' | 'tls-failed'>;
  readonly message: string;
}

/** What the codes of OpenSSL's verification mean (Node.js: "X509 certificate error codes"). */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'it is signed by an unknown authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'the certificate of its issuer is missing'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'it is signed by an unknown authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'it is signed by an unknown authority that signed itself'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is self-signed and unknown'],
  ['CERT_SIGNATURE_FAILURE', 'its signature does not fit the authority'],
  ['CERT_UNTRUSTED', 'it is not trusted'],
  ['CERT_REJECTED', 'it is rejected'],
  ['CERT_HAS_EXPIRED', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'it is not valid yet'],
  ['CERT_REVOKED', 'it was revoked'],
  ['CERT_CHAIN_TOO_LONG', 'its chain is too long'],
  ['PATH_LENGTH_EXCEEDED', 'its chain is longer than an authority in it allows'],
  ['INVALID_CA', 'an authority in its chain is not allowed to sign'],
  ['INVALID_PURPOSE', 'it is not for servers'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is for another name'],
  ['HOSTNAME_MISMATCH', 'it is for another name'],
]);

const VERIFICATION =
  /^(?:UNABLE_TO_|CERT_|CRL_|ERROR_IN_|OUT_OF_MEM|INVALID_|PATH_LENGTH)|SELF_SIGNED|HOSTNAME_MISMATCH|ALTNAME/u;
/** Alerts with which a server refuses our certificate (RFC 8446, 6.2). */
const CLIENT_ALERT =
  /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)/u;

/** Returns what an error code of Node means for TLS. Undefined if it is not about TLS. */
export function tlsProblem(error: unknown, code: string): TlsProblem | undefined {
  if (CLIENT_ALERT.test(code)) return { reason: 'client-certificate-refused', message: code };
  if (VERIFICATION.test(code)) return { reason: 'bad-certificate', message: certificateMessage(error, code) };
  if (/^ERR_(?:SSL|OSSL|TLS)|^EPROTO$/u.test(code)) return { reason: 'tls-failed', message: code };
  return undefined;
}

/** For example `it has expired (CERT_HAS_EXPIRED); presented: "a" issued by "b", …; checked against …`. */
function certificateMessage(error: unknown, code: string): string {
  const facts = certificateFacts(error);
  const cause = `${CAUSES.get(code) ?? 'it cannot be verified'} (${code})`;
  if (facts === undefined) return cause;
  const { presented = 'nothing known', names, trust } = facts;
  const isName = code.includes('ALTNAME') || code.includes('HOSTNAME');
  const against = isName ? `the name "${hostOf(error)}"` : trust;
  const valid = isName && names !== undefined ? `, for ${names}` : '';
  return `${cause}; presented: ${presented}${valid}; checked against ${against}`;
}

function hostOf(error: unknown): string {
  return error instanceof Error && 'host' in error ? String(error.host) : '';
}
