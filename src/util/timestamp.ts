/*
 * Times as the API server writes them: RFC 3339 in UTC with seconds, such as `2026-01-02T03:04:05Z` (`metav1.Time`). Their
 * text order is their time order. This file reads no clock.
 */

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u;

/** Returns the seconds since 1970. Undefined if the text is not such a time. */
export function parseTimestamp(text: string): number | undefined {
  const milliseconds = TIMESTAMP.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Returns a date as a timestamp. Parts of a second are dropped. */
export function formatTimestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Returns the time so many seconds later. `time` must be a timestamp. */
export function addSeconds(time: string, seconds: number): string {
  return formatTimestamp(new Date(Date.parse(time) + seconds * 1000));
}
