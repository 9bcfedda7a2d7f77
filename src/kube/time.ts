/** RFC 3339 with seconds, the only precision that `metav1.Time` keeps. */
export function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
