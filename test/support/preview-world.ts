import { draftPlan } from '../../src/plan/draft.ts';
import { finalizePlan } from '../../src/plan/finalize.ts';
import { type DeclaredObjects, byKey } from '../../src/model/manifest.ts';
import type { Body, Namespace } from '../../src/model/objects.ts';
import type { Cause } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import {
  type DeclaredBodies,
  type PlannedState,
  comparePlans,
} from '../../src/plan/preview/compare-plans.ts';
import { keyOf } from '../../src/model/keys.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { type World, answersOf, settingsWith, snapshotOf } from './world.ts';

/* Two worlds, and what the comparison of their plans says. */

/** What a run plans for a world. */
export function plannedState(world: World, settings: Settings = settingsWith()): PlannedState {
  const draft = draftPlan(snapshotOf(world, settings), scopeOf(settings));
  return { classified: draft.classified, plan: finalizePlan(draft, answersOf(world, draft)) };
}

/** The objects of the world after, as manifests that declare all of them. */
export function declaredIn(before: World, after: World): DeclaredBodies {
  return new Map(
    [...after.objects].map(([key, body]) => [key, { before: before.objects.get(key), after: body }]),
  );
}

/** The plan for the world after, with its causes. */
export function compared(before: World, after: World, settings: Settings = settingsWith()): Plan {
  const [old, now] = [plannedState(before, settings), plannedState(after, settings)];
  return comparePlans(old, now, declaredIn(before, after));
}

/** A cause in a few words: `edited by kubectl-edit: data.a`. */
export function causeWords({ code, fields, by, from, selector, selectors, texts }: Cause): string {
  return [
    code,
    ...(by === undefined ? [] : [`by ${by.join()}`]),
    ...(from === undefined ? [] : [`from ${from.namespace}/${from.name}`]),
    ...(selector === undefined ? [] : [`"${selector}"`]),
    ...(selectors === undefined ? [] : [`"${selectors.before}" "${selectors.after}"`]),
    ...(texts === undefined ? [] : [`${JSON.stringify(texts.before)} ${JSON.stringify(texts.after)}`]),
    ...(fields === undefined ? [] : [fields.map(({ part, key = '' }) => `${part}.${key}`).join()]),
  ].join(' ');
}

/** Objects and namespaces as manifests declare them. */
export function declaring(objects: readonly Body[], namespaces: readonly Namespace[] = []): DeclaredObjects {
  const manifests = objects.map(({ content, ...meta }) => ({ ...meta, ...content }));
  return { namespaces, objects: [...byKey(manifests).values()] };
}

/** The keys of objects as text. */
export function keysOf(objects: readonly Body[]): readonly string[] {
  return objects.map(keyOf).toSorted();
}
