/*
 * Which parts of a sentence come from the cluster, a manifest or a server? Markdown shows these parts as code, and our
 * own words as text. Such a part stands between two noncharacters, which Unicode reserves for use inside of a program:
 *
 *   markName('demo/omni')                          →  «demo/omni»        « is U+FDD0, » is U+FDD1
 *   `ConfigMap ${markName('demo/omni')} is a copy`  →  ConfigMap «demo/omni» is a copy
 *
 * Every output except Markdown removes the marks. No part can end its own mark: the two characters become escapes.
 */

/** Begins a name. */
export const NAME_START = '\uFDD0';

/** Ends a name. */
export const NAME_END = '\uFDD1';

/** Returns a text that others chose, with marks around it. */
export function markName(text: string): string {
  const inner = text.replaceAll(NAME_START, '\\ufdd0').replaceAll(NAME_END, '\\ufdd1');
  return `${NAME_START}${inner}${NAME_END}`;
}

/** Returns a sentence without the marks of names. */
export function removeNameMarks(text: string): string {
  return text.replaceAll(NAME_START, '').replaceAll(NAME_END, '');
}
