import { Refusal } from './usage-error.ts';

/** RFC 1123 label, which every namespace name is. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** The part of a label or annotation key after its prefix, and what a label value is where it is not empty. */
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LONGEST = 63;

/** The name of a namespace. */
export function parseNamespace(text: string): string {
  if (text.length <= LONGEST && LABEL.test(text)) return text;
  throw new Refusal(`"${text}" is no namespace name (a-z, 0-9 and "-" between them, at most 63)`);
}

/**
 * A pattern over names of namespaces. One that can match none is refused: a bound that is mistyped would otherwise
 * be no bound at all (design principle 3).
 */
export function parseGlob(text: string): string {
  if (!/^[-a-z0-9*?]+$/.test(text)) {
    throw new Refusal(`"${text}" is no pattern of namespace names (a-z, 0-9, "-", "*" and "?")`);
  }
  if (/^-|-$/.test(text))
    throw new Refusal(`"${text}" matches no namespace: names neither begin nor end with "-"`);
  if (text.replaceAll('*', '').length > LONGEST) {
    throw new Refusal(`"${text}" matches no namespace: names have at most 63 characters`);
  }
  return text;
}

/** The value of the label `kubed.appscode.com/origin.cluster`; empty is the default. */
export function parseClusterName(text: string): string {
  if (text === '' || (text.length <= LONGEST && QUALIFIED.test(text))) return text;
  throw new Refusal(
    `"${text}" is no label value (letters, digits, and "-", "_", "." between them, at most 63)`,
  );
}

/** A metadata key, or a prefix of keys that ends in `*`. */
export function parseStrip(text: string): string {
  if (text === '*')
    throw new Refusal('"*" would strip every label and annotation; write a prefix such as example.com/*');
  if (text.endsWith('*') ? isKeyPrefix(text.slice(0, -1)) : isKey(text)) return text;
  throw new Refusal(`"${text}" is neither a label or annotation key nor a prefix of one that ends in "*"`);
}

function isKey(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').toReversed();
  const prefixed = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
  return more.length === 0 && prefixed && name.length <= LONGEST && QUALIFIED.test(name);
}

/** Some key begins with the text when the text itself, or the text and one more letter, is a key. */
function isKeyPrefix(text: string): boolean {
  return isKey(text) || isKey(`${text}a`);
}
