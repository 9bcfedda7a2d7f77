/** Returns a function with the same results that calls `compute` only once for each text. */
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

/** Like {@link memoize}, for a pair of objects. A result is kept only while both objects are in use. */
export function memoizePair<A extends object, B extends object, T>(
  compute: (a: A, b: B) => T,
): (a: A, b: B) => T {
  const known = new WeakMap<A, WeakMap<B, { readonly value: T }>>();
  return (a, b) => {
    const ofA = known.get(a) ?? new WeakMap<B, { readonly value: T }>();
    known.set(a, ofA);
    const before = ofA.get(b);
    if (before !== undefined) return before.value;
    const value = compute(a, b);
    ofA.set(b, { value });
    return value;
  };
}
