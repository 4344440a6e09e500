import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, checkUnique, type Deferred, each, expect, input, type Owner, plain, whenKnown } from "../args";
import { type ExchangeHardeningSettings, exchangeHardening } from "../render/exchange-hardening";
import { address, integer, isInside, isOverlapping, narrowCidr } from "../schemas";

const greeting = "1 to 60 of the characters a-z A-Z 0-9, space and ._-";

/** The arguments of a hardening that mean the same on every cloud. */
export const connectorFields = {
  frontEnds: each(address),
  approvedSenders: each(narrowCidr(24)),
  relaySenders: each(address),
  anonymousDefaultFrontend: plain(z.boolean({ error: "true or false" }).default(false)),
  banner: input(
    z
      .string({ error: greeting })
      .regex(/^[A-Za-z0-9 ._-]{1,60}$/, { error: greeting })
      .default("mail"),
  ),
  recipientLimit: input(integer(1, 5000, "recipients").default(200)),
  organisationRecipientLimit: input(integer(1, 5000, "recipients").default(500)),
  tarpitSeconds: input(integer(5, 30, "seconds").default(5)),
};

/**
 * Checks the arguments against each other.
 * @returns the script; what is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function hardeningScript(who: Owner, args: Checked<typeof connectorFields>): Deferred<string> {
  const { frontEnds, approvedSenders, relaySenders } = args;
  expect(frontEnds.length > 0, who, "frontEnds", frontEnds, "at least one address");
  for (const [path, values] of Object.entries({ frontEnds, approvedSenders, relaySenders }))
    checkUnique(who, path, values);
  const settings = {
    frontEnds: [...frontEnds],
    approvedSenders: [...approvedSenders],
    relaySenders: [...relaySenders],
    anonymousDefaultFrontend: args.anonymousDefaultFrontend,
    banner: args.banner,
    recipientLimit: args.recipientLimit,
    organisationRecipientLimit: args.organisationRecipientLimit,
    tarpitSeconds: args.tarpitSeconds,
  };
  return whenKnown(settings as pulumi.Input<typeof settings>, (value) => {
    const known = value as ExchangeHardeningSettings;
    checkSenders(who, known);
    return exchangeHardening(known);
  });
}

const privateBlocks = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/** Nothing that hides others, or that everybody may be, gets a connector of its own. */
function checkSenders(who: Owner, settings: ExchangeHardeningSettings): void {
  const { frontEnds, approvedSenders, relaySenders } = settings;
  const isPrivate = "a private address: whoever is outside comes through a front end, or logs in";
  for (const [path, values] of Object.entries({ frontEnds, approvedSenders, relaySenders })) {
    values.forEach((value, i) => {
      expect(isInside(value, privateBlocks), who, `${path}[${i}]`, value, isPrivate);
    });
  }
  relaySenders.forEach((value, i) => {
    const hides = frontEnds.includes(value);
    expect(!hides, who, `relaySenders[${i}]`, value, "no front end: whoever it relays for could send to anybody");
  });
  const inOne = "in one of frontEnds, approvedSenders and relaySenders only";
  approvedSenders.forEach((value, i) => {
    const twice = frontEnds.includes(value.replace(/\/32$/, "")) || relaySenders.includes(value.replace(/\/32$/, ""));
    expect(!twice, who, `approvedSenders[${i}]`, value, inOne);
  });
  for (const [i, value] of approvedSenders.entries()) {
    const before = approvedSenders.slice(0, i).some((other) => isOverlapping(other, value));
    expect(!before, who, `approvedSenders[${i}]`, value, "a block that overlaps no other");
  }
}
