/** The entries of a kubeconfig that the chosen context leads to, as their file has them. */
export interface ChosenContext {
  readonly context: string;
  /** The file or files that it was read from. */
  readonly file: string;
  readonly cluster: Entry;
  readonly user: Entry;
}

/** A named cluster or user, with the directory that its relative paths start from. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly directory: string;
}

/** A YAML mapping of the kubeconfig: every value is to be checked before use. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty text of the kubeconfig; numbers are taken for text, as names such as `123` are often left unquoted. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
