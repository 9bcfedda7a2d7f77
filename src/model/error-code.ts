/**
 * The code of an error of Node, or what is said where it has none. Its message is told to nobody: it may quote a
 * certificate, an address with a password, or a path at length.
 */
export function codeOf(error: unknown, otherwise = 'unknown'): string {
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0], otherwise);
  return error instanceof Error && 'code' in error ? String(error.code) : otherwise;
}
