// Runs the compiled tests with node:test: all of them, or the named ones. Other arguments go to node.
//
//   npm test -- test/plan/draft.test.ts             one file
//   npm test -- test/plan                           one folder
//   npm test -- --test-name-pattern 'is frozen'     tests by name

import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tests = join(root, 'dist', 'test');

/** The compiled file or folder of a path under `test/`. */
function compiled(path) {
  const inRoot = relative(root, resolve(path)).replace(/^dist\//, '');
  return join(root, 'dist', inRoot.replace(/\.ts$/, '.js'));
}

/** The test files at or below a path. */
function filesAt(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(path, name))
    .toSorted();
}

const isPath = (argument) => /^(?:\.\/)?(?:dist\/)?test(?:\/|$)/.test(argument);
const named = process.argv.slice(2).filter(isPath).map(compiled);
const options = process.argv.slice(2).filter((argument) => !isPath(argument));
const files = (named.length > 0 ? named : [tests]).flatMap(filesAt);
const args = ['--test', '--test-concurrency=2', ...options, ...files];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exitCode = status ?? 1;
