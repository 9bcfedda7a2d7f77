/** Errors with the messages of the real server: `Status` bodies, reasons, causes. */

import {
  compareText,
  type Json,
  type JsonObject,
  type Kind,
  type ResourceName,
  type ServedName,
} from './model.ts';

/** One entry of `details.causes`. */
export interface Cause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** `details` of a Status. */
export interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** An error. It is thrown where it is found, and becomes a Status body where the request is answered. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;
  readonly metadata: JsonObject;

  constructor(code: number, reason: string, message: string, details?: Details, metadata: JsonObject = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  /** The body of the answer. */
  body(): Json {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details as unknown as Json }),
      code: this.code,
    };
  }
}

/** A field that validation rejected. */
export interface FieldError {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A wrong value. Secret contents are given as `<secret contents redacted>`. */
export function invalidValue(field: string, value: string, why: string): FieldError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return { reason: 'FieldValueInvalid', message, field };
}

/** A required field. */
export function requiredValue(field: string, why = ''): FieldError {
  const message = why === '' ? 'Required value' : `Required value: ${why}`;
  return { reason: 'FieldValueRequired', message, field };
}

/** A forbidden field. */
export function forbiddenValue(field: string, why: string): FieldError {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field };
}

/** A field over a size limit. */
export function tooLong(field: string, bytes: number): FieldError {
  const message = `Too long: may not be more than ${bytes} bytes`;
  return { reason: 'FieldValueTooLong', message, field };
}

/** 422 with one cause for each field. The real server repeats some causes on updates; this one does not. */
export function invalid(kind: string, name: string, errors: readonly FieldError[], group = ''): StatusError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const typeName = group === '' ? kind : `${kind}.${group}`;
  return new StatusError(422, 'Invalid', `${typeName} ${JSON.stringify(name)} is invalid: ${text}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes: errors,
  });
}

/** 404 for an object. */
export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${resource} ${JSON.stringify(name)} not found`, {
    name,
    kind: resource,
  });
}

/** 409 for a name that is taken. */
export function alreadyExists(resource: ServedName, name: string, beingDeleted: boolean): StatusError {
  const text = `${resource} ${JSON.stringify(name)} already exists`;
  const message = beingDeleted ? `object is being deleted: ${text}` : text;
  return new StatusError(409, 'AlreadyExists', message, { name, kind: resource });
}

/** The usual reason of a {@link conflict}: the resourceVersion sent is not the present one. */
export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 409 for a stale precondition. DELETE names the kind, and the other verbs name the resource. */
export function conflict(what: Kind | ResourceName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${what} ${JSON.stringify(name)}: ${why}`;
  return new StatusError(409, 'Conflict', message, { name, kind: what });
}

/** 409 of a server-side apply, with the fields of each manager. */
export function applyConflict(
  conflicts: readonly { readonly manager: string; readonly field: string }[],
): StatusError {
  const sorted = conflicts.toSorted((a, b) => compareText(a.manager, b.manager));
  const causes = sorted.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field,
  }));
  return new StatusError(409, 'Conflict', applyConflictText(sorted), { causes });
}

function applyConflictText(
  conflicts: readonly { readonly manager: string; readonly field: string }[],
): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  const managers = [...new Set(conflicts.map(({ manager }) => manager))];
  const parts = managers.map((manager) => {
    const fields = conflicts.filter((each) => each.manager === manager).map((each) => `\n- ${each.field}`);
    return `conflicts with ${manager}:${fields.join('')}`;
  });
  return `Apply failed with ${conflicts.length} conflicts: ${parts.join('\n')}`;
}

/** 403 by an admission plugin such as quota or the namespace lifecycle. */
export function forbidden(
  resource: ServedName,
  name: string,
  why: string,
  causes?: readonly Cause[],
): StatusError {
  return new StatusError(403, 'Forbidden', `${resource} ${JSON.stringify(name)} is forbidden: ${why}`, {
    name,
    kind: resource,
    ...(causes === undefined ? {} : { causes }),
  });
}

/** 403 by RBAC. */
export function notAllowed(
  user: string,
  verb: string,
  resource: ServedName,
  namespace: string | undefined,
  name: string | undefined,
): StatusError {
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = name === undefined ? resource : `${resource} "${name}"`;
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" ${where}`;
  return new StatusError(403, 'Forbidden', message, {
    ...(name === undefined ? {} : { name }),
    kind: resource,
  });
}

/** 422 by a ValidatingAdmissionPolicy. */
export function deniedByPolicy(resource: ResourceName, name: string, why: string): StatusError {
  const text = `ValidatingAdmissionPolicy 'simulated' with binding 'simulated' denied request: ${why}`;
  const message = `${resource} ${JSON.stringify(name)} is forbidden: ${text}`;
  return new StatusError(422, 'Invalid', message, { name, kind: resource, causes: [{ message: text }] });
}

/** 403 of a MutatingAdmissionPolicy that fails. The real server does not name the object, nor the kind of the policy. */
export function failedMutation(why: string): StatusError {
  const message = `policy 'simulated' with binding 'simulated' denied request: ${why}`;
  return new StatusError(403, 'Forbidden', message, {});
}

/** 400 for a request that cannot be understood. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** 404 for a path without a resource. */
export function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** The message of a {@link StatusError} of each code, if a fault gives none. */
const STOCK_ERRORS: ReadonlyMap<number, { readonly reason: string; readonly message: string }> = new Map([
  [400, { reason: 'BadRequest', message: 'the request is invalid' }],
  [401, { reason: 'Unauthorized', message: 'Unauthorized' }],
  [403, { reason: 'Forbidden', message: 'forbidden: a test makes the simulator reject this' }],
  [404, { reason: 'NotFound', message: 'the server could not find the requested resource' }],
  [409, { reason: 'Conflict', message: `Operation cannot be fulfilled: ${MODIFIED}` }],
  [
    410,
    {
      reason: 'Expired',
      message:
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    },
  ],
  [413, { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' }],
  [
    422,
    {
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    },
  ],
  [
    429,
    {
      reason: 'TooManyRequests',
      message: 'the server has received too many requests and has asked us to try again later',
    },
  ],
  [500, { reason: 'InternalError', message: 'Internal error occurred: simulated' }],
  [502, { reason: 'InternalError', message: 'Bad Gateway' }],
  [
    503,
    {
      reason: 'ServiceUnavailable',
      message: 'the server is currently unable to handle the request',
    },
  ],
  [504, { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' }],
]);

/** The usual error of a code. */
export function stock(code: number, details?: Details): StatusError {
  const { reason, message } = STOCK_ERRORS.get(code) ?? { reason: '', message: `status ${code}` };
  return new StatusError(code, reason, message, details);
}
