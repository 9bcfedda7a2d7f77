/** An annotation that narrows what a source sends, or what a namespace takes. */
export type NarrowingKey =
  | 'kubed.appscode.com/sync-namespaces'
  | 'kubed.appscode.com/sync-keys'
  | 'kubed.appscode.com/accept-from';

/** What is wrong with such an annotation. `at` is the place in its text, from 0, in UTF-16 units. */
export interface AnnotationProblem {
  readonly at: number;
  readonly problem:
    /** There is nothing where a name should be. */
    | { readonly code: 'empty' }
    /** Neither the name of a namespace nor a pattern that can match one. */
    | { readonly code: 'bad-namespace'; readonly found: string }
    /** A tenant could choose the name of a namespace so that the pattern matches it. */
    | { readonly code: 'pattern-needs-source-namespace'; readonly pattern: string };
}

/** A parsed value, or what is wrong with its text. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & AnnotationProblem);
