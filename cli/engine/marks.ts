import { stripVTControlCharacters } from "node:util";
import type { Urn } from "../../policies/analysis/model/snapshot";

/**
 * Marks of values that the engine had to make up because a program cannot go on without one: the text of a masked secret, the address
 * range in the answer of a data source. A program may cut such a value, join it or encode it. Whatever still holds the mark when it comes
 * back as a property is unknown, so an invented value never decides anything.
 *
 * What a program computes from a part of it alone (the second number of a range, as a number) has lost the mark.
 *
 * Identifiers are not marked: `vpc-0f3c…` names nothing in the stack and is the same for the same question.
 */

/** Stands for a secret of the stack configuration, for programs that read it as plain text. Letters and digits only: it survives quoting. */
export const SECRET_TEXT = "rpSecretConfigurationValue7f3a91c4";
/** Stands for a text that a data source would have answered. */
export const ANSWER_TEXT = "rpDataSourceAnswer7f3a91c4";
/** Stand for numbers. */
export const SECRET_NUMBER = 7319148826453;
export const ANSWER_NUMBER = 7319148826451;
/** Class E, which no network uses: a range taken out of it stays recognisable (`241.37.4.0/24`). */
export const ANSWER_CIDR = "241.37.0.0/16";
/** From 6000::/3, which is unassigned. */
export const ANSWER_CIDR_V6 = "7a37:f3a9::/56";

/** URN of the resource that does not exist and that outputs of masked secrets depend on, up to the configuration key. */
export const SECRET_DEPENDENCY = "urn:pulumi:relayproof::relayproof::relayproof:index:SecretConfiguration::";

export const SECRET_REASON = "secret configuration value";
export const ANSWER_REASON = "answer of a data source, known only with the cloud account";

const IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [spelling(SECRET_TEXT), SECRET_REASON],
  [new RegExp(String.raw`\b${SECRET_NUMBER}\b`), SECRET_REASON],
  [spelling(ANSWER_TEXT), ANSWER_REASON],
  [new RegExp(String.raw`(?<![\d.])241\.37\.\d|7a37:f3a9|\b${ANSWER_NUMBER}\b`, "i"), ANSWER_REASON],
];

/** The reason why a text or number is not known, if it holds a mark. */
export function markIn(value: string | number): string | undefined {
  if (typeof value === "number") {
    return value === SECRET_NUMBER ? SECRET_REASON : value === ANSWER_NUMBER ? ANSWER_REASON : undefined;
  }
  return markInText(value);
}

function markInText(text: string): string | undefined {
  if (text.length < 6) {
    return undefined;
  }
  return IN_TEXT.find(([mark]) => mark.test(text))?.[1];
}

/** A text for people: without colours and without marks. */
export function withoutMarks(text: string): string {
  return stripVTControlCharacters(text).replaceAll(SECRET_TEXT, "[secret]").replaceAll(ANSWER_TEXT, "[unknown]");
}

/** Separates the marks among dependencies from the resources, which come back in order. */
export function splitDependencies(urns: readonly Urn[]): { readonly urns: readonly Urn[]; readonly secret: boolean } {
  const real = urns.filter((urn) => !urn.startsWith(SECRET_DEPENDENCY)).sort();
  return { urns: real, secret: real.length < urns.length };
}

/** The mark as it is, in hexadecimal, or in Base64 at any offset within the encoded text. */
function spelling(mark: string): RegExp {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(mark)]).toString("base64url");
    return text.slice(4, -4).replace(/[-_]/g, "[-_+/]");
  });
  return new RegExp([mark, Buffer.from(mark).toString("hex"), ...encoded].join("|"), "i");
}
