import { readFileSync } from 'node:fs';
import { codeOf, type Result } from '../../model/failure.ts';
import type { ClientNode } from './client-config.ts';
import { type PluginCredential, type PluginRun, runPlugin } from './exec-plugin.ts';
import { type ChosenContext, isFields, pathOf, textOf } from '../kubeconfig/chosen-context.ts';

/** Who we are to the API server. */
export interface Identity {
  /** The value of `Authorization`. */
  readonly authorization?: string | undefined;
  /** A certificate that a plugin gave, in PEM form. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** What was sent, for example `a token`; undefined where nothing was. */
  readonly sent?: string | undefined;
  /** Why nothing was sent. */
  readonly nothing?: string;
}

/** A plugin is run again when its credential has less than this to last. */
const MARGIN = 5_000;

/** Gives the identity of the user in kubectl's order: token file, token, password, plugin, auth provider. */
export function identify(
  chosen: ChosenContext,
  run: PluginRun,
  client: ClientNode,
): () => Promise<Result<Identity>> {
  const { fields } = chosen.user;
  let remembered: PluginCredential | undefined;
  return async () => {
    const fixed = fixedIdentity(chosen);
    if (!fixed.ok || fixed.value.sent !== undefined) return fixed;
    if (isFields(fields['auth-provider'])) return providerIdentity(chosen, client);
    if (!isFields(fields['exec'])) return fixed;
    if (remembered === undefined || (remembered.expires ?? Infinity) < Date.now() + MARGIN) {
      const given = await runPlugin(chosen, run);
      if (!given.ok) return given;
      remembered = given.value;
    }
    return { ok: true, value: pluginIdentity(remembered) };
  };
}

function pluginIdentity({ token, cert, key }: PluginCredential): Identity {
  if (token === undefined) return { cert, key, sent: 'the client certificate of a plugin' };
  return { authorization: `Bearer ${token.trim()}`, cert, key, sent: 'the token of a plugin' };
}

/** The token or password of the kubeconfig. */
function fixedIdentity(chosen: ChosenContext): Result<Identity> {
  const { fields, name } = chosen.user;
  const token = tokenOf(chosen);
  if (!token.ok) return token;
  if (token.value !== undefined)
    return { ok: true, value: { authorization: `Bearer ${token.value}`, sent: 'a token' } };
  const [user, password] = [textOf(fields['username']), textOf(fields['password'])];
  if ((user ?? password) !== undefined) {
    const both = Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64');
    return { ok: true, value: { authorization: `Basic ${both}`, sent: 'a user name and password' } };
  }
  const file = pathOf(chosen.user, 'tokenFile');
  if (file !== undefined) return { ok: true, value: { nothing: `since the token file ${file} is empty` } };
  const nothing =
    name === ''
      ? `since context "${chosen.context}" names no user`
      : `since user "${name}" of the kubeconfig has none`;
  return { ok: true, value: { nothing } };
}

/** The token of the file, which may be renewed during a run; else the one in the kubeconfig. */
function tokenOf({ user, file }: ChosenContext): Result<string | undefined> {
  const token = textOf(user.fields['token']);
  const path = pathOf(user, 'tokenFile');
  if (path === undefined) return { ok: true, value: token };
  try {
    return { ok: true, value: readFileSync(path, 'utf8').trim() || token };
  } catch (error) {
    if (token !== undefined) return { ok: true, value: token };
    const message = `${path} cannot be read (${codeOf(error, 'unknown error')})`;
    return { ok: false, failure: { reason: 'bad-kubeconfig', message, subject: file } };
  }
}

/** What an auth provider prints or throws may be credentials: none of it is repeated. */
async function providerIdentity(chosen: ChosenContext, client: ClientNode): Promise<Result<Identity>> {
  const provider = chosen.user.fields['auth-provider'];
  const name = isFields(provider) ? textOf(provider['name']) : undefined;
  const authorization = await client.authorization().catch(() => undefined);
  if (authorization !== undefined)
    return { ok: true, value: { authorization, sent: `the token of auth provider "${name ?? ''}"` } };
  const message = `the auth provider "${name ?? ''}" failed to give a token`;
  return { ok: false, failure: { reason: 'no-credentials', message, subject: chosen.context } };
}
