import type * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import {
  type ExchangePlan,
  type ExchangeSecurityGroupsArgs,
  exchangeFields,
  planExchange,
} from "./parts/exchange-args";
import { securityRules } from "./parts/security-rules";
import { placeOf } from "./parts/vocabulary";
import { sdk } from "./sdk";

/**
 * A network security group for internal Exchange servers, to be attached to their interfaces, and the application security groups
 * that it knows them by: SMTP from the front ends and the approved senders only (R7), everything among the Exchange servers
 * themselves, as Microsoft requires, and outbound mail through the front ends only (R6). Everything else is denied before the
 * default rules of Azure, which would let in the whole virtual network. One rule per flow, with its reason as description.
 */
export class ExchangeSecurityGroups extends pulumi.ComponentResource {
  /** Network security group of every Exchange server's interface. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Application security group of every Exchange server. */
  readonly serversGroupId: pulumi.Output<string>;
  /** Application security group of the servers that clients connect to. It admits nothing unless `clientAccess` says so. */
  readonly clientsGroupId: pulumi.Output<string>;
  /** Both application security groups, as an interface's `ipConfigurations` name them. */
  readonly groupIds: pulumi.Output<string>[];

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: ExchangeSecurityGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:azure:ExchangeSecurityGroups", name, args, opts);
    const who = owner("ExchangeSecurityGroups", name);
    const plan = planExchange(who, checkArgs(who, exchangeFields, args));

    const servers = this.createMembers(`${name}-servers`, plan);
    const clients = this.createMembers(`${name}-clients`, plan);
    const group = this.createGroup(name, servers, clients, plan);

    this.securityGroupId = group.id;
    this.serversGroupId = servers.id;
    this.clientsGroupId = clients.id;
    this.groupIds = [servers.id, clients.id];
    this.registerOutputs({
      securityGroupId: this.securityGroupId,
      serversGroupId: this.serversGroupId,
      clientsGroupId: this.clientsGroupId,
      groupIds: this.groupIds,
    });
  }

  private createMembers(child: string, { args }: ExchangePlan): network.ApplicationSecurityGroup {
    return new sdk.network.ApplicationSecurityGroup(
      child,
      { ...placeOf(args), tags: tagsOf(child, args.tags) },
      { parent: this },
    );
  }

  private createGroup(
    name: string,
    servers: network.ApplicationSecurityGroup,
    clients: network.ApplicationSecurityGroup,
    plan: ExchangePlan,
  ): network.NetworkSecurityGroup {
    return new sdk.network.NetworkSecurityGroup(
      `${name}-rules`,
      {
        ...placeOf(plan.args),
        securityRules: securityRules([
          { rules: plan.servers, members: servers.id },
          { rules: plan.clients, of: clients.id },
        ]),
        tags: tagsOf(`${name}-rules`, plan.args.tags),
      },
      { parent: this },
    );
  }
}

function tagsOf(name: string, tags: Readonly<Record<string, pulumi.Input<string>>>) {
  return { ...tags, Name: name, "relayproof:role": "internal-mail" };
}
