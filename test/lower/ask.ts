import { lower } from "../../policies/analysis/lower";
import { Resources } from "../../policies/analysis/lower/resources";
import type { EndpointSet } from "../../policies/analysis/model/endpoints";
import { endpoints, noEndpoints } from "../../policies/analysis/model/endpoints";
import type { Host, MailNetwork, Protocol } from "../../policies/analysis/model/network";
import type { ResourceSnapshot, Urn } from "../../policies/analysis/model/snapshot";
import { type AddrSet, subtract, unionAll } from "../../policies/analysis/net/addr";
import { type Bounds, exactly, union } from "../../policies/analysis/net/bounds";
import { cover, DONT_CARE } from "../../policies/analysis/net/cover";
import { type Flow, Flows } from "../../policies/analysis/reach/flows";
import { Reach } from "../../policies/analysis/reach/reach";
import { exposureOf, rowOf, selfOf } from "../../policies/analysis/verdict/exposure";
import type { ExposureSets } from "../../policies/analysis/verdict/report";
import type { Resource, Stack } from "./stack";

/** What certainly connects and what may connect beyond that, as the report prints it. */
export interface Answer {
  readonly must: readonly string[];
  readonly maybe: readonly string[];
}

/** Puts questions to the set engine about a stack, in the terms of the reports. */
export class Asked {
  readonly network: MailNetwork;
  readonly flows: Flows;

  constructor(stack: Stack | readonly ResourceSnapshot[]) {
    const snapshots: readonly ResourceSnapshot[] = "snapshots" in stack ? stack.snapshots : stack;
    this.network = lower(new Resources(snapshots));
    this.flows = new Flows(new Reach(this.network));
  }

  /** Internet sources that can open a port of a host. */
  internet(host: Resource | Urn, port = 25): Answer {
    const found = this.host(host);
    const self = selfOf(this.network, found);
    return answer(exposureOf(this.flows, self, found, port).internet, unionAll([DONT_CARE, self.space]));
  }

  row(host: Resource | Urn, port = 25): ExposureSets | null {
    const found = this.host(host);
    const self = selfOf(this.network, found);
    return rowOf(this.network, self, found, exposureOf(this.flows, self, found, port));
  }

  /** Sources in the host's own network: addresses, and URNs of interfaces whose address is not known yet. */
  internal(host: Resource | Urn, port = 25): Answer {
    const row = this.row(host, port);
    const maybe = row?.undetermined.filter((item) => item.side === "internal").flatMap((item) => item.sources) ?? [];
    return { must: row?.internal ?? [], maybe: [...new Set(maybe)] };
  }

  /** Internet addresses that a host can open a port of. */
  egress(host: Resource | Urn, port = 25): Answer {
    const flows = this.flows.outbound(this.host(host), port).filter((flow) => flow.path.zone.kind === "internet");
    const set = unite(flows);
    const space = selfOf(this.network, this.host(host)).space;
    return answer({ must: set.must.addr, may: set.may.addr, why: set.why }, unionAll([DONT_CARE, space]));
  }

  /** Whether one host can open a port of another. */
  opens(from: Resource | Urn, to: Resource | Urn, port = 25): "yes" | "no" | "maybe" {
    const target = this.host(to);
    const flows = this.flows.classesOf(target).flatMap((item) => this.flows.between(this.host(from), item, port));
    if (flows.some((flow) => !endpoints.isEmpty(flow.endpoints.must))) return "yes";
    return flows.length > 0 ? "maybe" : "no";
  }

  /** Ports of a host that the Internet can reach, as ranges. */
  openPorts(host: Resource | Urn, protocol: Protocol = "tcp"): readonly (readonly [number, number])[] {
    const flows = this.flows.inboundAny(this.host(host), protocol);
    return flows.filter((flow) => flow.path.zone.kind === "internet").flatMap((flow) => flow.ports);
  }

  host(host: Resource | Urn): Host {
    const urn = typeof host === "string" ? host : host.urn;
    const found = this.network.hosts.find((item) => item.urn === urn);
    if (found === undefined) throw new Error(`no host ${urn}`);
    return found;
  }
}

export function ask(stack: Stack | readonly ResourceSnapshot[]): Asked {
  return new Asked(stack);
}

export function unite(flows: readonly Flow[]): Bounds<EndpointSet> {
  return flows.reduce<Bounds<EndpointSet>>((set, flow) => union(endpoints, set, flow.endpoints), exactly(noEndpoints));
}

function answer(set: Bounds<AddrSet>, dontCare: AddrSet): Answer {
  return { must: cover(set.must, dontCare), maybe: cover(subtract(set.may, set.must), dontCare) };
}

export const nobody: Answer = { must: [], maybe: [] };
export const everybody4: Answer = { must: ["0.0.0.0/0"], maybe: [] };
export const everybody6: Answer = { must: ["::/0"], maybe: [] };
export const maybe4: Answer = { must: [], maybe: ["0.0.0.0/0"] };

export function exact(...must: readonly string[]): Answer {
  return { must, maybe: [] };
}

export function uncertain(...maybe: readonly string[]): Answer {
  return { must: [], maybe };
}
