import { basename } from 'node:path';
import type { Failure } from '../../model/failure.ts';
import { type ChosenContext, type Fields, isFields, textOf } from './kubeconfig-entry.ts';

/**
 * Why there are no credentials. Only names and error codes are told: what a plugin printed, and what a parser quotes of
 * it, may be the credentials themselves.
 */
export function whyNoCredentials(error: unknown, { context, file, user }: ChosenContext): Failure {
  const facts: Fields = isFields(error) ? error : {};
  const code = textOf(facts['code']);
  const plugin = pluginOf(user.fields);
  if (plugin !== undefined && !isFileTrouble(facts) && code?.startsWith('ERR_OSSL') !== true)
    return { reason: 'no-credentials', message: pluginMessage(plugin, facts), subject: context };
  if (isFileTrouble(facts))
    return {
      reason: 'bad-kubeconfig',
      message: `${textOf(facts['path']) ?? 'a file'} cannot be read (${code})`,
      subject: file,
    };
  const which = code === undefined ? '' : ` (${code})`;
  const message = `a certificate or key of it cannot be used${which}`;
  return { reason: 'bad-kubeconfig', message, subject: file };
}

function isFileTrouble(facts: Fields): boolean {
  const call = textOf(facts['syscall']);
  return call === 'open' || call === 'read' || call === 'access';
}

function pluginMessage(plugin: string, facts: Fields): string {
  if (facts['code'] === 'ENOENT') return `the ${plugin} was not found`;
  return `the ${plugin} failed; run it by hand to see why`;
}

function pluginOf(user: Fields): string | undefined {
  const exec = user['exec'];
  if (isFields(exec)) return `credential plugin "${basename(textOf(exec['command']) ?? '')}"`;
  const provider = user['auth-provider'];
  return isFields(provider) ? `auth provider "${textOf(provider['name']) ?? ''}"` : undefined;
}
