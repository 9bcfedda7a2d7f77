import type { Desired } from './desired.ts';
import { FIELDS, writeFields } from './marks.ts';
import type { ObjectMeta, Settings, StringMap } from './model.ts';
import { readOwnership } from './ownership.ts';
import { get, has } from './records.ts';

/**
 * Whether a copy is taken as current from metadata alone (design section 4.2): strong evidence that nobody wrote to it
 * since we did, not proof. The origin's uid and resourceVersion are within the wanted annotations.
 *
 * | | holds when |
 * |---|---|
 * | a, b | every wanted label and annotation is there as wanted, and none that we own is unwanted |
 * | c | our content fields are those that the mark `fields` names, nobody else owns one, nobody applied `stringData` |
 */
export function isTakenAsCurrent(copy: ObjectMeta, wanted: Desired, settings: Settings): boolean {
  if (!contains(copy.labels, wanted.labels) || !contains(copy.annotations, wanted.annotations)) return false;
  const ownership = readOwnership(copy.managedFields);
  if (ownership.stringData || ownership.others.length > 0) return false;
  if (ownsUnwanted(ownership.labels, copy.labels, wanted.labels)) return false;
  if (ownsUnwanted(ownership.annotations, copy.annotations, wanted.annotations)) return false;
  return writeFields(ownership.content, settings.sha256) === get(copy.annotations, FIELDS);
}

function contains(have: StringMap, want: StringMap): boolean {
  return Object.keys(want).every((key) => get(have, key) === get(want, key));
}

function ownsUnwanted(owned: ReadonlySet<string>, have: StringMap, want: StringMap): boolean {
  for (const key of owned) {
    if (key !== FIELDS && has(have, key) && !has(want, key)) return true;
  }
  return false;
}
