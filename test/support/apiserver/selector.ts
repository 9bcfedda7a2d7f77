/** Label and field selectors, written independently of those in src/, so that no mistake hides another. */

import { own, type KubeObject, type ResourceName, type StringMap } from './model.ts';
import { labelValueFlaws, qualifiedNameFlaws } from './names.ts';
import { badRequest, type StatusError } from './status.ts';

/** Whether an object is selected. */
export type Predicate = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly matches: (value: string | undefined) => boolean;
}

/** Reads a label selector, or throws the 400 of the real server. */
export function labelPredicate(text: string): Predicate {
  const requirements = new LabelParser(text).parse();
  return ({ metadata }) => requirements.every(({ key, matches }) => matches(valueOf(metadata.labels, key)));
}

function valueOf(labels: StringMap | undefined, key: string): string | undefined {
  return own(labels, key);
}

function unparsable(why: string): StatusError {
  return badRequest(`unable to parse requirement: ${why}`);
}

const TOKENS = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/gu;

class LabelParser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.trim().matchAll(TOKENS)].map((match) => match[1] ?? '');
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#tokens.length === 0) return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next === '') return requirements;
      if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
    }
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #requirement(): Requirement {
    const negated = this.#tokens[this.#at] === '!';
    if (negated) this.#at++;
    const key = this.#key();
    const next = this.#tokens[this.#at];
    if (negated) return { key, matches: (value) => value === undefined };
    if (next === undefined || next === ',') return { key, matches: (value) => value !== undefined };
    return { key, matches: this.#operation(this.#take(), key) };
  }

  #key(): string {
    const key = this.#take();
    if (/^[=!<>(),]|^$/u.test(key)) throw unparsable(`found '${key}', expected: identifier`);
    const [flaw] = qualifiedNameFlaws(key);
    if (flaw !== undefined) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${flaw}`);
    return key;
  }

  #operation(operator: string, key: string): (value: string | undefined) => boolean {
    if (operator === 'in' || operator === 'notin') return this.#list(operator === 'in', key);
    if (operator === '>' || operator === '<') return this.#order(operator === '>', key);
    if (!['=', '==', '!='].includes(operator))
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    const wanted = this.#value(key);
    return (value) => (operator === '!=' ? value !== wanted : value === wanted);
  }

  /** One value, or the empty one if there is none. */
  #value(key: string): string {
    const next = this.#tokens[this.#at];
    if (next === undefined || next === ',' || next === ')') return '';
    this.#at++;
    if (/^[=!<>()]/u.test(next)) throw unparsable(`found '${next}', expected: identifier`);
    const [flaw] = labelValueFlaws(next);
    if (flaw !== undefined)
      throw unparsable(`values[0][${key}]: Invalid value: ${JSON.stringify(next)}: ${flaw}`);
    return next;
  }

  #list(wanted: boolean, key: string): (value: string | undefined) => boolean {
    const open = this.#take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      values.add(this.#value(key));
      const next = this.#take();
      if (next === ')') break;
      if (next !== ',') throw unparsable(`found '${next}', expected: ',' or ')'`);
    }
    return (value) => (value === undefined ? !wanted : values.has(value) === wanted);
  }

  #order(greater: boolean, key: string): (value: string | undefined) => boolean {
    const bound = this.#value(key);
    if (!/^-?\d+$/u.test(bound))
      throw unparsable(
        `values[0]: Invalid value: ${JSON.stringify(bound)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    return (value) => {
      if (value === undefined || !/^[-+]?\d+$/u.test(value)) return false;
      return greater ? Number(value) > Number(bound) : Number(value) < Number(bound);
    };
  }
}

const FIELD_VALUES: Readonly<Record<string, (object: KubeObject) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
  type: ({ type }) => type ?? '',
  'status.phase': ({ status }) => status?.phase ?? '',
};

const FIELDS_OF: Readonly<Record<ResourceName, readonly string[]>> = {
  configmaps: ['metadata.name', 'metadata.namespace'],
  namespaces: ['metadata.name', 'status.phase'],
  secrets: ['metadata.name', 'metadata.namespace', 'type'],
};

/** Reads a field selector over the fields of the resource, or throws the 400. */
export function fieldPredicate(resource: ResourceName, text: string): Predicate {
  const terms = text.split(',').filter((term) => term !== '');
  const predicates = terms.map((term) => fieldTerm(resource, term));
  return (object) => predicates.every((matches) => matches(object));
}

function fieldTerm(resource: ResourceName, term: string): Predicate {
  const match = /^([^=!]*)(!=|==|=)(.*)$/su.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, wanted] = match;
  const read = FIELDS_OF[resource].includes(field) ? own(FIELD_VALUES, field) : undefined;
  if (read === undefined) throw unknownField(resource, field);
  return (object) => (read(object) === wanted) === (operator !== '!=');
}

function unknownField(resource: ResourceName, field: string): StatusError {
  if (resource === 'namespaces') return badRequest(`field label not supported: ${field}`);
  if (resource === 'secrets') return badRequest(`field label not supported: ${field}`);
  const known = '"metadata.name", "metadata.namespace"';
  return badRequest(`${JSON.stringify(field)} is not a known field selector: only ${known}`);
}
