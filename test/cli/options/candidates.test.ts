import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidatesFor } from '../../../src/cli/options/candidates.ts';
import { COMMANDS, SHELLS } from '../../../src/cli/options/command-line.ts';
import { optionsOf } from '../../../src/cli/options/spec.ts';

/** Returns the candidates that start like the last word, or what has to be looked up. */
function after(...words: readonly string[]): string | readonly string[] {
  const { prefix, from } = candidatesFor(words);
  if (typeof from === 'string') return from;
  return from.map(({ value }) => value).filter((value) => value.startsWith(prefix));
}

test('the first word is a command', () => {
  assert.deepEqual(after(''), [...COMMANDS, 'completion']);
  assert.deepEqual(after('re'), ['reconcile', 'render']);
  assert.equal(after('explain', 'secret/demo/tls', '--in', 'te'), 'namespaces');
  assert.deepEqual(after('migrate', '--from', ''), ['reflector', 'replicator']);
  assert.deepEqual(after('-'), ['--help', '--version']);
  assert.deepEqual(after('help', 'pu'), ['purge']);
  assert.deepEqual(after('completion', ''), [...SHELLS]);
  assert.deepEqual(after('nonsense', '-'), []);
  assert.deepEqual(after('completion', 'bash', ''), []);
});

test('every command completes its options and no others, except hidden ones', () => {
  for (const command of COMMANDS) {
    const shown = optionsOf(command).filter(([, { hidden }]) => !hidden?.includes(command));
    assert.deepEqual(after(command, '--'), [...shown.map(([name]) => `--${name}`), '--help']);
  }
  assert.deepEqual(after('reconcile', ''), []);
  assert.deepEqual(after('reconcile', '--', '--'), []);
});

test('an option of the line is a candidate again only if it is repeatable', () => {
  assert.deepEqual(after('purge', '-q', '--qui'), []);
  assert.deepEqual(after('purge', '--kind', 'secret', '--ki'), ['--kind']);
});

test('the value of an option is completed after a space and after an equals sign', () => {
  assert.deepEqual(after('reconcile', '--color', 'a'), ['auto', 'always']);
  assert.deepEqual(after('reconcile', '--color=a'), ['auto', 'always']);
  assert.deepEqual(after('reconcile', '-o', 'j'), ['json']);
  assert.deepEqual(after('purge', '--kind', ''), ['configmap', 'secret']);
  assert.deepEqual(after('reconcile', '--on-conflict', ''), ['fail', 'skip', 'adopt', 'adopt-mirrors']);
  assert.deepEqual(after('reconcile', '--max-prune', ''), []);
  assert.deepEqual(after('reconcile', '--frobnicate=a'), []);
});

test('an option with a preset takes no next word', () => {
  assert.deepEqual(after('reconcile', '--dry-run', 's'), []);
  assert.deepEqual(after('reconcile', '--dry-run=s'), ['server']);
});

test('a value is not read as an option', () => {
  assert.deepEqual(after('reconcile', '--as', '--color', '--outp'), ['--output']);
});

test('names are looked up if a command connects to a cluster', () => {
  assert.equal(after('reconcile', '--context', ''), 'contexts');
  for (const name of ['namespace', 'source-namespace', 'include-namespace', 'exclude-namespace'])
    assert.equal(after('purge', `--${name}`, 'te'), 'namespaces');
  assert.equal(after('reconcile', '--config-source-namespace', ''), 'namespaces');
  assert.equal(after('reconcile', '-n', ''), 'namespaces');
  assert.deepEqual(after('render', '--source-namespace', ''), []);
  assert.deepEqual(after('reconcile', '--offline', '--source-namespace', ''), []);
});

test('files and directories are left to the shell', () => {
  for (const line of ['--kubeconfig', '--filename', '-f', '--metrics-file', '--termination-message'])
    assert.equal(after('reconcile', line, ''), 'files');
  assert.equal(after('reconcile', '--kubeconfig=/et'), 'files');
  assert.equal(after('render', '--output-dir', ''), 'directories');
});

test('every choice in the table is accepted by its parser', () => {
  for (const command of COMMANDS)
    for (const [name, { choices, parse }] of optionsOf(command))
      for (const choice of Array.isArray(choices) ? choices : [])
        assert.doesNotThrow(() => parse?.(choice, {}), name);
});
