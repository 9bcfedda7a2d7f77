/** A text that kubectl cannot read: where in it, and why. The reason quotes nothing of the text, which may be a Secret. */
export class Malformed extends Error {
  readonly position: number;

  constructor(position: number, reason: string) {
    super(reason);
    this.position = position;
  }
}
