import type { MirrorTool, TurnProblem, TurnedAnnotations } from '../../model/migration.ts';
import type { ObjectMeta, StringMap } from '../../model/objects.ts';
import { get, has } from '../../model/keys.ts';
import { SYNC } from '../annotations/markers.ts';
import { TOOL_PREFIXES } from './mirror-marks.ts';
import { type RuleOrProblem, annotationsOf, bothRules, readRule } from './namespace-rule.ts';
import { turnReflectorSelector, turnSelector } from './turn-selector.ts';

/*
 * What do the annotations of a source of reflector or replicator mean to kubed-sync? Only what means exactly the same is
 * turned. Examples for reflector, with `reflection-allowed` and `reflection-auto-enabled` set to `true`:
 *
 *   reflection-allowed-namespaces  reflection-auto-namespaces  kubed.appscode.com/sync
 *   -----------------------------  --------------------------  --------------------------------------------
 *   (none)                         (none)                      "" (every namespace)
 *   (none)                         team-a,team-b               kubernetes.io/metadata.name in (team-a,team-b)
 *   team-.*                        team-a,other                kubernetes.io/metadata.name in (team-a)
 *   (none)                         team-.*                     "", and sync-namespaces "team-*"
 *   (none)                         team-[0-9]+                 not turned
 */

/** What a source of a tool becomes. Undefined if it is not a source of that tool. */
export type Turned =
  | { readonly turned: TurnedAnnotations; readonly stripsLabels?: true }
  | { readonly problem: TurnProblem }
  | undefined;

/** Returns what the annotations of a tool on an object become. */
export function turnAnnotations(meta: ObjectMeta, tool: MirrorTool): Turned {
  const key = (name: string): string => TOOL_PREFIXES[tool] + name;
  const value = (name: string): string | undefined => get(meta.annotations, key(name));
  const isSource = SOURCE_KEYS[tool].some((name) => value(name) !== undefined);
  if (!isSource) return undefined;
  if (has(meta.annotations, SYNC)) return { problem: { code: 'already-a-source' } };
  if (value(MIRROR_KEYS[tool]) !== undefined) return { problem: { code: 'is-a-mirror' } };
  return tool === 'reflector' ? turnReflector(meta.annotations, key) : turnReplicator(meta.annotations, key);
}

/** The annotations that make a source. */
const SOURCE_KEYS: Readonly<Record<MirrorTool, readonly string[]>> = {
  reflector: ['reflection-allowed', 'reflection-auto-enabled'],
  replicator: ['replicate-to', 'replicate-to-matching', 'replication-allowed'],
};

const MIRROR_KEYS: Readonly<Record<MirrorTool, string>> = {
  reflector: 'reflects',
  replicator: 'replicate-from',
};

type Key = (name: string) => string;

/** A namespace must be allowed, and among those for automatic mirrors. An empty list or selector counts as absent. */
function turnReflector(annotations: StringMap, key: Key): Turned {
  const isOn = (name: string): boolean => get(annotations, key(name))?.trim().toLowerCase() === 'true';
  const written = (name: string): string | undefined => get(annotations, key(name)) || undefined;
  if (!isOn('reflection-allowed')) return { problem: { code: 'switched-off' } };
  if (!isOn('reflection-auto-enabled')) return { problem: { code: 'only-pulled' } };
  const rule = (name: string): RuleOrProblem =>
    readRule({
      listKey: key(name),
      list: written(name),
      selectorKey: key(`${name}-selector`),
      selector: written(`${name}-selector`),
      turnSelector: turnReflectorSelector,
    });
  const [allowed, auto] = ['reflection-allowed-namespaces', 'reflection-auto-namespaces'] as const;
  return turnedRule(bothRules(rule(allowed), rule(auto), [key(allowed), key(auto)]));
}

/** Any value of `strip-labels` strips them. */
function turnReplicator(annotations: StringMap, key: Key): Turned {
  const [listKey, selectorKey] = [key('replicate-to'), key('replicate-to-matching')];
  const [list, selector] = [get(annotations, listKey), get(annotations, selectorKey)];
  if (list === undefined && selector === undefined) return { problem: { code: 'only-pulled' } };
  const turned = turnedRule(readRule({ listKey, list, selectorKey, selector, turnSelector }));
  const strips = has(annotations, key('strip-labels')) && ({ stripsLabels: true } as const);
  return 'turned' in turned ? { ...turned, ...strips } : turned;
}

function turnedRule(rule: RuleOrProblem): Exclude<Turned, undefined> {
  const turned = annotationsOf(rule);
  return 'code' in turned ? { problem: turned } : { turned };
}
