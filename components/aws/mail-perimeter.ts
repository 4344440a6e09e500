import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { type Place, placeFrontEnds } from "../parts/perimeter";
import { ExchangeSecurityGroups } from "./exchange-security-groups";
import { FrontEndMailServer } from "./front-end-mail-server";
import { createDomainRecords } from "./parts/dns";
import {
  type MailPerimeterArgs,
  type PerimeterArgs,
  type PerimeterPlan,
  perimeterFields,
  planPerimeter,
} from "./parts/perimeter-args";
import { PerimeterFirewall } from "./perimeter-firewall";
import { PerimeterNetwork, type PerimeterSubnet } from "./perimeter-network";

/**
 * A whole mail perimeter: a network with a DMZ and internal subnets, front-end mail servers, security groups for the Exchange
 * servers, network ACLs around both, and AWS Network Firewall before the DMZ if wanted. It starts staged, so that it is established
 * that nothing is relayed before the Internet reaches it; going live changes rules only.
 */
export class MailPerimeter extends pulumi.ComponentResource {
  /** The network. */
  readonly network: PerimeterNetwork;
  /** The front ends, in the order of `hostnames`. */
  readonly frontEnds: FrontEndMailServer[];
  /** Groups for the VMs of Exchange. */
  readonly exchangeGroups: ExchangeSecurityGroups;
  /** The ACLs and the Network Firewall, or undefined without them. */
  readonly firewall: PerimeterFirewall | undefined;
  /** Public addresses of the front ends, for A records. */
  readonly publicAddresses: pulumi.Output<string>[];
  /** Ids of the groups for the VMs of Exchange. */
  readonly exchangeGroupIds: pulumi.Output<string>[];

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: MailPerimeterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:MailPerimeter", name, args, opts);
    const who = owner("MailPerimeter", name);
    const plan = planPerimeter(who, checkArgs(who, perimeterFields, args));
    const checked = plan.args;

    this.network = this.createNetwork(name, checked);
    const places = placeFrontEnds(this.network.dmzSubnets, checked);
    this.firewall = this.createFirewall(name, places, checked);
    this.exchangeGroups = this.createExchangeGroups(name, places, checked);
    this.frontEnds = this.createFrontEnds(name, places, plan);
    if (plan.dns !== undefined) createDomainRecords(name, plan.dns, this.frontEnds, this);

    this.publicAddresses = this.frontEnds.map((it) => it.publicAddress);
    this.exchangeGroupIds = this.exchangeGroups.groupIds;
    this.registerOutputs({
      vpcId: this.network.vpcId,
      publicAddresses: this.publicAddresses,
      privateAddresses: places.map(({ address }) => address),
      exchangeGroupIds: this.exchangeGroupIds,
      exposure: checked.exposure,
    });
  }

  private createNetwork(name: string, args: PerimeterArgs): PerimeterNetwork {
    const tags = { ...args.tags, ...args.network?.tags };
    const inspection = args.networkFirewall === undefined ? undefined : true;
    return new PerimeterNetwork(`${name}-network`, { ...args.network, inspection, tags }, { parent: this });
  }

  private createFirewall(
    name: string,
    places: readonly Place<PerimeterSubnet>[],
    args: PerimeterArgs,
  ): PerimeterFirewall | undefined {
    if (!(args.enableFirewall ?? args.network?.existing === undefined)) return undefined;
    const { inspection } = this.network;
    const frontEnds = places.map(({ address }) => address);
    return new PerimeterFirewall(
      `${name}-firewall`,
      {
        ...this.inNetwork(args),
        dmzSubnets: this.network.dmzSubnets,
        internalSubnets: this.network.internalSubnets,
        exposure: args.exposure,
        probeSources: [...args.probeSources],
        ports: args.ports,
        approvedSenders: args.approvedSenders,
        clientAccess: args.clientAccess,
        egress: args.exchangeEgress,
        ruleQuota: args.firewallRuleQuota,
        networkFirewall: inspection && { ...args.networkFirewall, inspection, frontEnds },
      },
      { parent: this },
    );
  }

  private createExchangeGroups(
    name: string,
    places: readonly Place<PerimeterSubnet>[],
    args: PerimeterArgs,
  ): ExchangeSecurityGroups {
    return new ExchangeSecurityGroups(
      `${name}-exchange`,
      {
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
    places: readonly Place<PerimeterSubnet>[],
    { args, dns }: PerimeterPlan,
  ): FrontEndMailServer[] {
    // A VM installs its packages when it starts: the way out must be there.
    const wayOut = this.firewall?.networkFirewallArn === undefined ? [this.network] : [this.network, this.firewall];
    return places.map(({ hostname, address, subnet }, i) => {
      const frontEnd = {
        ...this.inNetwork(args),
        ...args.servers,
        subnet,
        privateAddress: address,
        hostname,
        domains: [...args.domains],
        exchangeServers: [...args.exchangeServers],
        exposure: args.exposure,
        probeSources: [...args.probeSources],
        ports: args.ports,
        dnsZoneId: dns?.nameZones[i],
        postfix: args.postfix as MailPerimeterArgs["postfix"],
      };
      return new FrontEndMailServer(`${name}-front-end-${i + 1}`, frontEnd, { parent: this, dependsOn: wayOut });
    });
  }

  private inNetwork({ tags }: PerimeterArgs) {
    const { vpcId, cidrs, connectedCidrs } = this.network;
    return { vpcId, networkCidrs: cidrs, connectedCidrs, tags };
  }
}
