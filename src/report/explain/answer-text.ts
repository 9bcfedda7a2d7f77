import type { Answer, KeepReason, NoCopyReason, TakenBy, UnmetTerm } from '../../model/explanation.ts';
import type { Finding } from '../../model/finding.ts';
import { causesOf } from '../../model/change.ts';
import { fieldNames, reasonText } from '../messages/reason-text.ts';
import { markName } from '../strings/name-marks.ts';
import { originName } from '../strings/names-and-counts.ts';
import { quote } from '../strings/truncate.ts';

/*
 * Why does a namespace have a copy, or none? Namespaces with the same answer are shown together.
 *
 * Example: "not selected: label env is dev, the selector wants prod"
 */

/** The word for each state, as it stands before the namespaces. */
export const STATE_LABELS: Readonly<Record<Answer['state'], string>> = {
  conflict: 'conflict',
  behind: 'behind',
  missing: 'missing',
  'to-prune': 'to prune',
  waiting: 'waiting',
  'handed-over': 'handed over',
  kept: 'kept',
  'not-compared': 'not compared',
  'up-to-date': 'up to date',
  'no-copy': 'no copy',
};

/** Returns why, in a few words, for answers of the same kind. Empty if the state says it all. */
export function answerText(answers: readonly [Answer, ...Answer[]], verbose: boolean): string {
  const [answer] = answers;
  switch (answer.state) {
    case 'up-to-date':
      return answer.finding === undefined ? '' : findingText(answer.finding);
    case 'missing':
      return 'the next run creates it';
    case 'behind':
    case 'to-prune':
      return reasonText(
        answers.flatMap((one) => ('change' in one ? [one.change] : [])),
        verbose,
      );
    case 'not-compared':
      return 'its metadata does not show whether it is up to date; a run reads it, and so does --verify';
    case 'conflict':
      return `${findingText(answer.finding)}${takenByText(answer.takenBy)}`;
    case 'waiting':
      return `to be pruned after ${answer.until}`;
    case 'handed-over':
      return `the next run makes it a copy of ${originName(answer.to)}`;
    case 'kept':
      return typeof answer.why === 'string' ? KEEP_TEXT[answer.why] : findingText(answer.why);
    case 'no-copy':
      return noCopyText(answer.why);
  }
}

/** Returns the rule in one word for each cause, for programs: `edited`, `namespace-ignored`. */
export function answerCodes(answer: Answer): readonly string[] {
  switch (answer.state) {
    case 'behind':
    case 'to-prune':
      return causesOf(answer.change).map(({ code }) => code);
    case 'conflict':
      return [answer.finding.reason];
    case 'kept':
      return [typeof answer.why === 'string' ? answer.why : answer.why.reason];
    case 'no-copy':
      return [answer.why.rule];
    case 'up-to-date':
      return answer.finding === undefined ? [] : [answer.finding.reason];
    case 'missing':
    case 'not-compared':
    case 'waiting':
    case 'handed-over':
      return [];
  }
}

/** Returns the short text of a finding about a copy. The report of a run has the whole sentence. */
function findingText(finding: Finding): string {
  switch (finding.reason) {
    case 'conflict':
      return `name taken by another ${finding.kind}`;
    case 'contested':
      return `the copy is made from ${originName(finding.currentOwner)}, which asks for the same name`;
    case 'own-source-there':
      return `the ${finding.kind} with this name is a source itself`;
    case 'changed-by-admission':
      return `changed by an admission webhook or policy: ${fieldNames(finding.fields, false)}`;
    case 'orphan':
      return 'nothing shows that kubed-sync wrote it, so it is not deleted (orphan)';
    case 'being-deleted':
      return 'it is being deleted';
    case 'newer-than-home':
      return 'it is newer than this cluster, which may have been restored';
    case 'replace-needed':
      return 'it would have to be replaced by a delete and a create';
    case 'left-behind':
      return 'it was written for another context or namespace';
    case 'same-place':
      return `context ${markName(finding.keptBy)} leads to the same place and keeps it`;
    case 'source-not-copyable':
      return 'the source cannot be copied';
    case 'invalid-annotation':
      return `the source has an invalid ${finding.annotation}`;
    case 'source-changed':
      return 'the source changed while it was read';
    default:
      return finding.reason;
  }
}

function takenByText({ madeBy, clusterName }: TakenBy = {}): string {
  if (clusterName !== undefined) {
    const name = clusterName === '' ? 'an empty cluster name' : `the cluster name ${quote(clusterName)}`;
    return `, a copy with ${name}, which differs from --cluster-name`;
  }
  return madeBy === undefined ? '' : `, made by ${markName(madeBy)}`;
}

const KEEP_TEXT: Readonly<Record<KeepReason, string>> = {
  wanted: 'a source asks for it',
  'out-of-scope': 'it is outside the scope of the options',
  'namespace-terminating': 'the namespace is terminating',
  'sync-annotation': 'it has a sync annotation, so it is never deleted',
  'source-frozen': 'its source has an error, so its copies are not changed',
  'wanted-by-frozen': 'a source of the same name has an error and may ask for it',
  'accept-from-invalid': 'the annotation kubed.appscode.com/accept-from of the namespace is invalid',
  'source-held': 'its source names a context that is not known, or that could not be read',
  'no-prune': 'no source asks for it, and --no-prune keeps it',
  later: 'the next run decides about it',
};

function noCopyText(why: NoCopyReason): string {
  switch (why.rule) {
    case 'no-such-namespace':
      return 'this namespace does not exist';
    case 'own-namespace':
      return 'the source itself is there';
    case 'namespace-terminating':
      return 'the namespace is terminating';
    case 'namespace-ignored':
      return `ignored by its annotation ${markName(`kubed.appscode.com/ignore: ${JSON.stringify(why.value)}`)}`;
    case 'accept-from-invalid':
      return `its annotation ${markName('kubed.appscode.com/accept-from')} is invalid, so its copies are not changed`;
    case 'not-accepted':
      return `does not accept copies from ${markName(why.from)}`;
    case 'no-consent':
      return `without the annotation ${markName('kubed.appscode.com/accept-from')} it gets no new copies (--require-consent)`;
    case 'name-not-selected':
      return `not selected: its name does not match ${quote(why.patterns)}`;
    case 'out-of-scope':
      return 'outside the scope of the options';
    case 'not-a-source':
      return `there is no source: no annotation ${markName('kubed.appscode.com/sync')}`;
    case 'source-out-of-scope':
      return 'the source is outside of --source-namespace';
    case 'source-frozen':
      return 'the source has an error, so nothing is copied';
    case 'not-selected':
      return `not selected: ${why.unmet.map(unmetText).join('; ')}`;
    case 'source-being-deleted':
      return 'the source is being deleted, so it gets no new copies';
  }
}

/** Returns `label env is dev, the selector wants prod`. */
function unmetText({ key, value, operator, values }: UnmetTerm): string {
  const label = `label ${markName(key)}`;
  const has = value === undefined ? `no ${label}` : `${label} is ${valueText(value)}`;
  return `${has}, the selector wants ${wantedText(operator, values)}`;
}

function wantedText(operator: UnmetTerm['operator'], values: readonly string[]): string {
  const all = values.map(valueText).join(' or ');
  switch (operator) {
    case 'in':
      return all;
    case 'not-in':
      return `anything except ${all}`;
    case 'exists':
      return 'this label';
    case 'not-exists':
      return 'no such label';
    case 'greater':
      return `more than ${all}`;
    case 'less':
      return `less than ${all}`;
  }
}

function valueText(value: string): string {
  return value === '' ? 'empty' : markName(value);
}
