import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/program.ts';

/* docs/failures.md names a test for each row. That test must exist. */

const page = readFileSync(join(ROOT, 'docs', 'failures.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| .* `[a-z/-]+`[^|]*\|$/.test(line));

test('every row of docs/failures.md names tests that exist', () => {
  assert.ok(rows.length > 40, `${rows.length} rows`);
  for (const row of rows) {
    const cell = row.replaceAll('\\|', '').split('|').at(-2)?.trim() ?? '';
    const [, file = '', words = ''] = /^`([a-z/-]+)`: (.*?)(?:, and `.*)?$/.exec(cell) ?? [];
    const path = join(ROOT, 'test', `${file}.test.ts`);
    assert.ok(existsSync(path), `${cell}: no such file`);
    const support = join(ROOT, 'test', 'support', 'fault-scene.ts');
    const text =
      readFileSync(path, 'utf8') + (file === 'faults/fault-matrix' ? readFileSync(support, 'utf8') : '');
    assert.ok(text.includes(words), `${file} has no test with "${words}"`);
  }
});
