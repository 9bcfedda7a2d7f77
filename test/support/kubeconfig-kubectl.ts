import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { StubServer } from './connecting.ts';
import type { KubeconfigCase } from './kubeconfig-cases.ts';

/** How a client uses a kubeconfig. */
export interface Outcome {
  /** Headers of the request. Absent if it sent none or got no answer. */
  readonly sent?: Readonly<Record<string, string>>;
  /** The path before `/api`. */
  readonly prefix?: string;
  /** The namespace of the context. */
  readonly namespace?: string;
  /** kubectl has no credentials and asks for a user name. */
  readonly asks?: true;
  /** Why it sent no request. Only for the reader. */
  readonly error?: string;
}

/** The servers that a case can use. */
export interface CaseServers {
  readonly plain: StubServer;
  readonly secure: StubServer;
}

/** Writes the files of a case into a directory and returns the value for `KUBECONFIG`. */
export function writeCase(one: KubeconfigCase, directory: string, { plain, secure }: CaseServers): string {
  mkdirSync(directory, { recursive: true });
  const fill = (text: string): string => text.replaceAll('$HTTPS', secure.url).replaceAll('$HTTP', plain.url);
  for (const [name, text] of Object.entries(one.files)) writeFileSync(join(directory, name), fill(text));
  const all = Object.keys(one.files).map((name) => join(directory, name));
  return one.env?.replaceAll('$DIR', directory) ?? all.join(delimiter);
}

/** The headers of the last request to a server that identify the user. */
export function identityIn({ plain, secure }: CaseServers, count: number): Outcome | undefined {
  const requests = [...plain.requests, ...secure.requests];
  const last =
    requests.length > count ? [plain, secure].find(({ requests: own }) => own.length > 0) : undefined;
  if (last === undefined) return undefined;
  const { headers, url } = last.requests.at(-1) ?? { headers: {}, url: '' };
  const kept = Object.entries(headers).filter(([name]) => /^(?:authorization|impersonate-.*)$/.test(name));
  const prefix = url.replace(/\/api\/v1.*$/, '');
  return {
    sent: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    ...(prefix !== '' && { prefix }),
  };
}

/** Lets kubectl read a kubeconfig and send one request. */
export async function kubectlOutcome(
  kubectl: string,
  one: KubeconfigCase,
  directory: string,
  servers: CaseServers,
): Promise<Outcome> {
  const KUBECONFIG = writeCase(one, directory, servers);
  const context = one.context === undefined ? [] : ['--context', one.context];
  const asked = await run(
    kubectl,
    ['get', '--raw', '/api/v1/namespaces/demo/secrets/omni', ...context],
    KUBECONFIG,
  );
  const identity = asked.code === 0 ? identityIn(servers, 0) : undefined;
  if (asked.stderr.endsWith('error: EOF\n')) return { asks: true };
  if (identity === undefined) return { error: firstLine(asked.stderr, directory, servers) };
  const viewed = await run(
    kubectl,
    ['config', 'view', '--minify', '--raw', '-o', 'json', ...context],
    KUBECONFIG,
  );
  const namespace = namespaceIn(viewed.stdout);
  return { ...identity, ...(namespace !== undefined && { namespace }) };
}

function namespaceIn(stdout: string): string | undefined {
  return /"namespace": "([^"]+)"/.exec(stdout)?.[1];
}

function firstLine(stderr: string, directory: string, { plain, secure }: CaseServers): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line.replaceAll(directory, '$DIR').replaceAll(secure.url, '$HTTPS').replaceAll(plain.url, '$HTTP');
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(kubectl: string, args: readonly string[], KUBECONFIG: string): Promise<Ran> {
  const child = spawn(kubectl, args, {
    env: { PATH: process.env['PATH'], HOME: '/nowhere', KUBECONFIG },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
