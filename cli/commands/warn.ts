import { printableLine } from "../../policies/printable";

/** Tells on standard error what whoever asked should know beside the answer. */
export function warn(text: string): void {
  process.stderr.write(`relayproof: warning: ${printableLine(text)}\n`);
}
