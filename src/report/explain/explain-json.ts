import { dump } from 'js-yaml';
import type {
  ContextExplanation,
  CopyAnswer,
  Explanation,
  InventoryEntry,
  ObjectAnswer,
} from '../../model/explanation.ts';
import { nameOf } from '../../model/keys.ts';
import { findingDocument } from '../json/json-report.ts';
import { fieldData, originData } from '../json/json-finding.ts';
import { manifestsData } from '../json/manifest-data.ts';
import { targetData } from '../json/source-data.ts';
import { removeNameMarks } from '../strings/name-marks.ts';
import { sanitize } from '../strings/sanitize.ts';
import { answerCodes, answerText } from './answer-text.ts';

/** Returns an explanation as the document of the published schema (docs/explanation.schema.json). */
function explanationDocument(explanation: Explanation): object {
  const { clusterName, comparesContent, namespaces, sources, object, contexts, findings, manifests } =
    explanation;
  return {
    apiVersion: 'kubed-sync/v1',
    kind: 'Explanation',
    clusterName,
    ...targetData(explanation),
    comparesContent,
    ...(manifests && { manifests: manifestsData(manifests, undefined) }),
    namespaces,
    sources: sources.map(entryData),
    ...(object && { object: objectData(object) }),
    ...(contexts && { contexts: contexts.map(contextData) }),
    ...(findings && { findings: findings.map(findingDocument) }),
    requests: { list: explanation.requests.list, get: explanation.requests.get },
  };
}

/** Returns an explanation as JSON. Control characters become escapes, which are read back as the same text. */
export function renderExplanationJson(explanation: Explanation): string {
  const text = JSON.stringify(explanationDocument(explanation), undefined, 2);
  return `${text.replace(/[^\n -~]/gu, sanitize)}\n`;
}

/** Returns the same document as YAML. */
export function renderExplanationYaml(explanation: Explanation): string {
  const plain: unknown = JSON.parse(
    JSON.stringify(explanationDocument(explanation)),
    (_key, value: unknown) => (typeof value === 'string' ? sanitize(value) : value),
  );
  return dump(plain, { lineWidth: -1, noRefs: true });
}

/** Every key is named, so that nothing else comes along. */
function entryData(entry: InventoryEntry): object {
  const {
    contexts,
    selector,
    syncNamespaces,
    syncKeys,
    frozen,
    reach,
    upToDate,
    behind,
    notCompared,
    missing,
    conflicts,
    toPrune,
    orphans,
  } = entry;
  return {
    ...nameOf(entry),
    ...(selector !== undefined && { selector }),
    ...(syncNamespaces !== undefined && { syncNamespaces }),
    ...(syncKeys !== undefined && { syncKeys }),
    ...(contexts !== undefined && { contexts }),
    ...(frozen && { frozen }),
    reach,
    upToDate,
    behind,
    notCompared,
    missing,
    conflicts,
    toPrune,
    orphans,
  };
}

function contextData({ name, server, reachable, sources, answers, findings }: ContextExplanation): object {
  return {
    name,
    ...(server !== undefined && { server }),
    reachable,
    sources: sources.map(entryData),
    ...(answers && { namespaces: answers.map(answerData) }),
    findings: findings.map(findingDocument),
  };
}

function objectData(object: ObjectAnswer): object {
  const { role, origin, selector, answers, findings } = object;
  return {
    ...nameOf(object),
    role,
    ...(origin && { origin: originData(origin) }),
    ...(selector !== undefined && { selector }),
    namespaces: answers.map(answerData),
    findings: findings.map(findingDocument),
  };
}

function answerData(answer: CopyAnswer): object {
  const { namespace, state } = answer;
  const message = removeNameMarks(answerText([answer], true));
  return {
    namespace,
    state,
    reasons: answerCodes(answer),
    ...(message !== '' && { message: sanitize(message) }),
    ...detailData(answer),
  };
}

function detailData(answer: CopyAnswer): object {
  switch (answer.state) {
    case 'behind': {
      const { fields, editors } = answer.change;
      return { fields: fields.map(fieldData), editors };
    }
    case 'waiting':
      return { until: answer.until };
    case 'handed-over':
      return { to: originData(answer.to) };
    case 'conflict':
      return answer.takenBy === undefined ? {} : { takenBy: takenByData(answer.takenBy) };
    case 'no-copy':
      return answer.why.rule === 'not-selected' ? { unmet: answer.why.unmet.map(unmetData) } : {};
    default:
      return {};
  }
}

type Conflict = Extract<CopyAnswer, { readonly state: 'conflict' }>;

function takenByData({ madeBy, clusterName }: NonNullable<Conflict['takenBy']>): object {
  return { ...(madeBy !== undefined && { madeBy }), ...(clusterName !== undefined && { clusterName }) };
}

type NotSelected = Extract<CopyAnswer, { readonly state: 'no-copy' }>['why'] & {
  readonly rule: 'not-selected';
};

function unmetData({ key, value, operator, values }: NotSelected['unmet'][number]): object {
  return { key, ...(value !== undefined && { value }), operator, values };
}
