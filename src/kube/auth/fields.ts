/** A YAML mapping of the kubeconfig. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
