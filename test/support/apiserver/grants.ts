/** RBAC. A user without grants may do everything, as in a cluster without RBAC. */

import type { ServedName } from './model.ts';
import type { LoggedRequest, Verb } from './request.ts';
import { notAllowed, type StatusError } from './status.ts';

/** A rule of a ClusterRole, or, with a namespace, of a Role in it. */
export interface Grant {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Absent: all names. A rule with names does not allow a request without a name, such as a list. */
  readonly resourceNames?: readonly string[];
}

/** A request as RBAC sees it. */
export interface Act {
  readonly verb: string;
  readonly resource: ServedName;
  /** For a request on a namespace, it is that namespace. So a Role in it can allow to get it. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Returns a request as RBAC sees it. Undefined if it is not about an object. */
export function actOf({ verb, resource, namespace, name }: LoggedRequest): Act | undefined {
  if (resource === undefined) return undefined;
  const scope = resource === 'namespaces' ? name : namespace;
  return { verb: WORDS[verb] ?? verb, resource, namespace: scope, name };
}

/** For RBAC, an apply is a patch, and a PUT of finalize is an update. */
const WORDS: Partial<Record<Verb, string>> = { apply: 'patch', finalize: 'update' };

/** The rules of users. */
export class Grants {
  readonly #grants = new Map<string, readonly Grant[]>();

  /** From now on the user may do only this. */
  set(user: string, grants: readonly Grant[]): void {
    this.#grants.set(user, grants);
  }

  /** The user of a token. */
  userOf(token: string): string | undefined {
    return [...this.#grants.keys()].find((user) => tokenOf(user) === token);
  }

  /** Why a request is rejected. Undefined if it is allowed. */
  refusal(request: LoggedRequest): StatusError | undefined {
    const [act, grants] = [actOf(request), this.#grants.get(request.user)];
    if (act === undefined || grants === undefined || grants.some((grant) => allows(grant, act)))
      return undefined;
    return forbidden(request.user, act);
  }
}

/** The token of a user with grants. */
export function tokenOf(user: string): string {
  return `token-of-${Buffer.from(user).toString('base64url')}`;
}

/** The answer of RBAC if no rule allows a request. */
export function forbidden(user: string, { verb, resource, namespace, name }: Act): StatusError {
  return notAllowed(user, verb, resource, namespace, verb === 'create' ? undefined : name);
}

function allows(grant: Grant, { verb, resource, namespace, name }: Act): boolean {
  if (!grant.verbs.includes(verb) || !grant.resources.includes(resource)) return false;
  if (grant.namespace !== undefined && grant.namespace !== namespace) return false;
  if (grant.resourceNames === undefined) return true;
  return verb !== 'create' && name !== undefined && grant.resourceNames.includes(name);
}
