import type { ServerMessage } from '../http/request-error.ts';
import { type Json, isJson, objectAt, textAt } from '../api.ts';

/*
 * What a report may show of the answer to a write of a Secret.
 *
 * A webhook or policy sees the values and may quote them, in part or changed. So only texts are shown that the API
 * server composes itself, from names and numbers. Each is recognised by its whole shape. Anything else is withheld.
 */

const NAME = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
const OBJECT = `(?:secrets|Secret|namespaces) "${NAME}"`;
const AMOUNTS =
  '[a-z0-9./-]{1,300}=[0-9]{1,20}[A-Za-z]{0,2}(?:,[a-z0-9./-]{1,300}=[0-9]{1,20}[A-Za-z]{0,2}){0,20}';
const UID = '[-0-9a-f]{1,64}';

/** Texts that are shown as they are, since names and numbers are all that varies in them. */
const SHOWN: readonly RegExp[] = [
  whole(`${OBJECT} not found`),
  whole(`(?:object is being deleted: )?${OBJECT} already exists`),
  whole(
    `Operation cannot be fulfilled on ${OBJECT}: the object has been modified; please apply your changes to the latest version and try again`,
  ),
  whole(
    `Operation cannot be fulfilled on ${OBJECT}: the (?:UID|ResourceVersion) in the precondition \\(${UID}\\) does not match the (?:UID|ResourceVersion) in record \\(${UID}\\)\\. The object might have been (?:deleted and then recreated|modified)`,
  ),
  whole(
    `secrets "${NAME}" is forbidden: exceeded quota: ${NAME}, requested: ${AMOUNTS}, used: ${AMOUNTS}, limited: ${AMOUNTS}`,
  ),
  whole(
    `secrets "${NAME}" is forbidden: unable to create new content in namespace ${NAME} because it is being terminated`,
  ),
  whole(
    `secrets(?: "${NAME}")? is forbidden: User "[^"\\\\]{1,300}" cannot [a-z]{1,20} resource "secrets" in API group "" in the namespace "${NAME}"`,
  ),
  whole(`admission webhook "${NAME}" does not support dry run`),
  whole('Unauthorized'),
  whole('Request entity too large: limit is [0-9]{1,20}'),
  whole(
    'etcdserver: (?:request is too large|request timed out|leader changed|mvcc: database space exceeded)',
  ),
  whole(
    'rpc error: code = ResourceExhausted desc = trying to send message larger than max \\([0-9]{1,20} vs\\. [0-9]{1,20}\\)',
  ),
  whole('the server has received too many requests and has asked us to try again later'),
  whole('Too many requests, please try again later\\.'),
  whole('the server is currently unable to handle the request'),
];

/** Beginnings that name a webhook or policy. What follows them is its own text. A mutating policy is only called `policy`. */
const NAMED: readonly RegExp[] = [
  new RegExp(`^admission webhook "${NAME}" denied the request(?=: | without explanation$)`, 'u'),
  new RegExp(
    `^(?:secrets "${NAME}" is forbidden: )?(?:ValidatingAdmissionPolicy|MutatingAdmissionPolicy|policy) '${NAME}' with binding '${NAME}' denied request(?=: )`,
    'u',
  ),
  new RegExp(`^(?:Internal error occurred: )?failed calling webhook "${NAME}"(?=: )`, 'u'),
  new RegExp(
    `^secrets(?: "${NAME}")? is forbidden: User "[^"\\\\]{1,300}" cannot [a-z]{1,20} resource "secrets" in API group "" in the namespace "${NAME}"(?=: )`,
    'u',
  ),
];

const INVALID = new RegExp(`^Secret "${NAME}" is invalid(?=: )`, 'u');

/** Fields of a Secret, as the API server's validation names them. */
const FIELD =
  /^(?:data|type|immutable|metadata(?:\.[A-Za-z]{1,40})?)(?:\[[-._a-zA-Z0-9]{1,253}\]|\.[-._a-zA-Z0-9]{1,253})?$/u;

const PROBLEMS: Readonly<Record<string, string>> = {
  FieldValueDuplicate: 'duplicate value',
  FieldValueForbidden: 'forbidden',
  FieldValueInvalid: 'invalid value',
  FieldValueNotFound: 'not found',
  FieldValueNotSupported: 'unsupported value',
  FieldValueRequired: 'required value',
  FieldValueTooLong: 'too long',
  FieldValueTooMany: 'too many',
  FieldValueTypeInvalid: 'wrong type',
};

const WITHHELD = 'the rest of the message is withheld, since it may quote values';
const ALL_WITHHELD = 'refused; the message is withheld, since it may quote values';

/** What may be shown of the Status that answers a write of a Secret. */
export function messageWithoutValues(status: Json): ServerMessage {
  const text = textAt(status, 'message') ?? '';
  if (SHOWN.some((shape) => shape.test(text))) return { text };
  const invalid = INVALID.exec(text)?.[0];
  if (invalid !== undefined)
    return { text: `${invalid}: ${fieldProblems(status)}; ${WITHHELD}`, withheld: true };
  for (const shape of NAMED) {
    const known = shape.exec(text)?.[0];
    if (known !== undefined) return { text: `${known}; ${WITHHELD}`, withheld: true };
  }
  return { text: ALL_WITHHELD, withheld: true };
}

/** The fields and the kind of each error, such as `data[a.b]: too long`; both are words of the API server's own. */
function fieldProblems(status: Json): string {
  const causes = objectAt(status, 'details')['causes'];
  const problems = (Array.isArray(causes) ? causes : []).flatMap((cause: unknown) => {
    if (!isJson(cause)) return [];
    const [field, reason] = [textAt(cause, 'field') ?? '', textAt(cause, 'reason') ?? ''];
    const problem = Object.hasOwn(PROBLEMS, reason) ? PROBLEMS[reason] : undefined;
    return FIELD.test(field) && problem !== undefined ? [`${field}: ${problem}`] : [];
  });
  return [...new Set(problems)].slice(0, 20).join(', ') || 'a field that is not named';
}

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, 'u');
}

/** A quota that has no room. Other quotas of the namespace may have none either: the first one ends the request. */
const QUOTA = new RegExp(`^(?:configmaps|secrets) "${NAME}" is forbidden: exceeded quota: ${NAME}, `, 'u');

/** Whether a message is the refusal of a quota, and not a text of a webhook or policy that sounds like one. */
export function isQuotaRefusal(message: string): boolean {
  return QUOTA.test(message);
}
