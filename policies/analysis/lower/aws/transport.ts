import type { Protocol } from "../../model/network";
import { Unknown, type Value } from "../../model/snapshot";
import { allPorts, noPorts, type PortSet, ports } from "../../net/ports";
import { integer, text } from "../values";

/**
 * Protocol and ports of a group rule. EC2 API, IpPermission: `-1` and every number but 6, 17, 1 and 58 mean all traffic
 * whatever the ports say; TCP `0–0` is port 0 only. `null` is ICMP, which opens no port.
 */
export function transport(
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
): { kind: Protocol | "any" | null; set: PortSet; doubt: string | null } {
  const name = text(protocol);
  if (name === undefined) return { kind: "any", set: allPorts, doubt: "the protocol is missing" };
  if (name instanceof Unknown) return { kind: "any", set: allPorts, doubt: `the protocol is ${name.reason}` };
  const known: { [name: string]: Protocol | null } = {
    tcp: "tcp",
    "6": "tcp",
    udp: "udp",
    "17": "udp",
    icmp: null,
    "1": null,
    icmpv6: null,
    "58": null,
  };
  const kind = known[name.trim().toLowerCase()];
  if (kind === undefined) return { kind: "any", set: allPorts, doubt: null };
  if (kind === null) return { kind, set: noPorts, doubt: null };
  const from = integer(fromPort);
  const to = integer(toPort);
  if (from instanceof Unknown || to instanceof Unknown) {
    const low = from instanceof Unknown || from === undefined ? 0 : Math.max(0, from);
    const high = to instanceof Unknown || to === undefined ? 65535 : Math.min(65535, to);
    return { kind, set: low <= high ? ports(low, high) : noPorts, doubt: "the ports are not known yet" };
  }
  if (from === undefined || to === undefined || from === -1 || to === -1) return { kind, set: allPorts, doubt: null };
  return { kind, set: from > to ? noPorts : ports(Math.max(0, from), Math.min(65535, to)), doubt: null };
}
