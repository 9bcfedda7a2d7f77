import type { Attempt, Failure, FailureReason } from '../../model/failure.ts';
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

/** What is wrong with the API server, or the way to it; `@` stands for its address. */
const SERVER_PROBLEMS: Partial<Readonly<Record<FailureReason, string>>> = {
  unreachable: 'the API server@ cannot be reached',
  'bad-certificate': 'the certificate of the API server@ is not accepted',
  'client-certificate-refused': 'the API server@ does not accept the client certificate',
  'tls-failed': 'no TLS connection to the API server@',
  'proxy-failed': 'the proxy@ does not work',
  'timed-out': 'the API server@ did not answer in time',
  'connection-lost': 'the connection to the API server@ broke',
  anonymous: 'the API server@ does not know who asks',
  unauthorized: 'the API server@ does not accept the credentials',
  'malformed-answer': 'the API server@ gave an answer that makes no sense',
  'implausible-list': 'the API server@ sent a list that cannot be true',
};

function serverProblem(reason: FailureReason, address: string): string {
  return (SERVER_PROBLEMS[reason] ?? '').replace('@', () => address);
}

function problemOf(failure: Failure): string {
  const { message, reason, status, subject } = failure;
  switch (reason) {
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
    case 'stopped':
      return `stopped: ${message}`;
    default:
      if (reason in SERVER_PROBLEMS) return `${serverProblem(reason, about(subject))}: ${message}`;
      return status === undefined ? message : `${message} (HTTP ${status})`;
  }
}

/** What to do about a failure, where its reason alone says it. */
const ADVICE: Partial<Readonly<Record<FailureReason, string>>> = {
  'no-kubeconfig': 'Give --kubeconfig FILE or set KUBECONFIG.',
  'bad-kubeconfig': 'Correct the file, or give another one with --kubeconfig.',
  'unknown-context': 'Choose one of `kubectl config get-contexts` with --context.',
  'no-credentials': 'Log in again, or check the command that the kubeconfig calls.',
  unreachable: 'Check the address in the kubeconfig, the network, and that the cluster is up.',
  'client-certificate-refused':
    'Check client-certificate of the user in the kubeconfig: it may have expired, or be of another cluster.',
  'tls-failed': 'Check the server in the kubeconfig: its port may speak plain http or another protocol.',
  'proxy-failed':
    'Check proxy-url in the kubeconfig, HTTPS_PROXY, and the user name and password in it; or name the API server in NO_PROXY.',
  anonymous: 'Log in, or choose a context with a user by --context. Grant nothing to system:anonymous.',
  'timed-out': 'Run again, or allow more time with --request-timeout.',
  unauthorized: 'They may have expired, or be of another cluster: log in again.',
  'malformed-answer':
    'Check that the address in the kubeconfig is that of an API server and that no proxy stands between.',
  'implausible-list': 'Nothing is written on such ground: check proxies between here and the API server.',
};

function adviceOf({ reason, attempt, message }: Failure): string {
  if (reason === 'bad-certificate') return certificateAdvice(message);
  if (reason === 'forbidden') return attempt === undefined ? 'Grant the missing permission.' : grant(attempt);
  return ADVICE[reason] ?? 'Run again.';
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
