import type { Attempt, Failure, FailureReason } from '../../model/failure.ts';
import type { Stopped } from '../../model/run-report.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

/**
 * Returns a failure that ends a run, as one line: what was tried on which object, what the API server said, and what to
 * do. A missing permission names verb, resource and user.
 */
export function failureMessage(failure: Failure): string {
  return sanitizeLine(`${whatHappened(failure)} ${whatToDo(failure)}`.trimEnd());
}

/** Returns the line of a run that was stopped while it was reading. Such a run has no report. */
export function stoppedMessage(by: Stopped): string {
  return `Stopped by ${stopperName(by)} before anything was written. Run again.`;
}

/** Returns what stopped a run: the signal or the option. */
export function stopperName(by: Stopped): string {
  return by === 'timeout' ? '--timeout' : by;
}

function whatHappened(failure: Failure): string {
  const { attempt, reason } = failure;
  if (reason === 'forbidden' && attempt !== undefined) return forbiddenText(failure, attempt);
  const doing = attempt === undefined ? '' : `Cannot ${attemptText(attempt)}: `;
  return asSentence(`${doing}${problemText(failure)}`);
}

/** What is wrong with the API server, or with the way to it. `@` stands for its address. */
const SERVER_PROBLEMS: Partial<Readonly<Record<FailureReason, string>>> = {
  unreachable: 'the API server@ cannot be reached',
  'bad-certificate': 'the certificate of the API server@ is not accepted',
  'client-certificate-refused': 'the API server@ does not accept the client certificate',
  'tls-failed': 'there is no TLS connection to the API server@',
  'proxy-failed': 'the proxy@ does not work',
  'timed-out': 'the API server@ did not answer in time',
  'connection-lost': 'the connection to the API server@ broke',
  anonymous: 'the API server@ does not know who sends the request',
  unauthorized: 'the API server@ does not accept the credentials',
  'malformed-answer': 'the API server@ sent an invalid response',
  'implausible-list': 'the API server@ sent an inconsistent list',
};

function serverProblem(reason: FailureReason, address: string): string {
  return (SERVER_PROBLEMS[reason] ?? '').replace('@', () => address);
}

function problemText(failure: Failure): string {
  const { message, reason, status, subject } = failure;
  switch (reason) {
    case 'no-kubeconfig':
      return subject === undefined ? message : `no kubeconfig at ${subject}: ${message}`;
    case 'bad-kubeconfig':
      return `kubeconfig${withSubject(subject)}: ${message}`;
    case 'unknown-context':
      return subject === undefined
        ? message
        : `the kubeconfig has no usable context "${subject}": ${message}`;
    case 'no-credentials':
      return `no credentials for context${withSubject(subject)}: ${message}`;
    case 'stopped':
      return `stopped: ${message}`;
    default:
      if (reason in SERVER_PROBLEMS) return `${serverProblem(reason, withSubject(subject))}: ${message}`;
      return status === undefined ? message : `${message} (HTTP ${status})`;
  }
}

/** What to do about a failure, if its reason alone decides it. */
const HINTS: Partial<Readonly<Record<FailureReason, string>>> = {
  'no-kubeconfig': 'Use --kubeconfig FILE, or set KUBECONFIG.',
  'bad-kubeconfig': 'Correct the file, or use another one with --kubeconfig FILE.',
  'unknown-context': 'List the contexts with `kubectl config get-contexts`, and choose one with --context.',
  'no-credentials': 'Log in again, or check the command that the kubeconfig runs.',
  unreachable: 'Check the address in the kubeconfig and the network, and check that the cluster is running.',
  'client-certificate-refused':
    'Check client-certificate of the user in the kubeconfig. It may have expired, or be from another cluster.',
  'tls-failed': 'Check the server in the kubeconfig. Its port may speak plain HTTP or another protocol.',
  'proxy-failed':
    'Check proxy-url in the kubeconfig and HTTPS_PROXY, with user name and password. Or add the API server to NO_PROXY.',
  anonymous:
    'Log in, or choose a context with a user by --context. Do not grant anything to system:anonymous.',
  'timed-out': 'Run again, or allow more time with --request-timeout.',
  unauthorized: 'They may have expired, or be from another cluster: log in again.',
  'malformed-answer':
    'Check that the address in the kubeconfig belongs to an API server, and that no proxy changes its responses.',
  'implausible-list': 'Nothing was written. Check the proxies in front of the API server.',
};

function whatToDo({ reason, attempt, message }: Failure): string {
  if (reason === 'bad-certificate') return certificateHint(message);
  if (reason === 'forbidden')
    return attempt === undefined ? 'Grant the missing permission.' : grantHint(attempt);
  return HINTS[reason] ?? 'Run again.';
}

/** Returns what helps against a certificate problem. The code of Node.js in the message tells the cause. */
function certificateHint(message: string): string {
  if (/EXPIRED|NOT_YET_VALID/.test(message))
    return 'Check the clock of this machine, and renew the certificate of the API server.';
  if (/ALTNAME|HOSTNAME/.test(message))
    return 'Set tls-server-name of the cluster in the kubeconfig to a name in the certificate, or correct the server.';
  if (message.includes('REVOKED')) return 'Renew the certificate of the API server.';
  return 'Set certificate-authority of the cluster in the kubeconfig to the CA that signed it. Without that setting, NODE_EXTRA_CA_CERTS adds CAs.';
}

/** Returns the smallest permission to grant: a Role in one namespace, or a ClusterRole. */
function grantHint({ verb, resource, namespace, name }: Attempt): string {
  const what = `Grant the verb ${verb} on ${resource}`;
  if (resource === 'namespaces' && name !== undefined)
    return `${what} with a Role in namespace ${name}. Check that the namespace exists.`;
  if (verb !== 'list') return `${what}.`;
  return namespace === undefined
    ? `${what} in all namespaces, or limit the run with --namespace.`
    : `${what} with a Role in namespace ${namespace}. Check that the namespace exists.`;
}

/** Returns who is not allowed to do what. The message of the API server has the user: `… User "NAME" cannot …`. */
function forbiddenText({ message }: Failure, attempt: Attempt): string {
  const user = /\bUser "([^"]*)"/i.exec(message)?.[1];
  if (user === undefined) return asSentence(`Not allowed to ${attemptText(attempt)}: ${message}`);
  return `${user} is not allowed to ${attemptText(attempt)}.`;
}

/** Returns `list secrets in all namespaces`, `get secret demo/omni`. */
function attemptText({ verb, resource, namespace, name }: Attempt): string {
  if (name !== undefined)
    return `${verb} ${resource.replace(/s$/, '')} ${[namespace, name].filter(Boolean).join('/')}`;
  if (namespace !== undefined) return `${verb} ${resource} in ${namespace}`;
  return `${verb} ${resource}${resource === 'namespaces' ? '' : ' in all namespaces'}`;
}

function withSubject(subject: string | undefined): string {
  return subject === undefined || subject === '' ? '' : ` ${subject}`;
}

function asSentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
