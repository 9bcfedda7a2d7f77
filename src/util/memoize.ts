/** Returns a function with the same results. It calls `compute` once for each text. */
export function memoize<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.value;
    const value = compute(text);
    known.set(text, { value });
    return value;
  };
}
