import { spawn, type ChildProcess } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { isatty } from 'node:tty';
import { codeOf, type Failure, type Result } from '../../model/failure.ts';
import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { type ChosenContext, type Fields, isFields, textOf } from '../kubeconfig/chosen-context.ts';
import { readAuthority } from '../transport/tls-material.ts';

/** The output of a plugin. All its texts are credentials. */
export interface PluginCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch; undefined is without end. */
  readonly expires: number | undefined;
}

/** A person who has to log in needs more time than a request. */
const TIME_FOR_PEOPLE = 300_000;
/** A credential is a few kilobytes. */
const LONGEST_OUTPUT = 4_000_000;

/** What a plugin needs from the run. */
export interface PluginRun extends Pick<ConnectOptions, 'env' | 'requestTimeout'> {
  readonly stop?: AbortSignal;
  /** Whether standard input is a terminal. By default the system is asked. */
  readonly terminal?: boolean;
}

/**
 * Runs the plugin of the user as client-go does (Kubernetes: "client-go credential plugins"). It gets a terminal or the
 * end of its input, writes to our stderr, and has a time limit. What it prints on stdout appears in no message.
 */
export async function runPlugin(chosen: ChosenContext, run: PluginRun): Promise<Result<PluginCredential>> {
  const exec = isFields(chosen.user.fields['exec']) ? chosen.user.fields['exec'] : {};
  const terminal = run.terminal ?? isatty(0);
  const mode = textOf(exec['interactiveMode']) ?? 'IfAvailable';
  const call = callOf(exec, chosen);
  const refuse = (what: string): { ok: false; failure: Failure } => ({
    ok: false,
    failure: { reason: 'no-credentials', message: message(call.line, what, exec), subject: chosen.context },
  });
  if (mode === 'Always' && !terminal)
    return refuse('needs a terminal (interactiveMode: Always), and standard input is not one');
  const interactive = terminal && mode !== 'Never';
  const info = execInfo(exec, chosen, interactive);
  if (!info.ok) return info;
  const ended = await runCommand(call, { ...run, interactive, env: environment(exec, run.env, info.value) });
  if (typeof ended === 'string') return refuse(ended);
  const credential = readCredential(ended.stdout, exec['apiVersion']);
  return typeof credential === 'string' ? refuse(credential) : { ok: true, value: credential };
}

interface Call {
  readonly command: string;
  readonly args: readonly string[];
  /** For the reader. */
  readonly line: string;
}

function callOf(exec: Fields, { user }: ChosenContext): Call {
  const named = textOf(exec['command']) ?? '';
  const command = /[/\\]/u.test(named) && !isAbsolute(named) ? join(user.directory, named) : named;
  const list: readonly unknown[] = Array.isArray(exec['args']) ? exec['args'] : [];
  const args = list.map((arg) => textOf(arg) ?? '');
  return { command, args, line: [named, ...args.map(shown)].join(' ') };
}

/** Arguments may hold secrets of their own: what looks like one is hidden, and a script is cut. */
function shown(arg: string): string {
  const hidden = arg.replace(/((?:password|secret|token|key)[^=\s]*=).*/isu, '$1…');
  const line = hidden.replace(/\s+/gu, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

/** Returns one sentence: the command line, what happened, and the `installHint` of the kubeconfig. */
function message(line: string, what: string, exec: Fields): string {
  const hint = textOf(exec['installHint'])?.trim();
  return `the credential plugin \`${line}\` ${what}${hint === undefined ? '' : `. ${hint}`}`;
}

function execInfo(exec: Fields, chosen: ChosenContext, interactive: boolean): Result<string> {
  const cluster = exec['provideClusterInfo'] === true ? clusterInfo(chosen) : undefined;
  if (cluster?.ok === false) return cluster;
  const spec = { interactive, ...(cluster && { cluster: cluster.value }) };
  const value = { kind: 'ExecCredential', apiVersion: exec['apiVersion'], spec };
  return { ok: true, value: JSON.stringify(value) };
}

/** Returns what a plugin with `provideClusterInfo` gets. The CA is data, also if the kubeconfig names a file. */
function clusterInfo(chosen: ChosenContext): Result<object> {
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

function environment(
  exec: Fields,
  env: ConnectOptions['env'],
  info: string,
): Record<string, string | undefined> {
  const list: readonly unknown[] = Array.isArray(exec['env']) ? exec['env'] : [];
  const own = list
    .filter(isFields)
    .map((one): [string, string] => [textOf(one['name']) ?? '', textOf(one['value']) ?? '']);
  return { ...env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: info };
}

interface CommandRun extends PluginRun {
  readonly interactive: boolean;
}

/** What the command printed, or what went wrong with it. */
function runCommand(call: Call, run: CommandRun): Promise<{ readonly stdout: string } | string> {
  return new Promise((resolve) => {
    const child = spawn(call.command, call.args, {
      env: run.env,
      stdio: [run.interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const settle = (ended: { readonly stdout: string } | string): void => {
      release();
      resolve(ended);
    };
    const release = bounded(child, run, settle);
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text.slice(0, LONGEST_OUTPUT - stdout.length);
    });
    child.on('error', (error) => settle(startProblem(codeOf(error))));
    child.on('close', (code, signal) => settle(code === 0 ? { stdout } : endProblem(code, signal)));
  });
}

function startProblem(code: string): string {
  if (code === 'ENOENT') return 'was not found';
  return code === 'EACCES' ? 'is not executable (EACCES)' : `could not be started (${code})`;
}

function endProblem(code: number | null, signal: string | null): string {
  return code === null ? `was ended by ${signal ?? 'a signal'}` : `failed with exit code ${code}`;
}

/** Ends a plugin that takes too long, or when the run is stopped. */
function bounded(child: ChildProcess, run: CommandRun, settle: (problem: string) => void): () => void {
  const limit = run.interactive ? Math.max(run.requestTimeout, TIME_FOR_PEOPLE) : run.requestTimeout;
  const end = (problem: string): void => {
    child.kill();
    child.stdout?.destroy();
    child.unref();
    settle(problem);
  };
  const timer =
    run.requestTimeout > 0 ? setTimeout(() => end(`did not end within ${limit / 1000} s`), limit) : undefined;
  const onStop = (): void => end('was stopped');
  run.stop?.addEventListener('abort', onStop);
  return () => {
    clearTimeout(timer);
    run.stop?.removeEventListener('abort', onStop);
  };
}

function readCredential(stdout: string, apiVersion: unknown): PluginCredential | string {
  const answer = parseJson(stdout);
  if (answer === undefined) return 'printed no JSON object on its standard output';
  if (answer['kind'] !== 'ExecCredential') return 'printed an object whose kind is not ExecCredential';
  if (answer['apiVersion'] !== apiVersion)
    return `printed another apiVersion than the kubeconfig asks for (${String(apiVersion)})`;
  const { status } = answer;
  if (!isFields(status)) return 'printed no status, and so no credentials';
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) =>
    textOf(status[name]),
  );
  if ((cert === undefined) !== (key === undefined))
    return 'gave a client certificate or its key, but not both';
  if ((token ?? cert) === undefined) return 'gave neither a token nor a client certificate';
  const expires = Date.parse(textOf(status['expirationTimestamp']) ?? '');
  return { token, cert, key, expires: Number.isNaN(expires) ? undefined : expires };
}

function parseJson(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
