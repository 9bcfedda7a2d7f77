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

/** What to do about a write that failed, by its status and message. */
export function writeRemedy(action: Action, failed: Failed, serverDryRun = false): string {
  const gone = failed.missing ? 'The old copy is already deleted; the next run creates it again. ' : '';
  return `${gone}${remedy(action, failed, serverDryRun)}${failed.withheld ? ` ${SHOW}` : ''}`;
}

const SHOW =
  'To see the whole message, which may quote values, run it with --dry-run=server --show-server-messages.';

function remedy(action: Action, { message, status }: Failed, serverDryRun: boolean): string {
  if (message.includes('without the marks that were sent'))
    return 'Exclude the copies from the mutating webhook or policy that changes these marks, then run again. Until then no object of this kind is written.';
  if (message.includes('does not support dry run')) {
    return 'This webhook does not support a dry run: declare in its configuration that it has no side effects.';
  }
  if (message.includes('exceeded quota'))
    return action === 'replace'
      ? 'Raise the quota by one object, or delete this copy yourself, then run again.'
      : "Raise the namespace's quota or make room in it, then run again.";
  if (/admission webhook|denied request|denied the request|violates PodSecurity/.test(message)) {
    return 'An admission policy rejected it. Exempt the copies from the policy, or exclude the namespace.';
  }
  if (message.includes('failed calling webhook'))
    return 'The API server could not call the webhook: repair the webhook, then run again.';
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
