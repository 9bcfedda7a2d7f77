/** A command line or environment that cannot be carried out: one line on stderr and exit code 2, never a stack. */
export class Refusal extends Error {}
