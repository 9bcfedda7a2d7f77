/** A stream to write to, as far as the program cares. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

/** Columns to wrap at: none where nobody watches. */
export function widthOf(screen: Screen): { readonly width?: number } {
  return screen.isTTY && screen.columns !== undefined && screen.columns > 0 ? { width: screen.columns } : {};
}
