import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../args";
import { cidr, identifier } from "../schemas";

/** Whether a front end serves the Internet yet. Going live changes rules, and MX records where they are kept here. */
export const Exposure = {
  /** The probe sources alone reach the SMTP ports, so that it can be established that nothing is relayed. */
  Staged: "staged",
  /** Every mail server on the Internet reaches the SMTP ports. */
  Live: "live",
} as const;
export type Exposure = (typeof Exposure)[keyof typeof Exposure];

/** A subnet and what is known about it. */
export interface SubnetArgs {
  /** The subnet's id. */
  id: pulumi.Input<string>;
  /** Its IPv4 block, such as `10.20.0.0/24`. */
  cidr: string;
  /** Its availability zone, such as `eu-central-1a`. */
  zone?: pulumi.Input<string | undefined>;
}

/** @param block the blocks that the cloud accepts */
export function subnetOf(block: z.ZodType<string>) {
  return z.strictObject(
    { id: deferrable(identifier), cidr: block, zone: deferrable(identifier.optional()) },
    { error: "a subnet with id and cidr" },
  );
}

/** @param block the blocks that the cloud accepts */
export function networkCidrsOf(block: z.ZodType<string>) {
  return z.array(block, { error: "a list of IPv4 blocks" }).min(1, { error: "at least one IPv4 block" });
}

export const connectedCidrs = z.array(cidr, { error: "a list of IPv4 blocks" }).default([]);

/** Tags of a component's resources. The ones that carry a role are the component's own. */
export type TagsArgs = Record<string, pulumi.Input<string>>;

export const tags = z
  .record(
    z
      .string()
      .refine((key) => !/^(relayproof:|aws:|Name$)/.test(key), { error: "no tag that the component sets itself" }),
    deferrable(z.string({ error: "a text" })),
    { error: "a map from tag names to texts" },
  )
  .default({});

/** Transport protocols of a flow. */
export const Protocol = { Tcp: "tcp", Udp: "udp", All: "all" } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** One flow that somebody needs, and why. */
export interface FlowArgs {
  /** The other side, an IPv4 block such as `10.30.0.0/24`. */
  cidr: string;
  /** First or only port, 1 to 65535; absent with {@link Protocol.All}. */
  port?: number | undefined;
  /** Last port, if it is a range. @default the value of `port` */
  toPort?: number | undefined;
  /** @default Protocol.Tcp */
  protocol?: Protocol | undefined;
  /** Why the flow is needed; becomes the description of the rule. */
  reason: string;
}

const portNumber = z.int({ error: "a port number from 1 to 65535" }).min(1).max(65535);

/** @param reason the descriptions that the cloud accepts */
export function flowsOf(reason: z.ZodType<string>) {
  const flow = z
    .strictObject({
      cidr,
      port: portNumber.optional(),
      toPort: portNumber.optional(),
      protocol: z.enum(Protocol, { error: "one of tcp, udp, all" }).default(Protocol.Tcp),
      reason,
    })
    .refine((it) => (it.protocol === Protocol.All) === (it.port === undefined), {
      error: "a port, unless the protocol is all",
    })
    .refine((it) => it.toPort === undefined || (it.port !== undefined && it.port <= it.toPort), {
      error: "a port that is not above toPort",
    });
  return z.array(flow, { error: "a list of flows" }).default([]);
}
export type Flow = z.output<ReturnType<typeof flowsOf>>[number];

/** True if the flow opens one of `ports` over TCP. */
export function opens(it: Flow, ports: readonly number[]): boolean {
  if (it.protocol === Protocol.All) return true;
  if (it.protocol === Protocol.Udp) return false;
  const from = it.port ?? 0;
  const to = it.toPort ?? from;
  return ports.some((port) => from <= port && port <= to);
}

/** The part of a child's name that stands for a flow. */
export function flowName(it: Flow): string {
  const ports = it.port === undefined ? "" : it.toPort === undefined ? `-${it.port}` : `-${it.port}-${it.toPort}`;
  return `${it.protocol}${ports}-${it.cidr.replace(/[./]/g, "-")}`;
}

/** Every TCP port that SMTP is spoken on. */
export const smtpPorts = [25, 465, 587, 2525];
