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

/** Like {@link memoize}, for an object. A result is kept only while the object is in use. */
export function memoizeObject<A extends object, T>(compute: (object: A) => T): (object: A) => T {
  const known = new WeakMap<A, { readonly value: T }>();
  return (object) => {
    const before = known.get(object);
    if (before !== undefined) return before.value;
    const value = compute(object);
    known.set(object, { value });
    return value;
  };
}

/** As {@link memoizeObject}, for a pair of objects. */
export function memoizePair<A extends object, B extends object, T>(
  compute: (a: A, b: B) => T,
): (a: A, b: B) => T {
  const computeFor = memoizeObject((a: A) => memoizeObject((b: B) => compute(a, b)));
  return (a, b) => computeFor(a)(b);
}
