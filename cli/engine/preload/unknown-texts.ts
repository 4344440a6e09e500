import { wrap } from "./modules";
import { unknownAnswer } from "./open-objects";
import { settings } from "./settings";
import type { Exports, OutputLike } from "./types";

interface StackReferenceLike {
  getOutput(name: unknown): OutputLike;
  requireOutput(name: unknown): OutputLike;
}

/** Outputs of another stack that a program waits for: what is not known is unknown, not `undefined`. */
export function patchStackReferences(exports: Exports, root: string): void {
  const reference = exports.StackReference as { prototype: Exports } | undefined;
  if (reference === undefined) {
    return;
  }
  wrap(
    reference.prototype,
    "readOutputValue",
    (original) =>
      async function (caller, name, required) {
        const self = this as StackReferenceLike;
        const output = required === true ? self.requireOutput(name) : self.getOutput(name);
        return (await output.isKnown) ? original.call(this, caller, name, required) : [unknownAnswer(root), false];
      },
  );
}

/** Programs keep structured values as JSON in secret stores and parameters. What is in a text that is not known is unknown. */
export function openUnknownJson(root: string): void {
  const parse = JSON.parse;
  JSON.parse = (text, ...rest) => {
    const given: unknown = text;
    if (given === settings.secretText) {
      throw new Error(
        "an encrypted configuration value is read as JSON; give it a value in a fixture file, under config.",
      );
    }
    return given === settings.answerText ? unknownAnswer(root) : parse(text, ...rest);
  };
}
