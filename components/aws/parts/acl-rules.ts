import type * as pulumi from "@pulumi/pulumi";
import { Exposure, type Flow, opens, Protocol } from "../../parts/shared";
import { Resolver } from "../../render";
import { isInside, isOverlapping } from "../../schemas";

/**
 * Network ACLs of the perimeter as numbered rules: pure functions over plain data. An ACL is stateless, so the answers to
 * connections that go out need the ephemeral ports open inward, which contain 2525 and management ports: those are denied first.
 * The ACLs back the security groups, tier by tier; they do not replace them.
 */

export interface AclRule {
  readonly number: number;
  readonly egress: boolean;
  readonly action: "allow" | "deny";
  readonly protocol: "-1" | "tcp" | "udp";
  readonly cidr: pulumi.Input<string>;
  readonly from?: number;
  readonly to?: number;
}

/** What the ACLs know of the perimeter. Blocks are aggregated per tier. */
export interface AclSettings {
  readonly dmz: readonly string[];
  readonly internal: readonly string[];
  /** The VPC and the connected networks. */
  readonly inside: readonly string[];
  readonly exposure: Exposure;
  readonly probeSources: readonly pulumi.Input<string>[];
  readonly ports: readonly number[];
  /** Port that mail leaves on. */
  readonly mailPort: number;
  readonly resolver: Resolver;
  readonly senders: readonly { readonly cidr: pulumi.Input<string>; readonly ports: readonly number[] }[];
  readonly clientAccess: readonly Flow[];
  readonly egress: readonly Flow[];
}

type Match = Pick<AclRule, "protocol" | "cidr" | "from" | "to">;

const anywhere = "0.0.0.0/0";
/** Submission of Exchange's transport service, RDP and WinRM: what lies within the ephemeral ports and is never mail flow. */
const guarded: readonly (readonly [number, number])[] = [
  [2525, 2525],
  [3389, 3389],
  [5985, 5986],
];

export function dmzRules(it: AclSettings): AclRule[] {
  const closed = guarded.filter(([from, to]) => !it.ports.some((port) => from <= port && port <= to));
  const own = it.resolver === Resolver.Own;
  const clients = it.exposure === Exposure.Live ? [anywhere] : [...it.probeSources, ...it.inside];
  return [
    ...numbered(
      100,
      false,
      "deny",
      closed.map((range) => tcp(anywhere, ...range)),
    ),
    ...numbered(
      it.exposure === Exposure.Live ? 200 : 300,
      false,
      "allow",
      each(it.ports, clients, (port, from) => tcp(from, port)),
    ),
    ...numbered(400, false, "allow", [ephemeral(anywhere), ...(own ? [ephemeral(anywhere, Protocol.Udp)] : [])]),
    ...numbered(100, true, "allow", [tcp(anywhere, 25)]),
    ...numbered(
      200,
      true,
      "deny",
      it.inside.map((to) => tcp(to, 1, 1023)),
    ),
    ...numbered(
      300,
      true,
      "deny",
      each(guarded, it.inside, (range, to) => tcp(to, ...range)),
    ),
    ...numbered(400, true, "allow", [
      tcp(anywhere, 443),
      ...(own ? [tcp(anywhere, 53), match(Protocol.Udp, anywhere, 53)] : []),
      ...(it.mailPort === 25 ? [] : [tcp(anywhere, it.mailPort)]),
      ephemeral(anywhere),
    ]),
  ];
}

export function internalRules(it: AclSettings): AclRule[] {
  const foreign = it.egress.filter((flow) => !isInside(flow.cidr, it.inside));
  const clients = it.clientAccess.filter((flow) => isSpecial(flow, it));
  const servers = it.egress.filter((flow) => isSpecial(flow, it) || opens(flow, [25]));
  return [
    ...numbered(100, false, "allow", it.internal.map(everything)),
    ...numbered(
      200,
      false,
      "allow",
      it.dmz.map((from) => tcp(from, 25)),
    ),
    ...numbered(
      300,
      false,
      "allow",
      it.senders.flatMap((sender) => sender.ports.map((port) => tcp(sender.cidr, port))),
    ),
    ...numbered(400, false, "allow", clients.map(flowMatch)),
    ...numbered(
      500,
      false,
      "deny",
      [25, 465, 587, 2525].map((port) => tcp(anywhere, port)),
    ),
    ...numbered(
      600,
      false,
      "deny",
      each(guarded.slice(1), it.dmz, (range, from) => tcp(from, ...range)),
    ),
    ...numbered(
      700,
      false,
      "allow",
      it.dmz.map((from) => ephemeral(from)),
    ),
    ...numbered(800, false, "deny", it.dmz.map(everything)),
    ...numbered(900, false, "allow", it.inside.map(everything)),
    ...numbered(1000, false, "allow", foreign.map(answers)),
    ...numbered(100, true, "allow", it.internal.map(everything)),
    ...numbered(
      200,
      true,
      "allow",
      it.dmz.flatMap((to) => [tcp(to, 25), ephemeral(to)]),
    ),
    ...numbered(300, true, "allow", servers.map(flowMatch)),
    ...numbered(400, true, "deny", it.dmz.map(everything)),
    ...numbered(500, true, "deny", [tcp(anywhere, 25)]),
    ...numbered(600, true, "allow", it.inside.map(everything)),
  ];
}

/** True if the flow needs a rule of its own, because what holds for the inside at large does not cover it. */
function isSpecial(flow: Flow, it: AclSettings): boolean {
  return !isInside(flow.cidr, it.inside) || it.dmz.some((block) => isOverlapping(block, flow.cidr));
}

/** Rules of one kind, numbered from `first` up. A kind has room for a hundred. */
function numbered(first: number, egress: boolean, action: AclRule["action"], matches: readonly Match[]): AclRule[] {
  return matches.map((match, i) => ({ number: first + i, egress, action, ...match }));
}

function each<A, B>(as: readonly A[], bs: readonly B[], make: (a: A, b: B) => Match): Match[] {
  return as.flatMap((a) => bs.map((b) => make(a, b)));
}

function tcp(cidr: pulumi.Input<string>, from: number, to: number = from): Match {
  return match(Protocol.Tcp, cidr, from, to);
}

function match(protocol: "tcp" | "udp", cidr: pulumi.Input<string>, from: number, to: number = from): Match {
  return { protocol, cidr, from, to };
}

/** The ports that clients bind: RFC 6056 and what AWS recommends for ACLs. */
function ephemeral(cidr: pulumi.Input<string>, protocol: "tcp" | "udp" = Protocol.Tcp): Match {
  return match(protocol, cidr, 1024, 65535);
}

function everything(cidr: pulumi.Input<string>): Match {
  return { protocol: "-1", cidr };
}

function flowMatch(flow: Flow): Match {
  if (flow.protocol === Protocol.All || flow.port === undefined) return everything(flow.cidr);
  return { protocol: flow.protocol, cidr: flow.cidr, from: flow.port, to: flow.toPort ?? flow.port };
}

function answers(flow: Flow): Match {
  if (flow.protocol === Protocol.All) return everything(flow.cidr);
  return { protocol: flow.protocol, cidr: flow.cidr, from: 1024, to: 65535 };
}
