import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { type Fields, isFields, textOf } from '../kubeconfig/chosen-context.ts';

/**
 * The headers that let us act as somebody else (Kubernetes: "User impersonation"): the options, else what the user of
 * the kubeconfig says. Groups without a user make no sense to the API server: a text says so.
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
