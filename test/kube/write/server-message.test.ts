import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isQuotaRefusal, messageWithoutValues } from '../../../src/kube/write/server-message.ts';

const QUOTA =
  'secrets "omni" is forbidden: exceeded quota: small, requested: count/secrets=1, used: count/secrets=5, limited: count/secrets=5';

/** Texts that the API server composes from names and numbers. */
const OWN: readonly string[] = [
  QUOTA,
  'secrets "omni" already exists',
  'secrets "omni" not found',
  'namespaces "a" not found',
  'object is being deleted: secrets "omni" already exists',
  'Operation cannot be fulfilled on secrets "omni": the object has been modified; please apply your changes to the latest version and try again',
  'secrets "omni" is forbidden: User "system:serviceaccount:x:sync" cannot create resource "secrets" in API group "" in the namespace "a"',
  'admission webhook "no.example.com" does not support dry run',
  'etcdserver: request is too large',
];

for (const text of OWN)
  test(`the API server's own words are shown: ${text.slice(0, 60)}`, () => {
    assert.deepEqual(messageWithoutValues({ message: text }), { text });
  });

/** Texts with words of others, and what is shown of each. */
const FOREIGN: readonly (readonly [text: string, shown: RegExp])[] = [
  [
    'admission webhook "no.example.com" denied the request: PASS',
    /^admission webhook "no\.example\.com" denied the request; the rest/u,
  ],
  [
    `secrets "omni" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: PASS`,
    /ValidatingAdmissionPolicy 'p' with binding 'b' denied request; the rest/u,
  ],
  [
    `policy 'p' with binding 'b' denied request: expression 'x' resulted in error: PASS`,
    /^policy 'p' with binding 'b' denied request; the rest/u,
  ],
  [
    'Internal error occurred: failed calling webhook "no.example.com": failed to call webhook: PASS',
    /failed calling webhook "no\.example\.com"; the rest/u,
  ],
  [`admission webhook "no.example.com" denied the request: ${QUOTA} PASS`, /^admission webhook/u],
  [`${QUOTA} PASS`, /^refused; the message is withheld/u],
  ['secrets "omni" is forbidden: exceeded quota: small, requested: PASS', /^refused/u],
  ['admission webhook "PASS" denied the request: x', /^refused/u],
  ['namespaces "a" not found: PASS', /^refused/u],
  ['secrets "omni" already exists\nPASS', /^refused/u],
  ['PASS', /^refused/u],
];

for (const [text, shown] of FOREIGN)
  test(`words of others are withheld: ${text.slice(0, 60)}`, () => {
    const message = messageWithoutValues({ message: text, reason: 'PASS', details: { kind: 'PASS' } });
    assert.match(message.text, shown);
    assert.equal(message.withheld, true);
    assert.doesNotMatch(message.text, /PASS/u);
  });

test('of a failed validation the fields and the kind of each error are shown', () => {
  const causes = [
    { reason: 'FieldValueInvalid', message: 'Invalid value: "PASS": no', field: 'data[a.b]' },
    { reason: 'FieldValueTooLong', message: 'Too long: PASS', field: 'metadata.annotations' },
    { reason: 'PASS', message: 'x', field: 'data' },
    { reason: 'FieldValueInvalid', message: 'x', field: 'PASS word' },
  ];
  const { text } = messageWithoutValues({
    message: 'Secret "omni" is invalid: [data[a.b]: Invalid value: "PASS": no]',
    details: { causes },
  });
  assert.match(
    text,
    /^Secret "omni" is invalid: data\[a\.b\]: invalid value, metadata\.annotations: too long; the rest/u,
  );
  assert.doesNotMatch(text, /PASS/u);
});

test('only the API server itself can say that a quota is full', () => {
  assert.ok(isQuotaRefusal(QUOTA));
  assert.ok(!isQuotaRefusal(`admission webhook "no.example.com" denied the request: ${QUOTA}`));
});
