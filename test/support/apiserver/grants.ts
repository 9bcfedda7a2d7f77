/** RBAC: who may do what. Whoever was granted nothing may do everything, as in a cluster without it. */

import type { ServedName } from './model.ts';
import type { LoggedRequest, Verb } from './request.ts';
import { notAllowed, type StatusError } from './status.ts';

/** A rule of a ClusterRole, or with a namespace one of a Role there. */
export interface Grant {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Absent: all names. A request that names none, such as a list, is not allowed by a rule that has some. */
  readonly resourceNames?: readonly string[];
}

/** What RBAC is asked about a request. */
export interface Act {
  readonly verb: string;
  readonly resource: ServedName;
  /** Of a namespace it is the namespace itself: a Role in it may allow to get it. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** A request as RBAC sees it; undefined for what is about no object. */
export function actOf({ verb, resource, namespace, name }: LoggedRequest): Act | undefined {
  if (resource === undefined) return undefined;
  const scope = resource === 'namespaces' ? name : namespace;
  return { verb: WORDS[verb] ?? verb, resource, namespace: scope, name };
}

/** An apply is a patch to RBAC, a PUT of finalize an update. */
const WORDS: Partial<Record<Verb, string>> = { apply: 'patch', finalize: 'update' };

/** The rules of users. */
export class Grants {
  readonly #grants = new Map<string, readonly Grant[]>();

  /** From now on the user may do this and nothing else. */
  set(user: string, grants: readonly Grant[]): void {
    this.#grants.set(user, grants);
  }

  /** The user whose token it is. */
  userOf(token: string): string | undefined {
    return [...this.#grants.keys()].find((user) => tokenOf(user) === token);
  }

  /** Why a request is refused, if it is. */
  refusal(request: LoggedRequest): StatusError | undefined {
    const [act, grants] = [actOf(request), this.#grants.get(request.user)];
    if (act === undefined || grants === undefined || grants.some((grant) => allows(grant, act)))
      return undefined;
    return forbidden(request.user, act);
  }
}

/** The token by which a user with grants is known. */
export function tokenOf(user: string): string {
  return `token-of-${Buffer.from(user).toString('base64url')}`;
}

/** The answer of RBAC to what no rule allows. */
export function forbidden(user: string, { verb, resource, namespace, name }: Act): StatusError {
  return notAllowed(user, verb, resource, namespace, verb === 'create' ? undefined : name);
}

function allows(grant: Grant, { verb, resource, namespace, name }: Act): boolean {
  if (!grant.verbs.includes(verb) || !grant.resources.includes(resource)) return false;
  if (grant.namespace !== undefined && grant.namespace !== namespace) return false;
  if (grant.resourceNames === undefined) return true;
  return verb !== 'create' && name !== undefined && grant.resourceNames.includes(name);
}
