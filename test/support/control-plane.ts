import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where kubebuilder's tools put a control plane without nodes. */
export function findBinaries(): string | undefined {
  const places = [process.env['KUBEBUILDER_ASSETS'], '/usr/local/kubebuilder/bin'];
  return places.find(
    (place) =>
      place !== undefined && ['etcd', 'kube-apiserver'].every((name) => existsSync(join(place, name))),
  );
}

/** A running etcd and kube-apiserver on the loopback address, without controllers and nodes. */
export interface ControlPlane extends AsyncDisposable {
  /** Path of a kubeconfig of an administrator. */
  readonly kubeconfig: string;
}

/** Starts a control plane with these binaries and waits until it is ready. */
export async function startControlPlane(binaries: string): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-control-plane-'));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(16).toString('hex');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  });
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const etcd = await start(folder, join(binaries, 'etcd'), etcdFlags(folder, client, peer));
  const server = await start(folder, join(binaries, 'kube-apiserver'), serverFlags(folder, client, secure));
  await isReady(folder, secure, token, server);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigOf(folder, secure, token), { mode: 0o600 });
  const stop = async (): Promise<void> => {
    await end(server);
    await end(etcd);
    await rm(folder, { recursive: true, force: true });
  };
  return { kubeconfig, [Symbol.asyncDispose]: stop };
}

function etcdFlags(folder: string, client: number, peer: number): string[] {
  const url = `http://127.0.0.1:${client}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ];
}

function serverFlags(folder: string, client: number, secure: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${secure}`,
    `--cert-dir=${join(folder, 'certs')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
  ];
}

async function start(folder: string, binary: string, flags: readonly string[]): Promise<ChildProcess> {
  const log = await open(join(folder, `${binary.split('/').at(-1)}.log`), 'w');
  const child = spawn(binary, flags, { stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** The API server stops first. Without its etcd it would wait for a long time. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(late);
}

function kubeconfigOf(folder: string, port: number, token: string): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority': join(folder, 'certs', 'apiserver.crt'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

const READY_WITHIN = 300;

async function isReady(folder: string, port: number, token: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < READY_WITHIN; tries += 1) {
    if ((await ask(port, token)) === 200) return;
    if (server.exitCode !== null) break;
    await sleep(200);
  }
  const log = await readFile(join(folder, 'kube-apiserver.log'), 'utf8');
  throw new Error(`kube-apiserver does not get ready:\n${log.slice(-2000)}`);
}

function ask(port: number, token: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/readyz',
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${token}` },
    };
    const request = https.get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('error', () => resolve(undefined));
  });
}
