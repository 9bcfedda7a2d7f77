/** A JSON object of the API server: nothing in it may be relied on before it was looked at. */
export interface Json {
  readonly [key: string]: unknown;
}

/** Whether a value of an answer is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under a key, if there is one. */
export function textAt(json: Json, key: string): string | undefined {
  const value = json[key];
  return typeof value === 'string' ? value : undefined;
}

/** The object under a key; an empty one where there is none. */
export function objectAt(json: Json, key: string): Json {
  const value = json[key];
  return isJson(value) ? value : NOTHING;
}

const NOTHING: Json = Object.freeze({});
