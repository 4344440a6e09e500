import { splitNameValue } from "../postfix/lines";
import { type Call, opaque } from "./commands";

/** postconf(1): prints, or edits main.cf. */
export function editPostconf(call: Call): string | null {
  const words = call.values.slice(1);
  const flags = words.filter((word): word is string => word?.startsWith("-") === true);
  const rest = words.filter((word) => word === null || !word.startsWith("-"));
  if (flags.some((flag) => /[cCMFPo]/.test(flag))) {
    const prints =
      flags.every((flag) => /^-[CMFPo hnvxd]+$/.test(flag)) &&
      !rest.some((word) => word === null || word.includes("="));
    return prints && !flags.some((flag) => /[co]/.test(flag)) ? null : opaque(call);
  }
  const removes = flags.some((flag) => /[X#]/.test(flag));
  const edits = flags.some((flag) => flag.includes("e")) || rest.some((word) => word?.includes("="));
  if (!removes && !edits) return rest.includes(null) ? opaque(call) : null;
  if (!call.certain || rest.includes(null)) return opaque(call);
  for (const word of rest as string[]) {
    const pair = splitNameValue(word);
    const name = removes ? word.trim() : pair?.name;
    if (name === undefined || !/^[^\s=]+$/.test(name) || /[\n\r]/.test(word)) return opaque(call);
    call.shell.machine.edit(name, removes ? null : (pair?.value ?? ""), call.at);
  }
  return "";
}
