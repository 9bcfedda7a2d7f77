import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from './manifests.ts';

/** The published schema of the JSON and YAML report. */
export const SCHEMA = read('report');

function read(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../../../docs/${name}.schema.json`, import.meta.url), 'utf8'));
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });

let report: ValidateFunction | undefined;
let explanation: ValidateFunction | undefined;

/** Fails if a document does not match the published schema. The message has the differences. */
export function assertReport(document: unknown): void {
  report ??= ajv.compile(SCHEMA);
  assertValid(document, report, 'report');
}

/** The same for a document of `explain`. */
export function assertExplanation(document: unknown): void {
  report ??= ajv.compile(SCHEMA);
  explanation ??= ajv.compile(read('explanation'));
  assertValid(document, explanation, 'explanation');
}

function assertValid(document: unknown, validate: ValidateFunction, name: string): void {
  if (validate(document)) return;
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
  assert.fail(`not as docs/${name}.schema.json says:\n${errors.join('\n')}`);
}
