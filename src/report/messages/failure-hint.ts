import type { Action } from '../../model/change.ts';
import type { Outcome } from '../../model/run-report.ts';

type Failed = Extract<Outcome, { readonly outcome: 'failed' }>;

const VERBS: Readonly<Record<Action, string>> = {
  create: 'create',
  update: 'patch',
  replace: 'create and delete',
  refresh: 'patch',
  prune: 'delete',
};

/** What to do about a write that failed, by the status and the words that the API server answered with. */
export function writeRemedy(action: Action, failed: Failed, serverDryRun = false): string {
  const gone = failed.missing ? 'The old copy is already deleted; the next run makes it anew. ' : '';
  return `${gone}${remedy(action, failed, serverDryRun)}`;
}

function remedy(action: Action, { message, status }: Failed, serverDryRun: boolean): string {
  if (message.includes('does not support dry run')) {
    return 'That webhook cannot be asked beforehand: declare in its configuration that a dry run has no side effects.';
  }
  if (message.includes('exceeded quota'))
    return "Raise the namespace's quota or make room in it, then run again.";
  if (/admission webhook|denied request|denied the request|violates PodSecurity/.test(message)) {
    return 'An admission policy of the cluster refuses it: except the copies from it, or deselect the namespace.';
  }
  if (message.includes('system:anonymous') || (status === 403 && message.startsWith('no credentials')))
    return 'The API server does not know who asks: log in, then run again. Grant nothing to system:anonymous.';
  if (status === 403) return `Grant the verb ${VERBS[action]} on the resource named, then run again.`;
  if (status === 401) return 'The credentials were no longer accepted: renew them, then run again.';
  if (
    status === 413 ||
    message.includes('request is too large') ||
    message.includes('message larger than max')
  )
    return 'The object is too large for the API server.';
  if (status === 400 || status === 422)
    return 'The API server does not accept such an object: correct its source.';
  if (serverDryRun) return 'Run again.';
  return 'Run again; what was done stays, and the next run does the rest.';
}
