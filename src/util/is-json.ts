/** A JSON object from outside. Its values are not checked. */
export interface Json {
  readonly [key: string]: unknown;
}

/** Returns whether a value is a JSON object, so not null, an array or a scalar. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
