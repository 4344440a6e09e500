import type { Family, Hop } from "../../model/network";
import { isEmpty } from "../../net/addr";
import type { Answer } from "../longest-prefix";
import { type AwsClass, rangeOf } from "./classes";
import type { Forwarding } from "./forwarding";
import type { Hops, Parts } from "./hops";
import type { Inspection } from "./inspection";
import { natWays } from "./nat";
import type { Target } from "./routes";

/** The ways from an interface out to the Internet: with an address of its own, through an inspected path, or by NAT. */
export class InternetExits {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly inspection: Inspection;
  private readonly forwarding: Forwarding;

  constructor(parts: Parts, hops: Hops, inspection: Inspection, forwarding: Forwarding) {
    this.forwarding = forwarding;
    this.parts = parts;
    this.hops = hops;
    this.inspection = inspection;
  }

  /** The hops of each way behind the interface's own groups. */
  ways(item: AwsClass, family: Family): readonly (readonly Hop[])[] {
    return [...this.own(item, family), ...this.forwarded(item, family)];
  }

  /** By machines that the subnet's routes lead to. */
  private forwarded(item: AwsClass, family: Family): Hop[][] {
    return this.forwarding.machines.flatMap((machine) => {
      if (machine === item || (family === 4 ? machine.address.v4 : machine.address.v6) === null) return [];
      const route = this.hops.route(
        item.subnet,
        family,
        (target) => leadsTo(target, machine),
        "the connection leaves by",
      );
      if (isEmpty(route.toward.may)) return [];
      const boundary = machine.subnet === item.subnet ? [] : [this.hops.acl(machine.subnet, "in", "request")];
      const before = [
        this.hops.acl(item.subnet, "out", "request"),
        route,
        ...boundary,
        ...this.forwarding.onward(machine),
      ];
      return this.own(machine, family).map((way) => [...before, ...way, this.hops.acl(item.subnet, "in", "reply")]);
    });
  }

  private own(item: AwsClass, family: Family): readonly (readonly Hop[])[] {
    const { publicV4 } = item.sample;
    const own: Answer =
      family === 6 ? "yes" : publicV4.kind === "none" ? "no" : publicV4.doubt === null ? "yes" : "maybe";
    return [
      ...this.directExits(item, family, "out", (target) => this.outboundTarget(item, target, own, family)),
      ...this.directExits(item, family, "egress-only", (target) =>
        target.kind === "egress-only" && family === 6 ? "yes" : "no",
      ),
      ...(own === "no" ? [] : this.inspectedExits(item, family)),
      ...natWays(this.parts, this.hops, item, family),
    ];
  }

  private directExits(
    item: AwsClass,
    family: Family,
    crossing: "out" | "egress-only",
    wanted: (target: Target) => Answer,
  ): Hop[][] {
    const route = this.hops.route(item.subnet, family, wanted, "the connection leaves by");
    if (isEmpty(route.toward.may)) return [];
    return [
      [
        this.hops.acl(item.subnet, "out", "request"),
        route,
        ...(family === 4 ? this.sender(item) : []),
        ...this.parts.publicAccess.hops([item.subnet], crossing),
        this.hops.acl(item.subnet, "in", "reply"),
      ],
    ];
  }

  /** The address that the far end sees, where it is not the interface's own. */
  private sender({ sample }: AwsClass): Hop[] {
    const { publicV4 } = sample;
    if (publicV4.kind === "none") return [];
    return [
      {
        kind: "device",
        step: "translation",
        at: publicV4.at,
        text: `it leaves as ${publicV4.text}`,
        sendsAs: publicV4.text,
      },
    ];
  }

  private inspectedExits(item: AwsClass, family: Family): Hop[][] {
    const { publicV4 } = item.sample;
    const doubtful = family === 4 && publicV4.kind === "address" && publicV4.doubt !== null ? publicV4.doubt : null;
    const own = rangeOf(item, family);
    return this.inspection
      .exits(item.subnet, item.network, family, own, "the connection leaves by")
      .map(({ route, back, through }) => [
        ...(doubtful === null ? [] : [{ kind: "doubt" as const, why: doubtful }]),
        this.hops.acl(item.subnet, "out", "request"),
        route,
        ...back,
        ...(family === 4 ? this.sender(item) : []),
        ...this.parts.publicAccess.hops([item.subnet, ...through], "out"),
        this.hops.acl(item.subnet, "in", "reply"),
      ]);
  }

  /** What leads out with the interface's own address. */
  private outboundTarget(item: AwsClass, target: Target, ownAddress: Answer, family: Family): Answer {
    switch (target.kind) {
      case "internet":
        if (ownAddress === "no" || target.attached === "no") return "no";
        return ownAddress === "yes" && target.attached === "yes" ? "yes" : "maybe";
      // Gateways that only let out are ways of their own; nobody uses a peer's gateways.
      case "egress-only":
      case "nat":
      case "local":
        return "no";
      case "interface":
        return target.forwards === "no" || this.forwarding.machines.some((it) => leadsTo(target, it) === "yes")
          ? "no"
          : "maybe";
      case "peering":
        return this.parts.links.covers(item.network, target) ? "no" : "maybe";
      case "transit": {
        const leads = this.parts.links.from(item.network).some((link) => link.enters(target));
        return !leads && this.parts.links.covers(item.network, target) ? "no" : "maybe";
      }
      case "endpoint": {
        const covered =
          ownAddress !== "no" &&
          this.inspection.covers(item.subnet, item.network, family, rangeOf(item, family), target);
        return covered ? "no" : "maybe";
      }
      default:
        return "maybe";
    }
  }
}

/** Whether a route leads to a machine: to the interface itself, or to the primary one of an instance. */
function leadsTo(target: Target, machine: AwsClass): Answer {
  if (target.kind !== "interface") return "no";
  const { urn } = target.resource;
  const named = machine.interfaces.includes(urn) || (machine.hosts.has(urn) && machine.sample.primary);
  return named ? "yes" : "no";
}
