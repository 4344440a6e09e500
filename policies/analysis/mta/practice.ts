import type { Reason } from "../model/provenance";
import { type AddrSet, noAddresses, subtract, unionAll } from "../net/addr";
import * as bounds from "../net/bounds";
import { cidr, toCidrs } from "../net/cidr";
import { cover, DONT_CARE, loopback, publicPart } from "../net/cover";
import { between, type Clients, either, nobody } from "./sets";

/** What a weakness is about; each belongs to one policy. */
export type Topic =
  /** Somebody may relay who is neither on the list of trusted networks nor named one by one. */
  | "relaying"
  /** The list of trusted networks does not name networks. */
  | "trust"
  /** Passwords in clear, or a submission port without them. */
  | "authentication"
  /** Everything that makes a mail server weaker and no relay. */
  | "hardening"
  /** The service does not work at all. */
  | "outage";

/** Something in the configuration of a mail server that should be otherwise. */
export interface Weakness {
  /** Stable name of the check, the same for every listener. */
  readonly id: string;
  readonly topic: Topic;
  /** Weaknesses with the same theme are told in one sentence. @default the id */
  readonly theme?: string;
  /** False if it depends on what is not known. */
  readonly certain: boolean;
  /** What the server does, as the rest of a sentence that begins with its name. Quotes nothing. */
  readonly text: string;
  /** What to write instead. */
  readonly fix: string;
  /** The word of the configuration that is to blame. */
  readonly subject?: string;
  /** The configuration line. */
  readonly line: Reason;
}

/** A list of networks that may relay. */
export interface TrustList {
  readonly members: Clients;
  /** False if no restriction of this listener lets them relay. */
  readonly used: boolean;
  readonly line: Reason;
}

/** How a listener is configured, beyond the question for whom it relays. */
export interface Practice {
  /** Clients that may relay although they are not on the trust list, nor named one by one, nor on the host itself. */
  readonly unlisted: Clients;
  readonly trust: TrustList | null;
  readonly weaknesses: readonly Weakness[];
}

/** The practice of one of several configurations, nobody knows which; `why` says so. */
export function mergedPractice(all: readonly (Practice | undefined)[], why: Reason): Practice | undefined {
  const known = all.filter((practice) => practice !== undefined);
  const [first] = known;
  if (first === undefined) return undefined;
  const everywhere = known.length === all.length;
  const trusts = known.flatMap((practice) => practice.trust ?? []);
  const [trust] = trusts;
  const ids = new Set(known.flatMap((practice) => practice.weaknesses.map((weakness) => weakness.id)));
  return {
    unlisted: oneOf(
      known.map((practice) => practice.unlisted),
      everywhere,
      why,
    ),
    trust:
      trust === undefined
        ? null
        : {
            members: oneOf(
              trusts.map((list) => list.members),
              trusts.length === all.length,
              why,
            ),
            used: trusts.some((list) => list.used),
            line: trust.line,
          },
    weaknesses: [...ids].flatMap((id): Weakness[] => {
      const found = known.flatMap((practice) => practice.weaknesses.filter((weakness) => weakness.id === id));
      const one = found.find((weakness) => weakness.certain) ?? found[0];
      const certain = found.length >= all.length && found.every((weakness) => weakness.certain);
      return one === undefined ? [] : [{ ...one, certain }];
    }),
  };
}

function oneOf(sets: readonly Clients[], certain: boolean, why: Reason): Clients {
  const must = certain ? sets.map((set) => set.must).reduce((a, b) => subtract(a, subtract(a, b))) : noAddresses;
  const may = sets.reduce<Clients>((sum, set) => either(sum, bounds.exactly(set.may)), nobody).may;
  return between(must, may, why);
}

/** Networks of the host itself, in every spelling. */
const itself = unionAll([loopback, cidr("::ffff:127.0.0.0/104")]);

/** Trusted networks that are too wide to name anybody. `list` is the name of the setting, for the fix. */
export function trustWidth(members: AddrSet, line: Reason, list: string): Weakness[] {
  const fix = `Name the hosts that may relay in ${list}, one by one`;
  const found = { topic: "trust", certain: true, fix, line } as const;
  // Nobody holds more than a /8 of the public IPv4 space, or a /16 of IPv6.
  if (widerThan(toCidrs(publicPart(members)), 8, 16).length > 0) {
    const subject = cover(members, DONT_CARE).slice(0, 4).join(" ");
    return [{ ...found, id: "trust-universal", text: "trusts networks so wide that strangers are in them", subject }];
  }
  const wide = widerThan(toCidrs(subtract(members, itself)), 24, 64);
  if (wide.length === 0) return [];
  const subject = wide.slice(0, 4).join(" ");
  return [{ ...found, id: "trust-wide", text: "trusts networks wider than a /24, or a /64 of IPv6", subject }];
}

function widerThan(prefixes: readonly string[], v4: number, v6: number): string[] {
  const lengthOf = (prefix: string) => Number(prefix.slice(prefix.indexOf("/") + 1));
  return prefixes.filter((prefix) => lengthOf(prefix) < (prefix.includes(":") ? v6 : v4));
}
