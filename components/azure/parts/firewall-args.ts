import type * as pulumi from "@pulumi/pulumi";
import type { SubnetArgs } from "./vocabulary";

/** Where Azure Firewall stands in a virtual network. {@link PerimeterNetwork.inspection} is one. */
export interface InspectionArgs {
  /** Its own subnet, which is called AzureFirewallSubnet. */
  firewallSubnet: SubnetArgs;
  /** Name of the route table of the internal subnets. */
  internalRouteTable: pulumi.Input<string>;
}
