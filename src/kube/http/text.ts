/** More of a message nobody reads; a webhook may send megabytes. */
const LONGEST = 1000;

/**
 * A message of the other side made fit to be shown: whatever steers a terminal or reorders text is a space, and it is
 * bounded. Values have to be searched for before this, since it may cut one in two.
 */
export function clean(message: string): string {
  const text = message.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\p{Cs}$/u, '')}…`;
}
