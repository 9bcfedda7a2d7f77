import { type Inputs, parseText } from './inputs.ts';
import { Refusal } from './usage-error.ts';

/** What a run leaves behind besides copies and its report. */
export interface PublishWish {
  readonly events: boolean;
  readonly metricsFile?: string;
  readonly pushgateway?: Pushgateway;
  readonly terminationMessage?: string;
}

/** A Pushgateway, its credentials apart from its address: only the address is ever printed. */
export interface Pushgateway {
  /** Without user, password, and slash at its end. */
  readonly url: string;
  /** The header of that name, where the URL has a user (RFC 7617). */
  readonly authorization?: string;
}

/** Reads the options about what is left behind. */
export function publishFrom(inputs: Inputs): PublishWish {
  const metricsFile = inputs.one('metrics-file', parseText);
  const pushgateway = inputs.one('pushgateway', parsePushgateway);
  const terminationMessage = inputs.one('termination-message', parseText);
  return {
    events: inputs.flag('events')?.on ?? false,
    ...(metricsFile !== undefined && { metricsFile }),
    ...(pushgateway !== undefined && { pushgateway }),
    ...(terminationMessage !== undefined && { terminationMessage }),
  };
}

/** `--pushgateway`. What is refused is not repeated: it may hold a password. */
function parsePushgateway(text: string): Pushgateway {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new Refusal('the value is no URL that begins with http:// or https://');
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (search !== '' || hash !== '') throw new Refusal('the URL must end with its path, without ? and #');
  const url = `${origin}${pathname.replace(/\/+$/, '')}`;
  if (username === '' && password === '') return { url };
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { url, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('user or password in the URL is not percent-encoded as it has to be');
  }
}
