import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { type Fields, isFields, textOf } from '../kubeconfig/chosen-context.ts';

/**
 * Returns the headers that let us act as another user (Kubernetes: "User impersonation"), from the options, or else from
 * the kubeconfig. Returns a text if there are groups without a user, because the API server rejects that.
 */
export function impersonation(
  user: Fields,
  options: Pick<ConnectOptions, 'as' | 'asGroups'>,
): readonly string[] | string {
  const asked = options.as !== undefined;
  const name = options.as ?? textOf(user['as']);
  const groups = asked || options.asGroups.length > 0 ? options.asGroups : textsOf(user['as-groups']);
  if (name === undefined)
    return groups.length === 0 ? [] : 'groups can be impersonated only together with a user (--as)';
  const uid = asked ? undefined : textOf(user['as-uid']);
  return [
    'Impersonate-User',
    name,
    ...groups.flatMap((group) => ['Impersonate-Group', group]),
    ...(uid === undefined ? [] : ['Impersonate-Uid', uid]),
    ...(asked ? [] : extras(user['as-user-extra'])),
  ];
}

function extras(extra: unknown): readonly string[] {
  if (!isFields(extra)) return [];
  return Object.entries(extra).flatMap(([key, values]) =>
    textsOf(values).flatMap((value) => [`Impersonate-Extra-${encodeURIComponent(key)}`, value]),
  );
}

function textsOf(values: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(values) ? values : [];
  return list.flatMap((value) => textOf(value) ?? []);
}
