import type { ApiClient } from '../http/client.ts';
import { cleanMessage } from '../http/request-error.ts';
import { readBody } from '../read/read-object.ts';
import type { FailureReason, Result } from '../../model/failure.ts';
import type { Body, ObjectName } from '../../model/objects.ts';

/** Shorter values, such as `on` or `1`, would blot out half of a message and tell nothing. */
const SHORTEST = 4;
/** A line of a longer value counts from this length on. */
const SHORTEST_LINE = 8;

/**
 * Takes the values of a source out of what the API server or an admission webhook says of a write: they quote what
 * they refuse. Values are searched for as sent, decoded, line by line, and as a quoting message escapes them.
 */
export function redactor(source: Body): (message: string) => string {
  let secrets: readonly string[] | undefined;
  return (message) => {
    secrets ??= secretsOf(source);
    return secrets.reduce(
      (text, secret) => (secret.length <= text.length ? text.replaceAll(secret, '***') : text),
      message,
    );
  };
}

/** The longest first, since one value may be a part of another. */
function secretsOf({ kind, content }: Body): readonly string[] {
  const sent = [...Object.values(content.data), ...Object.values(content.binaryData)];
  const decoded = kind === 'Secret' ? sent.map(decode) : Object.values(content.binaryData).map(decode);
  const texts = [...sent, ...decoded].flatMap((text) => [text, text.trim(), ...linesOf(text)]);
  const escaped = texts.map((text) => JSON.stringify(text).slice(1, -1));
  const all = new Set(
    [...texts, ...escaped, ...escaped.map(asGoDoes)].filter((text) => text.length >= SHORTEST),
  );
  return [...all].toSorted((a, b) => b.length - a.length);
}

/** Go's encoding/json escapes what HTML might take for its own, too. */
function asGoDoes(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString();
}

function linesOf(text: string): readonly string[] {
  if (!text.includes('\n')) return [];
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE);
}

type Conceal = (message: string) => string;

/** Words of the API server itself, which knows names only; it is admission that quotes what it refuses. */
const WORDS_OF_ITS_OWN: ReadonlySet<FailureReason> = new Set([
  'conflict',
  'already-exists',
  'not-found',
  'namespace-gone',
  'namespace-terminating',
  'unauthorized',
]);

const WITHHELD = 'refused; the message is not shown, since it may quote values';

/**
 * Sends a write to an object that exists. A refusal may quote what the object holds now, which no source knows: of a
 * Secret the message is held back until the object was read and its values were searched for, too.
 */
export function withoutOldValues<T>(
  connection: ApiClient,
  name: ObjectName,
  conceal: Conceal,
  send: (hold: Conceal) => Promise<Result<T>>,
): Promise<Result<T>> {
  return name.kind === 'Secret' ? holdBack(connection, name, conceal, send) : send(conceal);
}

async function holdBack<T>(
  connection: ApiClient,
  name: ObjectName,
  conceal: Conceal,
  send: (hold: Conceal) => Promise<Result<T>>,
): Promise<Result<T>> {
  let held: string | undefined;
  const result = await send((message) => {
    held = message;
    return WITHHELD;
  });
  if (result.ok || held === undefined) return result;
  const { failure } = result;
  const message = WORDS_OF_ITS_OWN.has(failure.reason)
    ? cleanMessage(conceal(held))
    : await tell(connection, name, conceal(held));
  return { ok: false, failure: { ...failure, message } };
}

async function tell(connection: ApiClient, name: ObjectName, message: string): Promise<string> {
  const there = await readBody(connection, name, { mustFinish: true });
  if (!there.ok) return WITHHELD;
  return cleanMessage(there.value === undefined ? message : redactor(there.value)(message));
}
