import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, checkUnique, each, expect, input, type Owner, plain } from "../args";
import type { PostfixSettings } from "../render";
import { address, addressAt, fqdn } from "../schemas";
import { gatewayFields } from "./front-end";
import type { ApprovedSenderArgs } from "./senders";
import { type FlowArgs, tags } from "./shared";

/** What the components inside check themselves, against what the perimeter adds to it. */
export function passed<T>() {
  return plain(z.custom<T>(() => true));
}

/** The arguments of a perimeter that mean the same on every cloud. */
export const wholeFields = {
  domains: each(fqdn),
  hostnames: each(fqdn),
  exchangeServers: each(address),
  exposure: gatewayFields.exposure,
  probeSources: gatewayFields.probeSources,
  frontEndAddresses: each(address),
  approvedSenders: passed<(string | pulumi.Output<string> | ApprovedSenderArgs)[] | undefined>(),
  clientAccess: passed<FlowArgs[] | undefined>(),
  exchangeEgress: passed<FlowArgs[] | undefined>(),
  ports: gatewayFields.ports,
  postfix: input(z.custom<pulumi.Input<PostfixSettings> | undefined>(() => true)),
  tags: plain(tags),
};
type WholeArgs = Checked<typeof wholeFields>;

/**
 * Checks what the components inside cannot.
 * @throws pulumi.RunError
 */
export function checkWhole(who: Owner, { hostnames, frontEndAddresses }: WholeArgs): void {
  expect(hostnames.length > 0, who, "hostnames", hostnames, "at least one name");
  checkUnique(who, "hostnames", hostnames);
  const one = frontEndAddresses.length === 0 || frontEndAddresses.length === hostnames.length;
  expect(one, who, "frontEndAddresses", frontEndAddresses, `one address for each of ${hostnames.length} hostnames`);
  checkUnique(who, "frontEndAddresses", frontEndAddresses);
}

/** Where a front end goes. */
export interface Place<Subnet> {
  readonly hostname: pulumi.Input<string>;
  readonly address: pulumi.Input<string>;
  readonly subnet: Subnet;
}

/** Spreads the front ends over the DMZ subnets in turn, each at a fixed address. */
export function placeFrontEnds<Subnet extends { readonly cidr: string }>(
  subnets: readonly Subnet[],
  { hostnames, frontEndAddresses }: Pick<WholeArgs, "hostnames" | "frontEndAddresses">,
): Place<Subnet>[] {
  return hostnames.flatMap((hostname, i) => {
    const subnet = subnets[i % subnets.length];
    if (subnet === undefined) return [];
    const address = frontEndAddresses[i] ?? addressAt(subnet.cidr, 10 + Math.floor(i / subnets.length));
    return [{ hostname, address, subnet }];
  });
}
