import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from './manifests.ts';

/** The published schema of the JSON and YAML report. */
export const SCHEMA: Json = JSON.parse(
  readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8'),
);

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });

let compiled: ValidateFunction | undefined;

/** Fails if a document does not match the published schema. The message has the differences. */
export function assertReport(document: unknown): void {
  compiled ??= ajv.compile(SCHEMA);
  if (compiled(document)) return;
  const errors = (compiled.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
  assert.fail(`not as docs/report.schema.json says:\n${errors.join('\n')}`);
}
