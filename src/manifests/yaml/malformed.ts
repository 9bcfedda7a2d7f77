/** A text that kubectl cannot read: where, and why. The reason contains no part of the text, which may be a Secret. */
export class Malformed extends Error {
  readonly position: number;

  constructor(position: number, reason: string) {
    super(reason);
    this.position = position;
  }
}
