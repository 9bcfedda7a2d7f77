/** A JSON object from outside. Check each value before you use it. */
export interface Json {
  readonly [key: string]: unknown;
}

/** Returns whether a value is a JSON object: not null, not an array, not a plain value. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
