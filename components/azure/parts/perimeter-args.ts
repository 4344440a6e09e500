import type * as pulumi from "@pulumi/pulumi";
import { type Checked, each, input, type Owner } from "../../args";
import { checkWhole, passed, wholeFields } from "../../parts/perimeter";
import type { ApprovedSenderArgs } from "../../parts/senders";
import type { Exposure, FlowArgs, TagsArgs } from "../../parts/shared";
import type { PostfixSettings } from "../../render";
import { identifier } from "../../schemas";
import type { FlowLogsArgs } from "./flow-logs-args";
import { type FrontEndServerArgs, sshPublicKey } from "./front-end-args";
import type { ExistingNetworkArgs } from "./network-args";
import { resourceGroupName } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface MailPerimeterArgs {
  /** Domains that mail is accepted for; at least one. */
  domains: pulumi.Input<string>[];
  /**
   * Names of the front ends, FQDNs: one front end a name, spread over the zones. Each has its own public address, which the
   * name's A record and the address's PTR record agree on. Append to the list; another order moves servers.
   */
  hostnames: pulumi.Input<string>[];
  /** IPv4 addresses of the internal Exchange servers, inside the network or a connected one; at least one. */
  exchangeServers: pulumi.Input<string>[];
  /** Key for the administrator's account of the front ends, which Azure requires. No port is open for it. */
  sshPublicKey: pulumi.Input<string>;
  /** Resource group of everything that is made. @default a new one */
  resourceGroupName?: pulumi.Input<string> | undefined;
  /** Azure region, such as `westeurope`. @default the provider's, or that of the resource group */
  location?: pulumi.Input<string | undefined>;
  /** Availability zones that the front ends are spread over. @default ["1", "2"] */
  zones?: pulumi.Input<string>[] | undefined;
  /** Who reaches the front ends' SMTP ports. Changing it changes rules only. @default Exposure.Staged */
  exposure?: Exposure | undefined;
  /** Blocks, each /24 or narrower, that probe staged front ends from outside. Required while staged. @default [] */
  probeSources?: pulumi.Input<string>[] | undefined;
  /** Network to create or to use. @default a new virtual network of 10.20.0.0/16 */
  network?: NetworkSettingsArgs | undefined;
  /** Fixed private addresses, one a front end. @default the tenth after the first of its subnet, and those that follow */
  frontEndAddresses?: pulumi.Input<string>[] | undefined;
  /** Who may open SMTP to Exchange beside the front ends. @default [] */
  approvedSenders?: (string | pulumi.Output<string> | ApprovedSenderArgs)[] | undefined;
  /** Client access to Exchange: any TCP or UDP port but those of SMTP. @default [] closed */
  clientAccess?: FlowArgs[] | undefined;
  /** What Exchange may open beside itself and the front ends, such as domain controllers. @default [] */
  exchangeEgress?: FlowArgs[] | undefined;
  /** TCP ports that other mail servers deliver to; 25 among them. @default [25] */
  ports?: number[] | undefined;
  /** Settings of the front ends' Postfix. @default the safe default of each */
  postfix?: pulumi.Input<PostfixSettings> | undefined;
  /** VMs of the front ends: size, image, disk. @default those of FrontEndMailServer */
  servers?: FrontEndServerArgs | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

/** The network of a perimeter: what PerimeterNetwork takes, but where it is made. */
export interface NetworkSettingsArgs {
  /** Block of the virtual network that is created, /8 to /28. Excludes `existing`. @default "10.20.0.0/16" */
  cidr?: string | undefined;
  /** Blocks of the DMZ subnets. @default one, carved from the start of `cidr` */
  dmzSubnets?: string[] | undefined;
  /** Blocks of the internal subnets. @default one, carved from `cidr` after the DMZ */
  internalSubnets?: string[] | undefined;
  /** A virtual network to use instead of a new one. */
  existing?: ExistingNetworkArgs | undefined;
  /** Blocks of the networks that are reached by peering, VPN or ExpressRoute; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** Flow logs of the virtual network. @default to a storage account of their own, kept 365 days */
  flowLogs?: FlowLogsArgs | undefined;
}

export const perimeterFields = {
  ...wholeFields,
  sshPublicKey: input(sshPublicKey),
  resourceGroupName: input(resourceGroupName.optional()),
  location: input(identifier.optional()),
  zones: each(identifier),
  network: passed<NetworkSettingsArgs | undefined>(),
  servers: passed<FrontEndServerArgs | undefined>(),
};
export type PerimeterArgs = Checked<typeof perimeterFields>;

/**
 * Checks what the components inside cannot.
 * @throws pulumi.RunError
 */
export function checkPerimeter(who: Owner, args: PerimeterArgs): PerimeterArgs {
  checkWhole(who, args);
  return args;
}
