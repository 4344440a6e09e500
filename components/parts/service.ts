import { z } from "zod";
import { plain } from "../args";
import { Outbound, Resolver } from "../render";
import { mailbox, oneOf } from "../schemas";

/** A certificate by ACME. The VM may write the TXT records of its own challenge, and no other. */
export interface CertificateArgs {
  /** Where the certificate authority writes to. */
  email: string;
  /** Directory of the certificate authority. @default Let's Encrypt */
  directory?: string | undefined;
}

const certificate = z
  .strictObject(
    {
      email: mailbox,
      directory: z
        .string({ error: "an https address" })
        .regex(/^https:\/\/[A-Za-z0-9.-]+(?::\d+)?\/[A-Za-z0-9._/-]*$/, { error: "an https address" })
        .optional(),
    },
    { error: "an object with email" },
  )
  .optional();

/** The arguments of a front end that is run for years, as far as they mean the same on every cloud. */
export const commonServiceFields = {
  outbound: plain(oneOf(Outbound).default(Outbound.Open)),
  certificate: plain(certificate),
  resolver: plain(oneOf(Resolver).default(Resolver.Own)),
  rebootTime: plain(
    z
      .string({ error: "a time such as 03:30" })
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: "a time such as 03:30" })
      .default("03:30"),
  ),
};

/** The same time of day, `hours` later. */
export function laterBy(hours: number, time: string): string {
  const [hour = "0", minute = "0"] = time.split(":");
  return `${String((Number(hour) + hours) % 24).padStart(2, "0")}:${minute}`;
}
