import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { Json } from '../support/cluster.ts';
import { ROOT } from '../support/program.ts';

/* The scripts of the preview action, with scripts in place of the program and `gh`. GitHub is not used. */

const ACTION: Json = load(
  readFileSync(new URL('../../../.github/actions/preview/action.yml', import.meta.url), 'utf8'),
);
const [BUILD, DRY_RUN, COMMENT, VERDICT] = ACTION.runs.steps.map(({ run }: Json) => run);

interface Ran {
  readonly code: number | null;
  readonly stderr: string;
  readonly output: string;
  readonly summary: string;
  readonly calls: string;
  readonly report: string;
}

/** Runs a step in its own folder. `program`, `gh` and `node` are shell scripts. */
function step(script: string, env: Record<string, string>, program = '', gh = '', node = ''): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-test-'));
  const path = (name: string): string => join(folder, name);
  try {
    for (const name of ['output', 'summary', 'calls', 'report']) writeFileSync(path(name), '');
    const log = `#!/bin/bash\nprintf '%s\\n' "$@" >> '${path('calls')}'\n`;
    writeFileSync(path('program'), log + program, { mode: 0o755 });
    writeFileSync(path('gh'), log + gh, { mode: 0o755 });
    if (node !== '') writeFileSync(path('node'), log + node, { mode: 0o755 });
    const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:${process.env['PATH']}`,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: path('output'),
        GITHUB_STEP_SUMMARY: path('summary'),
        REPORT: path('report'),
        ...env,
      },
    });
    const read = (name: string): string => readFileSync(path(name), 'utf8');
    const report = /^report=(.*)$/m.exec(read('output'))?.[1];
    return {
      code: status,
      stderr,
      output: read('output'),
      summary: read('summary'),
      calls: read('calls'),
      report: report === undefined ? '' : readFileSync(report, 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const INPUTS = { COMMAND: 'program --and', ARGS: '', DRY_RUN: 'client', KEY: 'default' };

test('the dry run passes its options one by one and never to a shell', () => {
  const args = '--source-namespace=platform\n\n--include-namespace=team-*; $(touch x) `y`\n';
  const { code, calls, output, summary, report } = step(
    DRY_RUN,
    { ...INPUTS, ARGS: args, DRY_RUN: 'server', KEY: 'east --> <b>' },
    'echo "### report"; exit 3',
  );
  assert.equal(code, 0);
  assert.deepEqual(calls.trimEnd().split('\n'), [
    '--and',
    'reconcile',
    '--source-namespace=platform',
    '--include-namespace=team-*; $(touch x) `y`',
    '--dry-run=server',
    '--exit-code',
    '-o',
    'markdown',
  ]);
  assert.match(output, /^exit-code=3$/m);
  assert.equal(summary, '### report\n');
  assert.equal(report, '### report\n\n<!-- kubed-sync preview east------b- -->\n');
});

test('without a command the dry run calls the program that was built from the checkout', () => {
  const built = join(ROOT, 'bin/kubed-sync.js');
  const { code, calls } = step(DRY_RUN, { ...INPUTS, COMMAND: '', BUILT: built }, '', '', 'exit 0');
  assert.equal(code, 0);
  assert.deepEqual(calls.split('\n').slice(0, 2), [built, 'reconcile']);
});

test('the build runs in the folder of the program, and no script names a package of a registry', () => {
  const [build, dryRun] = ACTION.runs.steps;
  const root = '${{ github.action_path }}/../../..';
  assert.deepEqual([build['working-directory'], dryRun.env.BUILT], [root, `${root}/bin/kubed-sync.js`]);
  assert.equal(join(ROOT, '.github/actions/preview', '../../..', 'bin'), join(ROOT, 'bin'));
  assert.match(build.run, /^npm ci .*\nnpm run build$/m);
  assert.doesNotMatch(JSON.stringify(ACTION), /npx/);
});

test('a program that prints nothing gives a comment that says so', () => {
  const { code, summary, output } = step(DRY_RUN, INPUTS, 'echo "kubed-sync: no kubeconfig" >&2; exit 1');
  assert.equal(code, 0);
  assert.match(output, /^exit-code=1$/m);
  assert.match(summary, /no preview\n\nIt ended with exit code 1/);
});

const COMMENTS = {
  KEY: 'default',
  COMMENTS: 'repos/o/r/issues/7/comments',
  COMMENT: 'repos/o/r/issues/comments',
};

test('the first run creates the comment, and later runs edit it', () => {
  const first = step(COMMENT, COMMENTS);
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.match(first.calls, /--method\nPOST\nrepos\/o\/r\/issues\/7\/comments\n/);
  const later = step(COMMENT, COMMENTS, '', '[ "$2" != --paginate ] || printf "41\\n42\\n"');
  assert.equal(later.code, 0);
  assert.match(later.calls, /--method\nPATCH\nrepos\/o\/r\/issues\/comments\/41\n/);
  assert.doesNotMatch(later.calls, /POST/);
});

test('a comment that cannot be written fails the step', () => {
  assert.notEqual(step(COMMENT, COMMENTS, '', 'exit 1').code, 0);
});

const VERDICTS: readonly (readonly [code: string, failOnChanges: string, ends: number])[] = [
  ['0', 'true', 0],
  ['3', 'false', 0],
  ['3', 'true', 3],
  ['1', 'false', 1],
  ['2', 'false', 2],
];

for (const [code, failOnChanges, ends] of VERDICTS)
  test(`exit code ${code}, fail-on-changes ${failOnChanges}: ${ends}`, () => {
    assert.equal(step(VERDICT, { CODE: code, FAIL_ON_CHANGES: failOnChanges }).code, ends);
  });

test('no script contains an expression of GitHub, and inputs come from the environment', () => {
  for (const script of [BUILD, DRY_RUN, COMMENT, VERDICT]) assert.doesNotMatch(script, /\$\{\{/);
});
