import type { Attempt, Failure } from '../../model/failure.ts';
import type { Stopped } from '../../model/run-report.ts';
import { oneLine } from '../strings/sanitize.ts';

/**
 * A failure that ends a run, as one line: what was tried on which object, what the other side said, what to do about
 * it. The rule is that a reader needs no second look: a missing permission names verb, resource and user.
 */
export function failureLine(failure: Failure): string {
  return oneLine(`${headOf(failure)} ${adviceOf(failure)}`.trimEnd());
}

/** A run that was told to stop while it still read: it has no report, and nothing is half done. */
export function stoppedLine(by: Stopped): string {
  return `Stopped by ${stopperOf(by)} before anything was written. Run again.`;
}

/** What stopped a run, as its user knows it. */
export function stopperOf(by: Stopped): string {
  return by === 'timeout' ? '--timeout' : by;
}

function headOf(failure: Failure): string {
  const { attempt, reason } = failure;
  if (reason === 'forbidden' && attempt !== undefined) return forbidden(failure, attempt);
  const doing = attempt === undefined ? '' : `Cannot ${attempted(attempt)}: `;
  return sentence(`${doing}${problemOf(failure)}`);
}

function problemOf(failure: Failure): string {
  const { message, status, subject } = failure;
  switch (failure.reason) {
    case 'no-kubeconfig':
      return subject === undefined ? message : `no kubeconfig at ${subject}: ${message}`;
    case 'bad-kubeconfig':
      return `kubeconfig${about(subject)}: ${message}`;
    case 'unknown-context':
      return subject === undefined
        ? message
        : `the kubeconfig has no usable context "${subject}": ${message}`;
    case 'no-credentials':
      return `no credentials for context${about(subject)}: ${message}`;
    case 'unreachable':
      return `the API server${about(subject)} cannot be reached: ${message}`;
    case 'bad-certificate':
      return `the certificate of the API server${about(subject)} is not accepted: ${message}`;
    case 'client-certificate-refused':
      return `the API server${about(subject)} does not accept the client certificate: ${message}`;
    case 'tls-failed':
      return `no TLS connection to the API server${about(subject)}: ${message}`;
    case 'proxy-failed':
      return `the proxy${about(subject)} does not work: ${message}`;
    case 'anonymous':
      return `no credentials were sent to the API server${about(subject)}: ${message}`;
    case 'timed-out':
      return `the API server${about(subject)} did not answer in time: ${message}`;
    case 'connection-lost':
      return `the connection to the API server${about(subject)} broke: ${message}`;
    case 'unauthorized':
      return `the API server${about(subject)} does not accept the credentials: ${message}`;
    case 'malformed-answer':
      return `the API server${about(subject)} gave an answer that makes no sense: ${message}`;
    case 'implausible-list':
      return `the API server${about(subject)} sent a list that cannot be true: ${message}`;
    case 'stopped':
      return `stopped: ${message}`;
    case 'forbidden':
    case 'not-found':
    case 'conflict':
    case 'already-exists':
    case 'namespace-terminating':
    case 'namespace-gone':
    case 'too-large':
    case 'status':
      return status === undefined ? message : `${message} (HTTP ${status})`;
  }
}

function adviceOf({ reason, attempt, message }: Failure): string {
  switch (reason) {
    case 'no-kubeconfig':
      return 'Give --kubeconfig FILE or set KUBECONFIG.';
    case 'bad-kubeconfig':
      return 'Correct the file, or give another one with --kubeconfig.';
    case 'unknown-context':
      return 'Choose one of `kubectl config get-contexts` with --context.';
    case 'no-credentials':
      return 'Log in again, or check the command that the kubeconfig calls.';
    case 'unreachable':
      return 'Check the address in the kubeconfig, the network, and that the cluster is up.';
    case 'bad-certificate':
      return certificateAdvice(message);
    case 'client-certificate-refused':
      return 'Check client-certificate of the user in the kubeconfig: it may have expired, or be of another cluster.';
    case 'tls-failed':
      return 'Check the server in the kubeconfig: its port may speak plain http or another protocol.';
    case 'proxy-failed':
      return 'Check proxy-url in the kubeconfig, HTTPS_PROXY, and the user name and password in it; or name the API server in NO_PROXY.';
    case 'anonymous':
      return 'Log in, or choose a context with a user by --context. Grant nothing to system:anonymous.';
    case 'timed-out':
      return 'Run again, or allow more time with --request-timeout.';
    case 'unauthorized':
      return 'They may have expired, or be of another cluster: log in again.';
    case 'forbidden':
      return attempt === undefined ? 'Grant the missing permission.' : grant(attempt);
    case 'malformed-answer':
      return 'Check that the address in the kubeconfig is that of an API server and that no proxy stands between.';
    case 'implausible-list':
      return 'Nothing is written on such ground: check proxies between here and the API server.';
    case 'stopped':
    case 'connection-lost':
    case 'not-found':
    case 'conflict':
    case 'already-exists':
    case 'namespace-terminating':
    case 'namespace-gone':
    case 'too-large':
    case 'status':
      return 'Run again.';
  }
}

/** What helps depends on the cause, by the code of Node. */
function certificateAdvice(message: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(message))
    return 'Check the clock of this machine, and renew the certificate of the API server.';
  if (/ALTNAME|HOSTNAME/.test(message))
    return 'Set tls-server-name of the cluster in the kubeconfig to a name in the certificate, or correct the server.';
  if (message.includes('REVOKED')) return 'Renew the certificate of the API server.';
  return 'Set certificate-authority of the cluster in the kubeconfig to the CA that signed it, or NODE_EXTRA_CA_CERTS where the kubeconfig names none.';
}

/** The least that has to be granted: in one namespace a Role, for what a run asks of the whole cluster a ClusterRole. */
function grant({ verb, resource, namespace, name }: Attempt): string {
  const what = `Grant the verb ${verb} on ${resource}`;
  if (resource === 'namespaces' && name !== undefined)
    return `${what} in ${name}, by a Role there, if there is such a namespace.`;
  if (verb !== 'list') return `${what}.`;
  return namespace === undefined
    ? `${what}, or name the namespaces to look at with --namespace.`
    : `${what} in ${namespace}, by a Role there, if there is such a namespace.`;
}

/** The API server's message is `… User "NAME" cannot …`; whoever reads a log wants the name, not the rest. */
function forbidden({ message }: Failure, attempt: Attempt): string {
  const user = /\bUser "([^"]*)"/i.exec(message)?.[1];
  if (user === undefined) return sentence(`Not allowed to ${attempted(attempt)}: ${message}`);
  return `${user} is not allowed to ${attempted(attempt)}.`;
}

/** `list secrets in all namespaces`, `get secret demo/omni`. */
function attempted({ verb, resource, namespace, name }: Attempt): string {
  if (name !== undefined)
    return `${verb} ${resource.replace(/s$/, '')} ${[namespace, name].filter(Boolean).join('/')}`;
  if (namespace !== undefined) return `${verb} ${resource} in ${namespace}`;
  return `${verb} ${resource}${resource === 'namespaces' ? '' : ' in all namespaces'}`;
}

function about(subject: string | undefined): string {
  return subject === undefined || subject === '' ? '' : ` ${subject}`;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
