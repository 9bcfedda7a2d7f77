import type { Migration, MirrorTool, ThereAlready, TurnedSource } from '../../model/migration.ts';
import { compareNames, get, isSameOrigin, keyOf, nameOf, originOf } from '../../model/keys.ts';
import type { ObjectMeta, Origin, Snapshot, StringMap } from '../../model/objects.ts';
import { draftPlan } from '../draft.ts';
import type { Scope } from '../scope.ts';
import { TOOL_PREFIXES, readMirror, toolKeys } from './mirror-marks.ts';
import { turnAnnotations } from './turn-annotations.ts';

/** What a migration has, except the cluster that was read. */
export type PlannedMigration = Omit<Migration, 'target'>;

/**
 * Plans the way from a tool to kubed-sync. What is there already, and who would be in the way of a copy, comes from the plan
 * of a cluster in which the annotations are turned.
 */
export function planMigration(snapshot: Snapshot, tool: MirrorTool, scope: Scope): PlannedMigration {
  const sources: TurnedSource[] = [];
  const notTurned: PlannedMigration['notTurned'][number][] = [];
  for (const meta of snapshot.objects.toSorted(compareNames)) {
    const turned = scope.isSourceNamespace(meta.namespace) ? turnAnnotations(meta, tool) : undefined;
    if (turned === undefined) continue;
    if ('problem' in turned) notTurned.push({ ...nameOf(meta), problem: turned.problem });
    else {
      const { turned: annotations, ...more } = turned;
      sources.push({ ...nameOf(meta), ...annotations, ...more, remove: toolKeys(meta.annotations, tool) });
    }
  }
  return {
    tool,
    sources,
    notTurned,
    ...thereAlready(turnedSnapshot(snapshot, sources), tool, sources, scope),
  };
}

/** The snapshot as it is after the annotations were turned. */
function turnedSnapshot({ namespaces, objects }: Snapshot, sources: readonly TurnedSource[]): Snapshot {
  const byKey = new Map(sources.map((source) => [keyOf(source), source]));
  return {
    namespaces,
    objects: objects.map((meta) => {
      const source = byKey.get(keyOf(meta));
      return source === undefined ? meta : { ...meta, annotations: turnedMap(meta.annotations, source) };
    }),
  };
}

function turnedMap(annotations: StringMap, { set, remove }: TurnedSource): StringMap {
  const kept = Object.entries(annotations).filter(([key]) => !remove.includes(key));
  return { ...Object.fromEntries(kept), ...set };
}

type There = Pick<Migration, 'mirrors' | 'unnamed' | 'collisions' | 'left'>;

function thereAlready(
  snapshot: Snapshot,
  tool: MirrorTool,
  sources: readonly TurnedSource[],
  scope: Scope,
): There {
  const { findings } = draftPlan(snapshot, { ...scope, onConflict: 'fail' });
  const turned = new Set(sources.map(keyOf));
  const metas = new Map(snapshot.objects.map((meta) => [keyOf(meta), meta]));
  const groups: Record<'mirrors' | 'unnamed' | 'collisions', ThereAlready[]> = {
    mirrors: [],
    unnamed: [],
    collisions: [],
  };
  for (const finding of findings) {
    if (finding.reason !== 'conflict' || !turned.has(keyOf({ ...finding, ...finding.origin }))) continue;
    const meta = metas.get(keyOf(finding));
    if (meta !== undefined)
      groups[groupOf(meta, tool, finding.origin)].push({ ...nameOf(finding), origin: finding.origin });
  }
  const taken = new Set(groups.mirrors.map(keyOf));
  return {
    ...groups,
    left: snapshot.objects.flatMap((meta) => leftMirror(meta, tool, taken)).toSorted(compareNames),
  };
}

function groupOf(meta: ObjectMeta, tool: MirrorTool, origin: Origin): 'mirrors' | 'unnamed' | 'collisions' {
  const mirror = readMirror(meta);
  if (mirror !== undefined) return isSameOrigin(mirror.origin, origin) ? 'mirrors' : 'collisions';
  return tool === 'replicator' && isPushed(meta) ? 'unnamed' : 'collisions';
}

/** Whether replicator pushed a copy: it writes which version it copied, and not of which object. */
function isPushed({ annotations }: ObjectMeta): boolean {
  const marks = ['replicated-from-version', 'replicated-at', 'replicated-keys'];
  return marks.every((mark) => get(annotations, TOOL_PREFIXES.replicator + mark) !== undefined);
}

function leftMirror(meta: ObjectMeta, tool: MirrorTool, taken: ReadonlySet<string>): readonly ThereAlready[] {
  const mirror = readMirror(meta);
  if (mirror?.tool !== tool || taken.has(keyOf(meta))) return [];
  return [{ ...nameOf(meta), origin: originOf(mirror.origin) }];
}
