import { isAbsolute, join } from 'node:path';

/** The entries of a kubeconfig that the chosen context leads to, as their file has them. */
export interface ChosenContext {
  readonly context: string;
  /** The file or files that it was read from. */
  readonly file: string;
  readonly cluster: Entry;
  /** Without fields if the context names no user. */
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

/** A YAML mapping of the kubeconfig. */
export type Fields = Readonly<Record<string, unknown>>;

/** Returns whether a parsed value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a text that is not empty, and undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a path of the kubeconfig. A relative one starts at the directory of its file. */
export function pathOf({ fields, directory }: Entry, field: string): string | undefined {
  const path = textOf(fields[field]);
  return path === undefined || isAbsolute(path) ? path : join(directory, path);
}
