import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS } from '../../../src/model/change.ts';
import { KINDS } from '../../../src/model/objects.ts';
import type { AnnotationProblem } from '../../../src/model/annotation-problem.ts';
import type {
  AdoptRefusal,
  FindingReason,
  NotCopyable,
  SelectorProblem,
  SourceChange,
} from '../../../src/model/finding.ts';
import type { ManifestIssue } from '../../../src/model/manifest.ts';
import type { CauseCode, PruneReason, WriteReason } from '../../../src/model/change.ts';
import type { Outcome, SkipReason, Stopped } from '../../../src/model/run-report.ts';
import { renderJson } from '../../../src/report/json/json-report.ts';
import * as reports from '../../golden/reports.ts';
import type { Json } from '../../support/cluster.ts';
import { assertReport, SCHEMA } from '../../support/schema.ts';

/* The published schema names exactly what the types name. The compiler checks that these lists are complete. */

const words = <T extends string>(all: Record<T, true>): readonly string[] => Object.keys(all).toSorted();

const WRITE = words<WriteReason>({
  missing: true,
  'source-changed': true,
  edited: true,
  'sync-keys-ignored': true,
  'old-operator': true,
  ownership: true,
  'handed-over': true,
  adopted: true,
  'taken-over': true,
});

const PRUNE = words<PruneReason>({
  'source-gone': true,
  'annotation-removed': true,
  'not-a-source': true,
  'namespace-not-selected': true,
  'namespace-not-named': true,
  'namespace-ignored': true,
  'namespace-refuses': true,
  'context-not-named': true,
  purge: true,
});

const CAUSE = words<CauseCode>({
  missing: true,
  'source-changed': true,
  edited: true,
  'sync-keys-ignored': true,
  'old-operator': true,
  ownership: true,
  'handed-over': true,
  adopted: true,
  'taken-over': true,
  'source-gone': true,
  'annotation-removed': true,
  'not-a-source': true,
  'namespace-not-selected': true,
  'namespace-not-named': true,
  'namespace-ignored': true,
  'namespace-refuses': true,
  'context-not-named': true,
  purge: true,
  'source-added': true,
  'selector-changed': true,
  'sync-namespaces-changed': true,
  'sync-keys-changed': true,
  'namespace-added': true,
  'namespace-labels-changed': true,
  'namespace-allowed': true,
  'namespace-accepts': true,
});

const SKIP = words<SkipReason>({
  'namespace-terminating': true,
  'namespace-gone': true,
  conflict: true,
  'changed-meanwhile': true,
  'marks-lost': true,
  'source-not-copyable': true,
  'prune-withheld': true,
  interrupted: true,
  'timed-out': true,
  crashed: true,
});

const FINDING = words<FindingReason>({
  conflict: true,
  contested: true,
  'invalid-selector': true,
  'source-not-copyable': true,
  'copy-with-sync-annotation': true,
  'suspicious-selector': true,
  'unknown-key': true,
  'invalid-annotation': true,
  'sync-missing': true,
  'key-missing': true,
  'invalid-accept-from': true,
  'consent-missing': true,
  'suspicious-key': true,
  'suspicious-ignore': true,
  'no-namespace-selected': true,
  'own-source-there': true,
  'marks-disagree': true,
  'other-cluster-name': true,
  'source-changed': true,
  orphan: true,
  'being-deleted': true,
  'internal-error': true,
  'changed-by-admission': true,
  'no-remote-kubeconfig': true,
  'invalid-contexts': true,
  'unknown-context': true,
  'no-context-matches': true,
  'remote-system-namespace': true,
  'bad-remote-kubeconfig': true,
  'context-refused': true,
  'context-failed': true,
  'context-timed-out': true,
  'context-is-this-cluster': true,
  'home-not-identified': true,
  'remote-namespace-not-found': true,
  'newer-than-home': true,
  'replace-needed': true,
  'any-namespace-picks-a-target': true,
  'other-clusters-left-out': true,
  'pushed-by-other-cluster': true,
  'left-behind': true,
  'same-place': true,
  'purged-one-namespace': true,
  'any-namespace-is-a-source': true,
  'namespace-not-found': true,
  'out-of-scope': true,
  'waiting-to-be-pruned': true,
  'prune-withheld': true,
});

const OUTCOME = words<Outcome['outcome']>({ planned: true, done: true, failed: true, skipped: true });
const STOPPED = words<Stopped>({ SIGINT: true, SIGTERM: true, timeout: true });
const CHANGED = words<SourceChange>({
  gone: true,
  replaced: true,
  'annotation-changed': true,
  appeared: true,
});
const ADOPT = words<AdoptRefusal>({
  'system-namespace': true,
  'appeared-meanwhile': true,
  'not-a-mirror': true,
  'source-still-mirrored': true,
  'being-deleted': true,
  'is-a-source': true,
  'needs-replace': true,
  pushed: true,
});
const NOT_COPYABLE = words<NotCopyable['code']>({
  type: true,
  'annotations-too-large': true,
  'content-too-large': true,
  'request-too-large': true,
  'invalid-metadata': true,
  'refused-as-too-large': true,
});
const PROBLEM = words<SelectorProblem['problem']['code']>({
  expected: true,
  'bad-key': true,
  'bad-value': true,
  'not-an-integer': true,
});

const ANNOTATION_PROBLEM = words<AnnotationProblem['problem']['code']>({
  empty: true,
  'bad-namespace': true,
  'pattern-needs-source-namespace': true,
  'too-many-terms': true,
  'too-many-patterns': true,
  'bad-key': true,
  'bad-rename': true,
  'named-twice': true,
  'same-name': true,
  'matches-no-key': true,
  'no-key-left': true,
  'type-needs-all-keys': true,
});

const TROUBLE = words<ManifestIssue['code']>({
  unreadable: true,
  'link-cycle': true,
  'file-too-large': true,
  'not-utf8': true,
  malformed: true,
  template: true,
  'rest-ignored': true,
  'nothing-there': true,
  'not-an-object': true,
  'list-in-list': true,
  encrypted: true,
  'values-encrypted': true,
  'no-api-version': true,
  'no-name': true,
  'bad-name': true,
  'wrong-type': true,
  'null-value': true,
  'unknown-field': true,
  'bad-key': true,
  'key-twice': true,
  'bad-label-key': true,
  'bad-label-value': true,
  'not-base64': true,
  'type-needs-key': true,
  'type-needs-json': true,
  'type-needs-annotation': true,
  'content-too-large': true,
  'annotations-too-large': true,
  twice: true,
});

const { $defs: defs, properties } = SCHEMA;

function constants(schema: Json): readonly string[] {
  return (schema.enum ?? [schema.const]).toSorted();
}

function ofAll(name: string, property: string): readonly string[] {
  const all: Json[] = defs[name].oneOf.map((one: Json) =>
    one.$ref ? defs[one.$ref.slice('#/$defs/'.length)] : one,
  );
  return all.flatMap((one) => constants(one.properties[property])).toSorted();
}

const NAMED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['actions', ofAll('change', 'action'), [...ACTIONS].toSorted()],
  ['kinds', constants(defs.kind), [...KINDS].toSorted()],
  ['reasons of writes', constants(defs.writeReason), WRITE],
  ['reasons of prunes', constants(defs.pruneReason), PRUNE],
  ['causes', constants(defs.cause.properties.code), CAUSE],
  ['reasons of skips', constants(defs.skipReason), SKIP],
  ['reasons of findings', ofAll('finding', 'reason'), FINDING],
  ['outcomes', constants(defs.outcome), OUTCOME],
  ['what stops a run', constants(properties.stopped), STOPPED],
  ['how a source changes', constants(defs['finding-source-changed'].properties.how), CHANGED],
  ['reasons not to adopt', constants(defs['finding-conflict'].properties.adopt), ADOPT],
  ['what cannot be copied', ofAll('notCopyable', 'code'), NOT_COPYABLE],
  ['problems of manifests', constants(defs.manifestProblem.properties.code), TROUBLE],
  ['problems of selectors', ofAll('selectorProblem', 'code'), PROBLEM],
  ['problems of annotations', ofAll('annotationProblem', 'code'), ANNOTATION_PROBLEM],
];

for (const [name, published, known] of NAMED)
  test(`the schema has exactly the ${name} of the types`, () => assert.deepEqual(published, known));

/** Every schema of an object, at any depth. */
function objects(schema: Json): readonly Json[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return [...(schema.type === 'object' ? [schema] : []), ...Object.values(schema).flatMap(objects)];
}

test('the schema allows no unknown key', () => {
  assert.ok(objects(SCHEMA).length > 30);
  const records = objects(SCHEMA).filter(({ properties }) => properties !== undefined);
  for (const schema of records) assert.equal(schema.additionalProperties, false);
});

test('every report of the golden tests is valid for the schema', () => {
  const { EVERYTHING, QUIET, EMPTY, ONE, TWELVE, TEN_THOUSAND_EDITS, CAUSES } = reports;
  for (const report of [EVERYTHING, QUIET, EMPTY, ONE, TWELVE, TEN_THOUSAND_EDITS, CAUSES])
    assertReport(JSON.parse(renderJson(report)));
});

const WRONG: readonly (readonly [string, (report: Json) => void])[] = [
  ['an unknown key', (report) => (report.more = 1)],
  ['an unknown key of a change', (report) => (report.changes[0].values = [])],
  ['an unknown reason', (report) => (report.changes[0].reason = 'why-not')],
  ['a change without a cause', (report) => (report.changes[0].causes = [])],
  [
    'a changed selector that is not told',
    (report) => (report.changes[0].causes = [{ code: 'selector-changed' }]),
  ],
  ['a source without a count', (report) => delete report.sources[0].reach],
  ['a failure without a message', (report) => (report.changes[0].outcome = 'failed')],
  ['a skip without a reason', (report) => (report.changes[0].outcome = 'skipped')],
  ['a missing count', (report) => delete report.summary.prune],
  ['a dry run that does not say by whom', (report) => (report.dryRun = true)],
  ['another version', (report) => (report.apiVersion = 'kubed-sync/v2')],
];

for (const [name, spoil] of WRONG)
  test(`the schema rejects ${name}`, () => {
    const report: Json = JSON.parse(renderJson(reports.ONE));
    spoil(report);
    assert.throws(() => assertReport(report), /report\.schema\.json/);
  });
