import { type OriginMark, IGNORE, SYNC, SYNC_CONTEXTS, canBeSource, readMarks } from './marks.ts';
import type { Finding, Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from './model.ts';
import { compareNames, compareText, get, keyFrom, keyOf, nameOf } from './records.ts';
import type { Rules } from './rules.ts';
import { type Selector, parseSelector } from './selector.ts';
import { metadataTrouble } from './limits.ts';

/** An annotated object in scope (design section 1). */
export interface Source {
  readonly meta: ObjectMeta;
  /** The annotation as it stands. */
  readonly text: string;
  /** Absent: frozen, its copies stay exactly as they are. */
  readonly selector?: Selector;
  /** It is being deleted: a source until it is gone, but it gets no new copies. */
  readonly fading: boolean;
}

/** An object with our marks, all in order. */
export interface Copy {
  readonly meta: ObjectMeta;
  readonly origin: OriginMark;
}

/** A snapshot looked through once: what everything in it is. */
export interface Survey {
  readonly rules: Rules;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Namespaces that take copies: in scope, not terminating, not ignored. */
  readonly targets: readonly Namespace[];
  readonly objects: ReadonlyMap<ObjectKey, ObjectMeta>;
  readonly copies: ReadonlyMap<ObjectKey, Copy>;
  readonly sources: readonly Source[];
  /** What would be sources but for `--source-namespace`. */
  readonly outsiders: readonly Source[];
  /** Origins whose copies stay exactly as they are: broken sources, and copies that pretend to be sources. */
  readonly frozen: ReadonlySet<ObjectKey>;
  readonly findings: readonly Finding[];
}

/** Looks a snapshot through: sources, copies, targets, and what there is to say of them. Its order does not matter. */
export function survey(unordered: Snapshot, rules: Rules): Survey {
  const snapshot = ordered(unordered);
  const objects = new Map(snapshot.objects.map((object) => [keyOf(object), object]));
  const namespaces = new Map(snapshot.namespaces.map((namespace) => [namespace.name, namespace]));
  const { copies, findings: markFindings } = readAllMarks(snapshot.objects, rules);
  const annotated = snapshot.objects.filter((object) => get(object.annotations, SYNC) !== undefined);
  const posing = annotated.flatMap((object) => copies.get(keyOf(object)) ?? []);
  const all = annotated
    .filter((object) => !copies.has(keyOf(object)) && canBeSource(object.kind, object.name))
    .map((object) => sourceOf(object, namespaces, rules));
  const sources = all.filter(({ meta }) => rules.isSourceNamespace(meta.namespace));
  return {
    rules,
    namespaces,
    targets: snapshot.namespaces.filter((namespace) => takesCopies(namespace, rules)),
    objects,
    copies,
    sources,
    outsiders: all.filter(({ meta }) => !rules.isSourceNamespace(meta.namespace)),
    frozen: new Set([...posing.map(({ meta }) => meta), ...broken(sources)].map(keyOf)),
    findings: [
      ...markFindings,
      ...posing.map(posingFinding),
      ...sources.flatMap((source) => sourceFindings(source, rules)),
      ...contextsFindings(snapshot.objects, copies, rules),
    ],
  };
}

function isSource(object: ObjectMeta, rules: Rules): boolean {
  return canBeSource(object.kind, object.name) && rules.isSourceNamespace(object.namespace);
}

/** The API server lists in this order, but for what was restarted between two pages. */
function ordered({ namespaces, objects }: Snapshot): Snapshot {
  return {
    namespaces: namespaces.toSorted((a, b) => compareText(a.name, b.name)),
    objects: objects.toSorted(compareNames),
  };
}

function takesCopies(namespace: Namespace, rules: Rules): boolean {
  return !namespace.terminating && !isIgnored(namespace) && rules.isTargetNamespace(namespace.name);
}

/** Whether a namespace opted out: it takes no copies, though it may hold sources. */
export function isIgnored(namespace: Namespace): boolean {
  return get(namespace.annotations, IGNORE) === 'true';
}

function sourceOf(meta: ObjectMeta, namespaces: ReadonlyMap<string, Namespace>, rules: Rules): Source {
  const text = get(meta.annotations, SYNC) ?? '';
  const fading = meta.deletionTimestamp !== undefined || namespaces.get(meta.namespace)?.terminating === true;
  const parsed = selectorOf(text);
  return parsed.ok && metadataTrouble(meta, rules.strip) === undefined
    ? { meta, text, selector: parsed.selector, fading }
    : { meta, text, fading };
}

/** `"true"` is the old operator's spelling of every namespace. */
function selectorOf(text: string): ReturnType<typeof parseSelector> {
  return parseSelector(text === 'true' ? '' : text);
}

function broken(sources: readonly Source[]): ObjectMeta[] {
  return sources.flatMap((source) => (source.selector === undefined ? [source.meta] : []));
}

function sourceFindings({ meta, text }: Source, rules: Rules): Finding[] {
  const name = nameOf(meta);
  const findings: Finding[] = [];
  const parsed = selectorOf(text);
  if (!parsed.ok) {
    const { at, problem } = parsed;
    findings.push({ reason: 'invalid-selector', ...name, selector: text, problem: { at, problem } });
  }
  const why = suspicion(text);
  if (why !== undefined) findings.push({ reason: 'suspicious-selector', ...name, selector: text, why });
  const trouble = metadataTrouble(meta, rules.strip);
  if (trouble !== undefined) findings.push({ reason: 'source-not-copyable', ...name, why: trouble });
  return findings;
}

const BOOLEAN = /^\s*!?\s*(?:true|false|yes|no|on|off|y|n|t|f|0|1|enabled|disabled)\s*$/i;
const TYPOGRAPHIC_QUOTES = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb]/;

function suspicion(text: string): 'boolean' | 'quotes' | undefined {
  if (TYPOGRAPHIC_QUOTES.test(text)) return 'quotes';
  return text !== 'true' && BOOLEAN.test(text) ? 'boolean' : undefined;
}

function posingFinding({ meta, origin: { namespace, name } }: Copy): Finding {
  return { reason: 'copy-with-sync-annotation', ...nameOf(meta), origin: { namespace, name } };
}

function contextsFindings(
  objects: readonly ObjectMeta[],
  copies: ReadonlyMap<ObjectKey, Copy>,
  rules: Rules,
): Finding[] {
  return objects.flatMap((object): Finding[] => {
    const contexts = get(object.annotations, SYNC_CONTEXTS);
    if (contexts === undefined || copies.has(keyOf(object)) || !isSource(object, rules)) return [];
    return [{ reason: 'sync-contexts-ignored', ...nameOf(object), contexts }];
  });
}

/** So large a part of all marked objects under one other cluster name looks like a wrong `--cluster-name`. */
const NEARLY_ALL = 0.9;

function readAllMarks(
  objects: readonly ObjectMeta[],
  rules: Rules,
): { copies: Map<ObjectKey, Copy>; findings: Finding[] } {
  const copies = new Map<ObjectKey, Copy>();
  const otherClusters = new Map<string, number>();
  const disagreeing = new Map<string, ObjectName[]>();
  for (const meta of objects) {
    const marks = readMarks(meta, rules);
    if (marks.marked === 'ours') copies.set(keyOf(meta), { meta, origin: marks.origin });
    if (marks.marked === 'other-cluster') {
      otherClusters.set(marks.clusterName, (otherClusters.get(marks.clusterName) ?? 0) + 1);
    }
    if (marks.marked === 'disagree' && rules.isTargetNamespace(meta.namespace)) {
      const known = disagreeing.get(meta.namespace);
      if (known === undefined) disagreeing.set(meta.namespace, [nameOf(meta)]);
      else known.push(nameOf(meta));
    }
  }
  const findings = [...clusterFindings(otherClusters, copies.size), ...disagreeFindings(disagreeing)];
  return { copies, findings };
}

function clusterFindings(otherClusters: ReadonlyMap<string, number>, ours: number): Finding[] {
  const all = ours + [...otherClusters.values()].reduce((sum, copies) => sum + copies, 0);
  return [...otherClusters].map(([clusterName, copies]) => {
    return { reason: 'other-cluster-name', clusterName, copies, nearlyAll: copies >= all * NEARLY_ALL };
  });
}

function disagreeFindings(disagreeing: ReadonlyMap<string, readonly ObjectName[]>): Finding[] {
  return [...disagreeing].map(([namespace, objects]) => ({ reason: 'marks-disagree', namespace, objects }));
}

/** The key of a copy's origin, which is of the copy's kind. */
export function originKey({ meta, origin }: Copy): ObjectKey {
  return keyFrom(meta.kind, origin.namespace, origin.name);
}
