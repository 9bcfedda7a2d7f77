import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesGolden } from '../support/golden.ts';
import { ODD_SECRETS, oddRepository } from '../support/odd-repository.ts';
import { kubedSync } from '../support/program.ts';
import { assertReport } from '../support/schema.ts';

/* A preview of a repository with every oddity, as a reviewer gets it. */

for (const [name, options] of [
  ['odd-repository.txt', []],
  ['odd-repository.md', ['-o', 'markdown']],
  ['odd-repository.json', ['-o', 'json']],
] as const)
  test(`the preview of a repository with every oddity equals ${name}`, async () => {
    using repository = oddRepository();
    const { folder } = repository;
    const args = ['reconcile', '--dry-run', '--offline', '-R', '-f', folder, ...options];
    const { code, stdout, stderr } = await kubedSync(args);
    assert.equal(code, 2);
    const output = stdout.replaceAll(folder, 'repository').replace(/"at": "[^"]*"/, '"at": "TIME"');
    matchesGolden(name, output.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME'));
    for (const value of ODD_SECRETS) assert.ok(!(stdout + stderr).includes(value), value);
    if (name.endsWith('.json')) assertReport(JSON.parse(stdout));
  });

test('with --ignore-bad-manifests the same preview succeeds', async () => {
  using repository = oddRepository();
  const args = [
    'reconcile',
    '--dry-run',
    '--offline',
    '-R',
    '-f',
    repository.folder,
    '--ignore-bad-manifests',
  ];
  const { code, stdout } = await kubedSync(args);
  assert.equal(code, 1, 'a misspelt key is an error of the source');
  assert.match(stdout, /^Incomplete: /m);
});
