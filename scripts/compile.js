// Leaves in lib/compiled what V8 makes of the bundle, for the very Node that runs this; bin/load.js takes it from there.
//
// V8 compiles a function when it is first called. So the program runs here, on a cluster that is played, and what is stored
// when it ends is what a run needs, and nothing else.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SmallCluster, serverOf } from './small-cluster.js';

const BIN = fileURLToPath(new URL('../bin/kubed-sync.js', import.meta.url));

function writeKubeconfig(folder, server) {
  const file = join(folder, 'kubeconfig');
  const name = 'small';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: {} }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Whole or not at all: a test may be running the program. */
function store({ script, file }) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, script.createCachedData());
  renameSync(`${file}.new`, file);
}

const cluster = new SmallCluster();
const server = serverOf(cluster).listen(0, '127.0.0.1');
await once(server, 'listening');
const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-compile-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const kubeconfig = writeKubeconfig(folder, `http://127.0.0.1:${server.address().port}`);
const line = [BIN, 'reconcile', '--kubeconfig', kubeconfig, '--quiet'];

// Neither a proxy nor an option in the environment of a build is meant for this.
process.env = {};
const [code] = await once(spawn(process.execPath, line, { stdio: 'inherit' }), 'exit');
if (code !== 0) throw new Error(`the first run ended with ${code}`);
cluster.disturb();

const kept = new Map();
process.on('exit', () => {
  if (process.exitCode === 0) [...kept.values()].forEach(store);
});
process.argv.splice(1, Infinity, ...line);
server.unref();
createRequire(import.meta.url)('../bin/load.js').load('kubed-sync.cjs', kept);
