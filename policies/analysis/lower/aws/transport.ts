import type { Protocol } from "../../model/network";
import { Unknown, type Value } from "../../model/snapshot";
import { allPorts, noPorts, type PortSet, ports } from "../../net/ports";
import { integer, text } from "../values";

/** Protocol and ports of a rule. `null` is a protocol without ports of TCP or UDP, such as ICMP. */
export interface Transport {
  readonly kind: Protocol | "any" | null;
  readonly set: PortSet;
  readonly doubt: string | null;
}

const KINDS: ReadonlyMap<string, Transport["kind"]> = new Map([
  ["-1", "any"],
  ["all", "any"],
  ["tcp", "tcp"],
  ["6", "tcp"],
  ["udp", "udp"],
  ["17", "udp"],
  ["icmp", null],
  ["1", null],
  ["icmpv6", null],
  ["58", null],
]);

/**
 * Of a group rule. EC2 API, IpPermission: `-1` and every number but 6, 17, 1 and 58 mean all traffic whatever the ports say; TCP
 * `0–0` is port 0 only.
 */
export function groupTransport(
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
): Transport {
  return transport(protocol, fromPort, toPort, () => ({ kind: "any", set: allPorts, doubt: null }));
}

/** Of a network ACL's rule. EC2 API, NetworkAclEntry: a number stands for itself, so a rule for ESP says nothing about TCP. */
export function aclTransport(
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
): Transport {
  return transport(protocol, fromPort, toPort, (name) =>
    /^\d+$/.test(name)
      ? { kind: null, set: noPorts, doubt: null }
      : { kind: "any", set: allPorts, doubt: `the protocol ${JSON.stringify(name)} is not known to the model` },
  );
}

const intervals = new Map<number, PortSet>();

/** Equal intervals are one object: most rules are for the same few ports, and what compares them sees that at once. */
function portsBetween(low: number, high: number): PortSet {
  const key = low * 65536 + high;
  const known = intervals.get(key) ?? ports(low, high);
  intervals.set(key, known);
  return known;
}

function transport(
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
  other: (name: string) => Transport,
): Transport {
  const name = text(protocol);
  if (name === undefined) return { kind: "any", set: allPorts, doubt: "the protocol is missing" };
  if (name instanceof Unknown) return { kind: "any", set: allPorts, doubt: `the protocol is ${name.reason}` };
  const kind = KINDS.get(name.trim().toLowerCase());
  if (kind === undefined) return other(name.trim());
  if (kind === null) return { kind, set: noPorts, doubt: null };
  if (kind === "any") return { kind, set: allPorts, doubt: null };
  const from = integer(fromPort);
  const to = integer(toPort);
  if (from === undefined || to === undefined || from === -1 || to === -1) return { kind, set: allPorts, doubt: null };
  const low = from instanceof Unknown ? 0 : Math.max(0, from);
  const high = to instanceof Unknown ? 65535 : Math.min(65535, to);
  const doubt = from instanceof Unknown || to instanceof Unknown ? "the ports are not known yet" : null;
  return { kind, set: low > high ? noPorts : portsBetween(low, high), doubt };
}
