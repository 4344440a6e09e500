/**
 * The question could not be put: a bad argument, a missing or unreadable file, a program that fails.
 * `message` is one line that names the input, its value and what was expected; the command line prints it and exits with status 2.
 */
export class InputError extends Error {
  override readonly name: string = "InputError";
}

/** A program that failed by itself. `message` is one line with what went wrong and where. */
export class ProgramError extends InputError {
  override readonly name = "ProgramError";
  /** Everything the program printed about its failure, for those who ask for it. May be long. */
  readonly details: string;

  constructor(message: string, details = "") {
    super(message);
    this.details = details;
  }
}
