/*
 * Which texts does Kubernetes accept as names, label keys and label values (k8s.io/apimachinery, `util/validation`)?
 */

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_SUBDOMAIN = 253;

const DATA_KEY = /^(?!\.$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;

/** Returns whether a text can be a key in the data of a ConfigMap or Secret. */
export function isDataKey(text: string): boolean {
  return DATA_KEY.test(text);
}

/** The part of a label key after its prefix. A label value that is not empty looks the same. */
const LABEL_NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Returns whether a text can be the name of a namespace: an RFC 1123 label of at most 63 characters. */
export function isNamespaceName(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** Returns whether a text can be the name of a ConfigMap or Secret: an RFC 1123 subdomain of at most 253 characters. */
export function isObjectName(text: string): boolean {
  return text.length <= LONGEST_SUBDOMAIN && DNS_SUBDOMAIN.test(text);
}

/**
 * Returns whether a text can be the key of a label: a name of at most 63 characters, and before it an optional DNS prefix
 * with `/`. The key of an annotation can have capital letters in its prefix too.
 *
 * Example: `app`, `example.com/app` and `App_1` are keys. `/app`, `a/b/c` and `-app` are not.
 */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash === -1) return LABEL_NAME.test(key);
  return isObjectName(key.slice(0, slash)) && LABEL_NAME.test(key.slice(slash + 1));
}

/** Returns whether a text can be the value of a label: nothing, or what the name in a key can be. */
export function isLabelValue(value: string): boolean {
  return value === '' || LABEL_NAME.test(value);
}
