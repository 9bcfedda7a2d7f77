/** A command line or environment that is wrong: one line on stderr and exit code 2, never a stack. */
export class UsageError extends Error {
  /** The help text to show to a person instead of the line, where no command was given. */
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.help = help;
  }
}
