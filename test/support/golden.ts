import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Compares an output with `test/golden/NAME`. `UPDATE_GOLDEN=1` writes it instead. Review the result with `git diff`.
 */
export function matchesGolden(name: string, actual: string): void {
  const file = new URL(`../../../test/golden/${name}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, actual);
  assert.equal(
    actual,
    existsSync(file) ? readFileSync(file, 'utf8') : '',
    `${name} differs; UPDATE_GOLDEN=1 accepts it`,
  );
}
