import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import {
  type ExchangeArgs,
  type ExchangeSecurityGroupsArgs,
  exchangeFields,
  planExchange,
} from "./parts/exchange-args";
import { createRules } from "./parts/group-rules";

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
    const plan = planExchange(who, checkArgs(who, exchangeFields, args));

    const servers = this.createGroup(`${name}-servers`, "Internal Exchange servers", plan.args);
    createRules(this, name, servers, plan.servers);
    const clients = this.createGroup(`${name}-clients`, "Client access to internal Exchange servers", plan.args);
    createRules(this, name, clients, plan.clients);

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
}
