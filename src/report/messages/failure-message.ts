import type { Attempt, Failure } from '../../model/failure.ts';
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

function problemText(failure: Failure): string {
  const { message, status, subject } = failure;
  switch (failure.reason) {
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
    case 'unreachable':
      return `the API server${withSubject(subject)} cannot be reached: ${message}`;
    case 'bad-certificate':
      return `the certificate of the API server${withSubject(subject)} is not trusted: ${message}`;
    case 'timed-out':
      return `the API server${withSubject(subject)} did not answer in time: ${message}`;
    case 'connection-lost':
      return `the connection to the API server${withSubject(subject)} broke: ${message}`;
    case 'unauthorized':
      return `the API server${withSubject(subject)} does not accept the credentials: ${message}`;
    case 'malformed-answer':
      return `the API server${withSubject(subject)} sent an invalid response: ${message}`;
    case 'implausible-list':
      return `the API server${withSubject(subject)} sent an inconsistent list: ${message}`;
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

function whatToDo({ reason, attempt }: Failure): string {
  switch (reason) {
    case 'no-kubeconfig':
      return 'Use --kubeconfig FILE, or set KUBECONFIG.';
    case 'bad-kubeconfig':
      return 'Correct the file, or use another one with --kubeconfig FILE.';
    case 'unknown-context':
      return 'List the contexts with `kubectl config get-contexts`, and choose one with --context.';
    case 'no-credentials':
      return 'Log in again, or check the command that the kubeconfig runs.';
    case 'unreachable':
      return 'Check the address in the kubeconfig and the network, and check that the cluster is running.';
    case 'bad-certificate':
      return 'Check the address and certificate-authority of the cluster in the kubeconfig.';
    case 'timed-out':
      return 'Run again, or allow more time with --request-timeout.';
    case 'unauthorized':
      return 'They may have expired: log in again.';
    case 'forbidden':
      return attempt === undefined ? 'Grant the missing permission.' : grantHint(attempt);
    case 'malformed-answer':
      return 'Check that the address in the kubeconfig belongs to an API server, and that no proxy changes its responses.';
    case 'implausible-list':
      return 'Nothing was written. Check the proxies in front of the API server.';
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
