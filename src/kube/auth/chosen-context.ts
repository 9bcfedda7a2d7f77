import type { Fields } from './fields.ts';

/** The entries of a kubeconfig that the chosen context leads to, as their file has them. */
export interface ChosenContext {
  readonly context: string;
  /** The file or files that it was read from. */
  readonly file: string;
  readonly cluster: Entry;
  /** Without fields where the context names no user. */
  readonly user: Entry;
  /** The namespace of the context, or of the pod. */
  readonly namespace?: string;
}

/** A named cluster or user, with the directory that its relative paths start from. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly directory: string;
}
