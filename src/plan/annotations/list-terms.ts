import type { AnnotationProblem } from '../../model/annotation-problem.ts';

/** One term of a list in an annotation, without white space around it. */
export interface Term {
  /** Without the `!` of an excluded term. */
  readonly text: string;
  /** Where the term begins, with its `!`. */
  readonly at: number;
  readonly isExcluded: boolean;
}

/** The terms, or the place where one is missing. */
export type Terms =
  | { readonly ok: true; readonly terms: readonly Term[] }
  | ({ readonly ok: false } & AnnotationProblem);

/** A longer list would cost too much time: each key or namespace is compared with each term. */
const MAX_TERMS = 1000;

/**
 * Cuts a list at its commas. A term may be excluded with `!`. An empty text is a list with one empty term, and so an error.
 *
 * Example: `a, !b` → `a` at 0, and `b`, which is excluded, at 4. `a,,b` → a problem at 2.
 */
export function splitTerms(text: string): Terms {
  const terms: Term[] = [];
  let start = 0;
  for (const part of text.split(',')) {
    const term = termOf(part, start);
    if (terms.length === MAX_TERMS)
      return { ok: false, at: term.at, problem: { code: 'too-many-terms', limit: MAX_TERMS } };
    if (term.text === '') return { ok: false, at: term.at, problem: { code: 'empty' } };
    terms.push(term);
    start += part.length + ','.length;
  }
  return { ok: true, terms };
}

function termOf(part: string, start: number): Term {
  const trimmed = part.trim();
  const isExcluded = trimmed.startsWith('!');
  const text = isExcluded ? trimmed.slice('!'.length).trimStart() : trimmed;
  const at = start + part.length - part.trimStart().length;
  return { text, at: text === '' ? at + trimmed.length : at, isExcluded };
}
