import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { type Place, placeFrontEnds } from "../parts/perimeter";
import { laterBy } from "../parts/service";
import { ExchangeSecurityGroups } from "./exchange-security-groups";
import { FrontEndMailServer } from "./front-end-mail-server";
import { createTopics } from "./parts/alarms";
import { createDomainRecords } from "./parts/dns";
import {
  type MailPerimeterArgs,
  type PerimeterArgs,
  type PerimeterPlan,
  perimeterFields,
  planPerimeter,
} from "./parts/perimeter-args";
import { recipientsBucket } from "./parts/recipients";
import type { FrontEndServiceArgs } from "./parts/service-args";
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
  /** Bucket for the list of recipients; undefined without `recipientsObject`. */
  readonly recipientsBucket: pulumi.Output<string> | undefined;

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
    const service = this.createService(name, checked);
    this.frontEnds = this.createFrontEnds(name, places, service, plan);
    if (plan.dns !== undefined) createDomainRecords(name, plan.dns, this.frontEnds, this);

    this.publicAddresses = this.frontEnds.map((it) => it.publicAddress);
    this.exchangeGroupIds = this.exchangeGroups.groupIds;
    this.recipientsBucket =
      service.recipientsObject && pulumi.output(service.recipientsObject.bucket as pulumi.Input<string>);
    this.registerOutputs({
      vpcId: this.network.vpcId,
      publicAddresses: this.publicAddresses,
      privateAddresses: places.map(({ address }) => address),
      exchangeGroupIds: this.exchangeGroupIds,
      ...(this.recipientsBucket === undefined ? {} : { recipientsBucket: this.recipientsBucket }),
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
        smartHostPort: args.smartHost?.port,
        outbound: args.outbound,
        resolver: args.resolver,
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

  /** What the front ends have in common, made once: who is told, and where the recipients are. */
  private createService(name: string, args: PerimeterArgs): FrontEndServiceArgs {
    const { tags, alarms, recipientsObject } = args;
    const topicArns = alarms && createTopics(name, alarms, tags, this);
    const bucket = recipientsObject && recipientsBucket(name, recipientsObject, tags, this);
    return {
      outbound: args.outbound,
      smartHost: args.smartHost,
      certificate: args.certificate,
      resolver: args.resolver,
      queueVolume: args.queueVolume,
      mailLog: args.mailLog,
      agent: args.agent,
      ...(alarms && { alarms: { ...alarms, topicArns, emails: [] } }),
      ...(recipientsObject && { recipientsObject: { ...recipientsObject, bucket } }),
    };
  }

  /** One after the other: the next is touched once the one before serves, so that one of them always takes mail. */
  private createFrontEnds(
    name: string,
    places: readonly Place<PerimeterSubnet>[],
    service: FrontEndServiceArgs,
    { args, dns }: PerimeterPlan,
  ): FrontEndMailServer[] {
    // A VM installs its packages when it starts: the way out must be there.
    const wayOut = this.firewall?.networkFirewallArn === undefined ? [this.network] : [this.network, this.firewall];
    const made: FrontEndMailServer[] = [];
    for (const [i, { hostname, address, subnet }] of places.entries()) {
      const frontEnd = {
        ...this.inNetwork(args),
        ...args.servers,
        ...service,
        rebootTime: laterBy(i, args.rebootTime),
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
      const dependsOn = [...wayOut, ...made.slice(-1)];
      made.push(new FrontEndMailServer(`${name}-front-end-${i + 1}`, frontEnd, { parent: this, dependsOn }));
    }
    return made;
  }

  private inNetwork({ tags }: PerimeterArgs) {
    const { vpcId, cidrs, connectedCidrs } = this.network;
    return { vpcId, networkCidrs: cidrs, connectedCidrs, tags };
  }
}
