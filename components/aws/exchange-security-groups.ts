import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, nameOf, owner } from "../args";
import {
  type ExchangeArgs,
  type ExchangeSecurityGroupsArgs,
  exchangeFields,
  planExchange,
} from "./parts/exchange-args";
import { egress, everything, host, ingress, rangeOf, tcp } from "./parts/group-rules";
import { flowName } from "./parts/shared";

/**
 * Security groups for internal Exchange servers, to be attached to the Exchange VMs of the user: SMTP from the front ends and the
 * approved senders only (R7), everything among the Exchange servers themselves, as Microsoft requires, and outbound mail through
 * the front ends only (R6). One rule per flow, with its reason as description.
 */
export class ExchangeSecurityGroups extends pulumi.ComponentResource {
  /** Group of every Exchange server. */
  readonly serversGroupId: pulumi.Output<string>;
  /** Group of the servers that clients connect to, beside the first. It admits nothing unless `clientAccess` says so. */
  readonly clientsGroupId: pulumi.Output<string>;
  /** Both groups, in the form that an instance takes. */
  readonly groupIds: pulumi.Output<string>[];

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: ExchangeSecurityGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:ExchangeSecurityGroups", name, args, opts);
    const who = owner("ExchangeSecurityGroups", name);
    const checked = planExchange(who, checkArgs(who, exchangeFields, args));

    const servers = this.createGroup(`${name}-servers`, "Internal Exchange servers", checked);
    this.joinServers(name, servers);
    this.joinFrontEnds(name, servers, checked);
    this.admitSenders(name, servers, checked);
    this.openOthers(name, servers, checked);
    const clients = this.createGroup(`${name}-clients`, "Client access to internal Exchange servers", checked);
    this.admitClients(name, clients, checked);

    this.serversGroupId = servers.id;
    this.clientsGroupId = clients.id;
    this.groupIds = [servers.id, clients.id];
    this.registerOutputs({
      serversGroupId: this.serversGroupId,
      clientsGroupId: this.clientsGroupId,
      groupIds: this.groupIds,
    });
  }

  private createGroup(child: string, description: string, args: ExchangeArgs): aws.ec2.SecurityGroup {
    const tags = { ...args.tags, Name: child, "relayproof:role": "internal-mail" };
    return new aws.ec2.SecurityGroup(child, { vpcId: args.vpcId, description, tags }, { parent: this });
  }

  /** Microsoft supports no filter between Exchange servers, on any port. */
  private joinServers(name: string, group: aws.ec2.SecurityGroup): void {
    ingress(this, `${name}-in-exchange`, group, group, everything, "Everything from other Exchange servers");
    egress(this, `${name}-out-exchange`, group, group, everything, "Everything to other Exchange servers");
  }

  private joinFrontEnds(name: string, group: aws.ec2.SecurityGroup, args: ExchangeArgs): void {
    args.frontEnds.forEach((frontEnd, i) => {
      const place = nameOf(frontEnd, i);
      ingress(
        this,
        `${name}-in-25-front-end-${place}`,
        group,
        host(frontEnd),
        tcp(25),
        "Inbound mail from a front end",
      );
      egress(this, `${name}-out-25-front-end-${place}`, group, host(frontEnd), tcp(25), "Outbound mail to a front end");
    });
  }

  private admitSenders(name: string, group: aws.ec2.SecurityGroup, args: ExchangeArgs): void {
    args.approvedSenders.forEach((sender, i) => {
      for (const port of sender.ports) {
        const child = `${name}-in-${port}-sender-${nameOf(sender.cidr, i)}`;
        ingress(this, child, group, sender.cidr, tcp(port), sender.reason);
      }
    });
  }

  private openOthers(name: string, group: aws.ec2.SecurityGroup, args: ExchangeArgs): void {
    for (const flow of args.egress) {
      egress(this, `${name}-out-${flowName(flow)}`, group, flow.cidr, rangeOf(flow), flow.reason);
    }
  }

  private admitClients(name: string, group: aws.ec2.SecurityGroup, args: ExchangeArgs): void {
    for (const flow of args.clientAccess) {
      ingress(this, `${name}-in-${flowName(flow)}`, group, flow.cidr, rangeOf(flow), flow.reason);
    }
  }
}
