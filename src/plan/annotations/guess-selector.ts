import type { SelectorGuess } from '../../model/finding.ts';
import type { Namespace } from '../../model/objects.ts';
import { has } from '../../model/keys.ts';
import { isLabelValue } from './name-syntax.ts';
import { type Requirement, type Selector, parseSync } from './selector.ts';

/*
 * What did the author of a sync annotation probably mean, if it is invalid or matches no namespace? Examples:
 *
 *   text                     what exists                     guess
 *   -----------------------  ------------------------------  -----------------------------------------
 *   *                                                        "" (every namespace)
 *   "env=prod"               (quotes inside of the text)     env=prod
 *   env=a,env=b              (a comma means AND)             env in (a,b)
 *   env=a,b                  no label b                      env in (a,b)
 *   env: prod                                                env=prod
 *   app-dev,app-prod                                         kubernetes.io/metadata.name in (app-dev,app-prod)
 *   app-dev                  a namespace of that name        kubernetes.io/metadata.name in (app-dev)
 *   name=app-dev             a namespace of that name        kubernetes.io/metadata.name in (app-dev)
 *   ${SELECTOR}                                              a template that was not rendered
 *   "false"                                                  a switch
 */

/** The label with the name of a namespace. The API server sets it. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** A longer text is no slip of one line. */
const MAX_LENGTH = 1000;

const TEMPLATE = /\$\{|\$\(|\{\{|\}\}|<%/;
const TYPOGRAPHIC_QUOTES = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb]/;
const QUOTES = new RegExp(`["'\`]|${TYPOGRAPHIC_QUOTES.source}`, 'g');
const SWITCH = /^(?:!\s*)?(?:true|false|yes|no|on|off|y|n|t|f|0|1|enabled|disabled)$/i;
const EVERYTHING: ReadonlySet<string> = new Set(['', '*', '**', '.*', 'all', 'true']);
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME_KEYS: ReadonlySet<string> = new Set(['name', 'namespace', 'metadata.name', 'kubernetes.io/name']);

/** Why a valid selector probably does not mean what its author intended. */
export function suspicionOf(text: string): 'boolean' | 'quotes' | undefined {
  if (TYPOGRAPHIC_QUOTES.test(text)) return 'quotes';
  return isSwitch(text) ? 'boolean' : undefined;
}

/** Whether a text is a word for on or off. As a selector it selects the namespaces that have a label of that name. */
function isSwitch(text: string): boolean {
  return text !== 'true' && SWITCH.test(text.trim());
}

/** Returns what the author of a text that selects nothing probably meant. Undefined if that is not clear. */
export function guessSelector(
  text: string,
  namespaces: ReadonlyMap<string, Namespace>,
): SelectorGuess | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (TEMPLATE.test(text)) return { meant: 'template' };
  const clean = cleanText(text);
  if (isSwitch(clean)) return { meant: 'switch' };
  const selector = EVERYTHING.has(clean)
    ? []
    : (selectorByName(clean, namespaces) ?? otherSelector(clean, namespaces));
  if (selector === undefined) return undefined;
  const [guess, original] = [formatSelector(selector), parseSync(text)];
  if (original.ok && formatSelector(original.selector) === guess) return undefined;
  return { meant: 'selector', selector: guess };
}

/** Returns a text without quotes, with commas for other separators, and with `=` for the colon of YAML. */
function cleanText(text: string): string {
  return text
    .replace(QUOTES, '')
    .trim()
    .replace(/\s*[;|]+\s*/g, ',')
    .replace(/^([-\w./]+):\s*([-\w.]+)$/, '$1=$2');
}

/** Returns the selector of the namespaces that a text lists by name, or that it gives a label like `name`. */
function selectorByName(text: string, namespaces: ReadonlyMap<string, Namespace>): Selector | undefined {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const isList = names.length > 1 && text.includes(',');
  if (names.every((name) => NAMESPACE.test(name)))
    return isList || names.some((name) => namespaces.has(name)) ? byName(names) : undefined;
  const parsed = parseSync(text);
  const [only, ...others] = parsed.ok ? parsed.selector : [];
  if (only?.operator !== 'in' || others.length > 0 || !NAME_KEYS.has(only.key)) return undefined;
  return [...only.values].every((name) => namespaces.has(name)) ? byName([...only.values]) : undefined;
}

function byName(names: readonly string[]): Selector {
  return [{ operator: 'in', key: NAMESPACE_NAME, values: new Set(names) }];
}

function otherSelector(text: string, namespaces: ReadonlyMap<string, Namespace>): Selector | undefined {
  const parsed = parseSync(text);
  if (!parsed.ok) return undefined;
  const isLabel = (key: string): boolean => [...namespaces.values()].some(({ labels }) => has(labels, key));
  return valuesAfter(parsed.selector, isLabel) ?? mergeContradictions(parsed.selector);
}

/** `env=a,b` → `env in (a,b)`, if no namespace has the label `b`. */
function valuesAfter([first, ...rest]: Selector, isLabel: (key: string) => boolean): Selector | undefined {
  const isValue = ({ operator, key }: Requirement): boolean =>
    operator === 'exists' && isLabelValue(key) && !isLabel(key);
  if (first?.operator !== 'in' || rest.length === 0 || !rest.every(isValue)) return undefined;
  return [{ ...first, values: new Set([...first.values, ...rest.map(({ key }) => key)]) }];
}

/** `env=a,env=b` → `env in (a,b)`. Terms that can hold together stay as they are. */
function mergeContradictions(selector: Selector): Selector {
  const merged: Requirement[] = [];
  for (const term of selector) {
    const at = merged.findIndex((other) => contradicts(term, other));
    const other = merged[at];
    if (term.operator === 'in' && other?.operator === 'in')
      merged[at] = { ...other, values: new Set([...other.values, ...term.values]) };
    else merged.push(term);
  }
  return merged;
}

function contradicts(a: Requirement, b: Requirement): boolean {
  if (a.operator !== 'in' || b.operator !== 'in' || a.key !== b.key) return false;
  return [...a.values].every((value) => !b.values.has(value));
}

/**
 * Returns the text of a selector. {@link parseSync} reads it back as the same one.
 *
 * @internal for tests
 */
export function formatSelector(selector: Selector): string {
  return selector.map(formatRequirement).join(',');
}

function formatRequirement(term: Requirement): string {
  switch (term.operator) {
    case 'exists':
      return term.key;
    case 'not-exists':
      return `!${term.key}`;
    case 'greater':
      return `${term.key}>${term.bound}`;
    case 'less':
      return `${term.key}<${term.bound}`;
    case 'in':
    case 'not-in':
      return formatValues(term.key, [...term.values], term.operator === 'in');
  }
}

function formatValues(key: string, values: readonly string[], isIn: boolean): string {
  const [only] = values;
  if (values.length === 1 && key !== NAMESPACE_NAME) return `${key}${isIn ? '=' : '!='}${only}`;
  return `${key} ${isIn ? 'in' : 'notin'} (${values.join(',')})`;
}
