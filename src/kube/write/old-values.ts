import type { FailureReason, Result } from '../../model/failure.ts';
import type { ObjectName } from '../../model/objects.ts';
import { readBody } from '../read/read-object.ts';
import { concealer } from './redact.ts';
import type { Connection } from '../http/client.ts';
import { clean } from '../http/text.ts';

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
  connection: Connection,
  name: ObjectName,
  conceal: Conceal,
  send: (hold: Conceal) => Promise<Result<T>>,
): Promise<Result<T>> {
  return name.kind === 'Secret' ? holdBack(connection, name, conceal, send) : send(conceal);
}

async function holdBack<T>(
  connection: Connection,
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
    ? clean(conceal(held))
    : await tell(connection, name, conceal(held));
  return { ok: false, failure: { ...failure, message } };
}

async function tell(connection: Connection, name: ObjectName, message: string): Promise<string> {
  const there = await readBody(connection, name, { unstoppable: true });
  if (!there.ok) return WITHHELD;
  return clean(there.value === undefined ? message : concealer(there.value)(message));
}
