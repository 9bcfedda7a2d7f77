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
    | { readonly code: 'too-many-terms' | 'too-many-patterns'; readonly limit: number }
    /** Neither the name of a namespace nor a pattern that can match one. */
    | { readonly code: 'bad-namespace'; readonly found: string }
    /** Not a key of a ConfigMap or Secret, nor a pattern with `*`. */
    | { readonly code: 'bad-key'; readonly found: string }
    /** Not two keys with `=` between them. */
    | { readonly code: 'bad-rename'; readonly found: string }
    | { readonly code: 'named-twice'; readonly key: string }
    /** Two keys of the source would have one name in the copies. */
    | { readonly code: 'same-name'; readonly name: string; readonly keys: readonly string[] }
    /** An excluded key that does not exist is probably misspelt. */
    | { readonly code: 'matches-no-key'; readonly pattern: string }
    | { readonly code: 'no-key-left' }
    /** A Secret of this type is useless with another type or other keys. */
    | { readonly code: 'type-needs-all-keys'; readonly type: string }
    /** A tenant could choose the name of a namespace so that the pattern matches it. */
    | { readonly code: 'pattern-needs-source-namespace'; readonly pattern: string };
}

/** A parsed value, or what is wrong with its text. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & AnnotationProblem);
