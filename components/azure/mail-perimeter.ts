import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { type Place, placeFrontEnds } from "../parts/perimeter";
import { ExchangeSecurityGroups } from "./exchange-security-groups";
import { FrontEndMailServer } from "./front-end-mail-server";
import { checkPerimeter, type MailPerimeterArgs, type PerimeterArgs, perimeterFields } from "./parts/perimeter-args";
import type { PlaceArgs } from "./parts/vocabulary";
import { PerimeterNetwork, type PerimeterSubnet } from "./perimeter-network";
import { sdk } from "./sdk";

/**
 * A whole mail perimeter: a network with a DMZ and internal subnets, front-end mail servers, and security groups for the Exchange
 * servers. It starts staged, so that it is established that nothing is relayed before the Internet reaches it; going live changes
 * rules only.
 */
export class MailPerimeter extends pulumi.ComponentResource {
  /** Name of the resource group. */
  readonly resourceGroupName: pulumi.Output<string>;
  /** The network. */
  readonly network: PerimeterNetwork;
  /** The front ends, in the order of `hostnames`. */
  readonly frontEnds: FrontEndMailServer[];
  /** Groups for the VMs of Exchange. */
  readonly exchangeGroups: ExchangeSecurityGroups;
  /** Public addresses of the front ends, for A records. */
  readonly publicAddresses: pulumi.Output<string>[];
  /** Network security group for the interfaces of Exchange. */
  readonly exchangeSecurityGroupId: pulumi.Output<string>;
  /** Ids of the application security groups for the interfaces of Exchange. */
  readonly exchangeGroupIds: pulumi.Output<string>[];

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: MailPerimeterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:azure:MailPerimeter", name, args, opts);
    const who = owner("MailPerimeter", name);
    const checked = checkPerimeter(who, checkArgs(who, perimeterFields, args));

    const place = this.placeOf(name, checked);
    this.network = this.createNetwork(name, place, checked);
    const places = placeFrontEnds(this.network.dmzSubnets, checked);
    this.exchangeGroups = this.createExchangeGroups(name, place, places, checked);
    this.frontEnds = this.createFrontEnds(name, place, places, checked);

    this.resourceGroupName = pulumi.output(place.resourceGroupName);
    this.publicAddresses = this.frontEnds.map((it) => it.publicAddress);
    this.exchangeSecurityGroupId = this.exchangeGroups.securityGroupId;
    this.exchangeGroupIds = this.exchangeGroups.groupIds;
    this.registerOutputs({
      resourceGroupName: this.resourceGroupName,
      virtualNetworkId: this.network.virtualNetworkId,
      publicAddresses: this.publicAddresses,
      privateAddresses: places.map(({ address }) => address),
      exchangeSecurityGroupId: this.exchangeSecurityGroupId,
      exchangeGroupIds: this.exchangeGroupIds,
      exposure: checked.exposure,
    });
  }

  private placeOf(name: string, args: PerimeterArgs): PlaceArgs {
    const location = args.location as pulumi.Input<string> | undefined;
    const given = args.resourceGroupName as pulumi.Input<string> | undefined;
    if (given !== undefined) return { resourceGroupName: given, location };
    const inputs = { ...(location === undefined ? {} : { location }), tags: { ...args.tags, Name: name } };
    const group = new sdk.resources.ResourceGroup(`${name}-group`, inputs, { parent: this });
    return { resourceGroupName: group.name, location };
  }

  private createNetwork(name: string, place: PlaceArgs, args: PerimeterArgs): PerimeterNetwork {
    return new PerimeterNetwork(`${name}-network`, { ...place, ...args.network, tags: args.tags }, { parent: this });
  }

  private createExchangeGroups(
    name: string,
    place: PlaceArgs,
    places: readonly Place<PerimeterSubnet>[],
    args: PerimeterArgs,
  ): ExchangeSecurityGroups {
    return new ExchangeSecurityGroups(
      `${name}-exchange`,
      {
        ...place,
        ...this.inNetwork(args),
        frontEnds: places.map(({ address }) => address),
        approvedSenders: args.approvedSenders,
        clientAccess: args.clientAccess,
        egress: args.exchangeEgress,
      },
      { parent: this },
    );
  }

  private createFrontEnds(
    name: string,
    place: PlaceArgs,
    places: readonly Place<PerimeterSubnet>[],
    args: PerimeterArgs,
  ): FrontEndMailServer[] {
    const zones = args.zones.length === 0 ? ["1", "2"] : args.zones;
    return places.map(({ hostname, address, subnet }, i) => {
      const frontEnd = {
        ...place,
        ...this.inNetwork(args),
        ...args.servers,
        subnet,
        privateAddress: address,
        zone: zones[i % zones.length],
        hostname,
        domains: [...args.domains],
        exchangeServers: [...args.exchangeServers],
        sshPublicKey: args.sshPublicKey,
        exposure: args.exposure,
        probeSources: [...args.probeSources],
        ports: args.ports,
        postfix: args.postfix as MailPerimeterArgs["postfix"],
      };
      // A VM installs its packages when it starts: the way out must be there.
      const options = { parent: this, dependsOn: [this.network] };
      return new FrontEndMailServer(`${name}-front-end-${i + 1}`, frontEnd, options);
    });
  }

  private inNetwork({ tags }: PerimeterArgs) {
    const { cidrs, connectedCidrs } = this.network;
    return { networkCidrs: cidrs, connectedCidrs, tags };
  }
}
