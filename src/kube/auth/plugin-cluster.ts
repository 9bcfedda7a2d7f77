import type { Result } from '../../model/failure.ts';
import { isFields } from './fields.ts';
import type { ChosenContext } from './chosen-context.ts';
import { readAuthority } from './tls-material.ts';

/** What a plugin with `provideClusterInfo` is given; the CA as data, also where the kubeconfig names a file. */
export function clusterInfo(chosen: ChosenContext): Result<object> {
  const { fields } = chosen.cluster;
  const authority = readAuthority(chosen);
  if (!authority.ok) return authority;
  const extensions: readonly unknown[] = Array.isArray(fields['extensions']) ? fields['extensions'] : [];
  const config = extensions.filter(isFields).find(({ name }) => name === 'client.authentication.k8s.io/exec');
  const value = {
    server: fields['server'],
    'certificate-authority-data':
      authority.value === undefined ? undefined : Buffer.from(authority.value, 'latin1').toString('base64'),
    'tls-server-name': fields['tls-server-name'],
    'insecure-skip-tls-verify': fields['insecure-skip-tls-verify'],
    'proxy-url': fields['proxy-url'],
    'disable-compression': fields['disable-compression'],
    config: config?.['extension'],
  };
  return { ok: true, value };
}
