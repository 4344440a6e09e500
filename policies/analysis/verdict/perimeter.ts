import { lower } from "../lower";
import { Resources } from "../lower/resources";
import type { Host, MailNetwork } from "../model/network";
import { Role, type Settings } from "../model/settings";
import type { ResourceSnapshot, Urn } from "../model/snapshot";
import { evaluateHost, readCarrier } from "../mta";
import type { HostMta } from "../mta/answer";
import { type AddrSet, isEmpty } from "../net/addr";
import { Flows, SMTP_PORTS } from "../reach/flows";
import { Reach } from "../reach/reach";
import { exposureOf, type PortExposure, type Self, selfOf } from "./exposure";
import type { Unmodelled } from "./report";
import { type Declared, declaredRole, declaredServers } from "./roles";

/** A host as the policies see it. */
export interface MailHost {
  readonly host: Host;
  readonly urn: Urn;
  readonly name: string;
  readonly declared: Declared;
  readonly role: Role | null;
  readonly self: Self;
  readonly mta: HostMta;
  /** The stack configures an MTA on it, readable or not. */
  readonly showsMta: boolean;
  /** Declared, or with MTA configuration in a carrier, or certainly reachable from the Internet on an SMTP port. */
  readonly isMail: boolean;
  /** Exposure on the SMTP ports that anything can reach. */
  readonly smtp: readonly PortExposure[];
}

/** The judged model of a stack: what every policy reads. */
export interface Perimeter {
  readonly settings: Settings;
  readonly resources: ReadonlyMap<Urn, ResourceSnapshot>;
  readonly index: Resources;
  readonly network: MailNetwork;
  readonly reach: Reach;
  readonly flows: Flows;
  readonly hosts: readonly MailHost[];
  readonly frontEnds: readonly MailHost[];
  readonly internalMail: readonly MailHost[];
  /** Internal mail servers that inputs of components name by address. */
  readonly declaredServers: AddrSet;
  readonly unmodelled: readonly Unmodelled[];
  readonly assumptions: readonly string[];
}

/** Builds the model of a stack from its resources. Pure; throws only on a defect of ours. */
export function buildPerimeter(all: readonly ResourceSnapshot[], settings: Settings): Perimeter {
  const index = new Resources(all);
  const network = lower(index);
  const reach = new Reach(network);
  const flows = new Flows(reach);
  const hosts = network.hosts.map((host) => viewOf(index, network, flows, host, settings));
  return {
    settings,
    resources: new Map(index.all.map((resource) => [resource.urn, resource])),
    index,
    network,
    reach,
    flows,
    hosts,
    frontEnds: hosts.filter((view) => view.role === Role.FrontEnd),
    internalMail: hosts.filter((view) => view.role === Role.InternalMail),
    declaredServers: declaredServers(index),
    unmodelled: network.unmodelled,
    assumptions: network.assumptions,
  };
}

function viewOf(index: Resources, network: MailNetwork, flows: Flows, host: Host, settings: Settings): MailHost {
  const declared = declaredRole(index, host, settings);
  const self = selfOf(network, host);
  const mta = evaluateHost(host.carriers.flatMap((source) => readCarrier(host.urn, source) ?? []));
  const showsMta = mta.kind === "known" || (mta.kind === "undetermined" && mta.signs);
  const smtp = SMTP_PORTS.map((port) => exposureOf(flows, self, host, port));
  return {
    host,
    urn: host.urn,
    name: host.resource.name,
    declared,
    role: declared.role,
    self,
    mta,
    showsMta,
    isMail: declared.role !== null || showsMta || smtp.some((port) => !isEmpty(port.internet.must)),
    smtp: smtp.filter((port) => port.flows.length > 0),
  };
}
