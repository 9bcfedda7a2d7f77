import type { AnnotationProblem, NarrowingKey, Parsed } from '../../model/annotation-problem.ts';
import type { Namespace, StringMap } from '../../model/objects.ts';
import type { SourceState } from '../../model/plan.ts';
import type { Settings } from '../../model/settings.ts';
import { get } from '../../model/keys.ts';
import { SYNC_KEYS, SYNC_NAMESPACES, requestKey } from './markers.ts';
import { type Selector, matches } from './selector.ts';
import { parseSyncKeys } from './sync-keys.ts';
import { type NamePatterns, matchesNames, parseSyncNamespaces } from './sync-namespaces.ts';

/** Which namespaces a source selects. */
export interface Selection {
  /** Undefined: the source is frozen. */
  readonly selector: Selector | undefined;
  /** Undefined: names do not matter. */
  readonly names: NamePatterns | undefined;
}

/** Whether a source selects a namespace, by its labels and by its name. */
export function selects({ selector, names }: Selection, { name, labels }: Namespace): boolean {
  return (
    selector !== undefined && matches(selector, labels) && (names === undefined || matchesNames(names, name))
  );
}

/** The patterns of `sync-namespaces`. Undefined if there are none. */
export function namePatternsOf(annotations: StringMap): NamePatterns | undefined {
  const text = get(annotations, SYNC_NAMESPACES);
  const parsed = text === undefined ? undefined : parseSyncNamespaces(text);
  return parsed?.ok ? parsed.value : undefined;
}

/** Whether two states of an object ask for the same copies. */
export function asksTheSame(a: Annotated, b: Annotated, settings: Pick<Settings, 'remote'>): boolean {
  return [requestKey(settings), SYNC_NAMESPACES, SYNC_KEYS].every(
    (key) => get(a.annotations, key) === get(b.annotations, key),
  );
}

/** The texts of the annotations that narrow a source. */
export function narrowingTexts(annotations: StringMap): Pick<SourceState, 'syncNamespaces' | 'syncKeys'> {
  const [syncNamespaces, syncKeys] = [get(annotations, SYNC_NAMESPACES), get(annotations, SYNC_KEYS)];
  return {
    ...(syncNamespaces !== undefined && { syncNamespaces }),
    ...(syncKeys !== undefined && { syncKeys }),
  };
}

interface Annotated {
  readonly annotations: StringMap;
}

/** An annotation that narrows a source and has an invalid value. */
export interface InvalidAnnotation extends AnnotationProblem {
  readonly annotation: NarrowingKey;
  readonly value: string;
}

const PARSERS: readonly (readonly [NarrowingKey, (text: string) => Parsed<unknown>])[] = [
  [SYNC_NAMESPACES, parseSyncNamespaces],
  [SYNC_KEYS, parseSyncKeys],
];

/** The annotations that narrow a source and have invalid values. Each of them freezes it. */
export function invalidAnnotations(annotations: StringMap): readonly InvalidAnnotation[] {
  return PARSERS.flatMap(([annotation, parse]): readonly InvalidAnnotation[] => {
    const value = get(annotations, annotation);
    const parsed = value === undefined ? undefined : parse(value);
    if (value === undefined || parsed === undefined || parsed.ok) return [];
    return [{ annotation, value, at: parsed.at, problem: parsed.problem }];
  });
}
