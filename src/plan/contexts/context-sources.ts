import type { ContextFinding } from '../../model/context-finding.ts';
import type { ObjectKey, ObjectMeta } from '../../model/objects.ts';
import { get, has, keyOf, nameOf } from '../../model/keys.ts';
import { SYNC_CONTEXTS, canBeSource } from '../annotations/markers.ts';
import { type ContextPatterns, asksFor, parseContexts } from '../annotations/sync-contexts.ts';
import type { ClassifiedSnapshot } from '../classify.ts';
import { metadataProblem } from '../copy/limits.ts';
import { isMisunderstood } from '../key-findings.ts';

/*
 * Which objects at home ask for copies in other clusters, and for which contexts (docs/design.md 11.1)? A source may ask
 * for copies here (`sync`), there (`sync-contexts`), or both. Each annotation is judged by itself.
 */

/** An object that asks for copies in other clusters. */
export interface ContextSource {
  readonly meta: ObjectMeta;
  readonly key: ObjectKey;
  /** The text of its annotation. */
  readonly text: string;
  /** Undefined: its copies in other clusters stay exactly as they are. */
  readonly patterns: ContextPatterns | undefined;
  readonly isTerminating: boolean;
}

/** Returns the sources of a snapshot of the home cluster that ask for other clusters. */
export function contextSources(classified: ClassifiedSnapshot): readonly ContextSource[] {
  const { scope } = classified;
  return allContextSources(classified).filter(({ meta }) => scope.isSourceNamespace(meta.namespace));
}

/** Returns the sources that would ask for other clusters without `--source-namespace`. */
export function outOfScopeContextSources(classified: ClassifiedSnapshot): readonly ContextSource[] {
  const { scope } = classified;
  return allContextSources(classified).filter(({ meta }) => !scope.isSourceNamespace(meta.namespace));
}

function allContextSources({ index, scope }: ClassifiedSnapshot): readonly ContextSource[] {
  return index.all.flatMap(({ meta, copy }) => {
    const text = get(meta.annotations, SYNC_CONTEXTS);
    if (text === undefined || copy !== undefined || !canBeSource(meta.kind, meta.name)) return [];
    const isCopyable = !isMisunderstood(meta) && metadataProblem(meta, scope.strip) === undefined;
    const patterns = isCopyable ? validPatterns(text, scope.sourceNamespaces) : undefined;
    const namespace = index.namespaces.get(meta.namespace);
    const isTerminating = meta.deletionTimestamp !== undefined || namespace?.terminating === true;
    return [{ meta, key: keyOf(meta), text, patterns, isTerminating }];
  });
}

/**
 * Returns the patterns of an annotation. Wildcards count only with `--source-namespace`: otherwise any user who can
 * annotate an object could send it to every cluster.
 */
function validPatterns(text: string, sourceNamespaces: readonly string[]): ContextPatterns | undefined {
  const patterns = parseContexts(text);
  return patterns !== undefined && mayHaveWildcards(patterns, sourceNamespaces) ? patterns : undefined;
}

function mayHaveWildcards({ wildcards }: ContextPatterns, sourceNamespaces: readonly string[]): boolean {
  return wildcards.length === 0 || sourceNamespaces.length > 0;
}

/** What is wrong with the annotations of the sources themselves, whatever the kubeconfigs are. */
export function annotationFindings(
  sources: readonly ContextSource[],
  { scope }: ClassifiedSnapshot,
): readonly ContextFinding[] {
  return sources.flatMap(({ meta, text }): readonly ContextFinding[] => {
    const patterns = parseContexts(text);
    const about = { ...nameOf(meta), contexts: text };
    if (patterns === undefined) return [{ reason: 'invalid-contexts', ...about, why: 'empty' }];
    if (mayHaveWildcards(patterns, scope.sourceNamespaces)) return [];
    return [{ reason: 'invalid-contexts', ...about, why: 'wildcard' }];
  });
}

/** The contexts of the remote kubeconfigs, as far as a plan needs to know them. */
export interface KnownContexts {
  /** The names of all contexts, also of those that cannot be used. */
  readonly known: ReadonlySet<string>;
  /** Contexts that are in scope and could not be read, so what is there is not known. */
  readonly failed: ReadonlySet<string>;
}

/** Findings about names that are in no remote kubeconfig, and wildcards that match no context. */
export function nameFindings(
  sources: readonly ContextSource[],
  { known }: KnownContexts,
): readonly ContextFinding[] {
  return sources.flatMap(({ meta, patterns }): readonly ContextFinding[] => {
    if (patterns === undefined) return [];
    const unknown = patterns.names.filter((name) => !known.has(name));
    const unmatched = patterns.wildcards.filter((pattern) => !matchesAny(pattern, known));
    return [
      ...(unknown.length === 0 ? [] : [{ reason: 'unknown-context', ...nameOf(meta), unknown } as const]),
      ...(unmatched.length === 0
        ? []
        : [{ reason: 'no-context-matches', ...nameOf(meta), patterns: unmatched } as const]),
    ];
  });
}

function matchesAny(pattern: string, known: ReadonlySet<string>): boolean {
  return [...known].some((name) => asksFor({ names: [], wildcards: [pattern] }, name) !== undefined);
}

/**
 * Returns the sources whose copies in other clusters are not deleted: they name a context that is unknown or could not be
 * read, or they have a wildcard that matches nothing. A deletion there might be the effect of a mistake in a file.
 */
export function heldSources(
  sources: readonly ContextSource[],
  { known, failed }: KnownContexts,
): ReadonlySet<ObjectKey> {
  const isHeld = ({ names, wildcards }: ContextPatterns): boolean =>
    names.some((name) => !known.has(name) || failed.has(name)) ||
    wildcards.some((pattern) => !matchesAny(pattern, known) || matchesAny(pattern, failed));
  return new Set(
    sources.flatMap(({ key, patterns }) => (patterns !== undefined && isHeld(patterns) ? [key] : [])),
  );
}

/** Returns the sources that ask for a context, by its name or by a wildcard. */
export function sourcesOf(sources: readonly ContextSource[], context: string): readonly ContextSource[] {
  return sources.filter(({ patterns }) => patterns !== undefined && asksFor(patterns, context) !== undefined);
}

/** Whether a source names a context literally, without a wildcard. */
export function isNamed(sources: readonly ContextSource[], context: string): boolean {
  return sources.some(({ patterns }) => patterns?.names.includes(context) === true);
}

/** Whether an object asks for copies in other clusters. */
export function asksForContexts({ annotations }: Pick<ObjectMeta, 'annotations'>): boolean {
  return has(annotations, SYNC_CONTEXTS);
}
