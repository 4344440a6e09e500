import { ProgramError } from "../sources/input-error";
import type { Ending, ProgramInfo } from "./child";

export function failureOf(
  program: ProgramInfo,
  ending: Ending,
  errors: readonly string[],
  timeoutMs: number,
): ProgramError | undefined {
  if (ending.timedOut) {
    return new ProgramError(`The program in ${program.root} did not end within ${timeoutMs / 1000} s and was stopped.`);
  }
  if (ending.code === 0 && errors.length === 0) {
    return undefined;
  }
  return new ProgramError(
    `The program in ${program.root} failed: ${errors.join("\n") || ending.output}`,
    ending.output,
  );
}
