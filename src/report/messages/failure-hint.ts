import type { Action } from '../../model/change.ts';
import type { Outcome } from '../../model/run-report.ts';

type FailedOutcome = Extract<Outcome, { readonly outcome: 'failed' }>;

const VERBS: Readonly<Record<Action, string>> = {
  create: 'create',
  update: 'patch',
  replace: 'create and delete',
  refresh: 'patch',
  mark: 'patch',
  prune: 'delete',
};

/** Returns what to do about a failed write, by the status and the message of the API server. */
export function failureHint(action: Action, failed: FailedOutcome, serverDryRun = false): string {
  const gone = failed.missing ? 'The old copy is already deleted. The next run recreates it. ' : '';
  const show = failed.withheld ? ` ${SHOW_MESSAGE}` : '';
  return `${gone}${hintFor(action, failed, serverDryRun)}${show}`;
}

const SHOW_MESSAGE =
  'To see the whole message, which may quote values, use --dry-run=server --show-server-messages.';

function hintFor(
  action: Action,
  { message, status, withheld }: FailedOutcome,
  serverDryRun: boolean,
): string {
  if (message.includes('without the marks that were sent'))
    return 'Exclude the copies from the mutating webhook or policy that changes these marks. Then run again. Until then no object of this kind is written.';
  if (message.includes('does not support dry run')) {
    return 'The webhook does not support dry runs. Set sideEffects: None in its configuration, or run without --dry-run=server.';
  }
  if (message.includes('exceeded quota'))
    return action === 'replace'
      ? 'Raise the quota by one object, or delete this copy yourself. Then run again.'
      : 'Raise the quota of the namespace or free some of it. Then run again.';
  if (/admission webhook|denied request|denied the request|violates PodSecurity/.test(message)) {
    return 'An admission policy rejected it. Exempt the copies from the policy, or exclude the namespace.';
  }
  if (message.includes('failed calling webhook'))
    return 'The API server could not call the webhook. Repair the webhook. Then run again.';
  if (message.includes('system:anonymous') || (status === 403 && message.startsWith('no credentials')))
    return 'Log in, then run again. Do not grant anything to system:anonymous.';
  // A missing permission is always shown, so this message has another author.
  if (status === 403 && withheld && !message.includes(' cannot '))
    return 'Admission rejected it. Exempt the copies from it, or exclude the namespace.';
  if (status === 403) return `Grant the verb ${VERBS[action]} on this resource. Then run again.`;
  if (status === 401) return 'The credentials are no longer valid. Renew them. Then run again.';
  if (
    status === 413 ||
    message.includes('request is too large') ||
    message.includes('message larger than max')
  )
    return 'The object is too large for the API server. Split its source into several objects.';
  if (status === 400 || status === 422)
    return 'The API server does not accept this object. Correct its source.';
  if (serverDryRun) return 'Run again.';
  return 'Run again. The changes that were made stay; the next run makes the rest.';
}
