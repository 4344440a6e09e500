import type { ResourceSnapshot } from "../../model/snapshot";
import { kindOf } from "./tokens";

/** Kinds of azure-native that the model reads. */
export const MODELLED: ReadonlySet<string> = new Set([
  "compute:VirtualMachine",
  "compute:VirtualMachineExtension",
  "compute:VirtualMachineRunCommandByVirtualMachine",
  "compute:VirtualMachineScaleSet",
  "compute:VirtualMachineScaleSetExtension",
  "compute:VirtualMachineScaleSetVMExtension",
  "compute:VirtualMachineScaleSetVMRunCommand",
  "network:AdminRule",
  "network:AdminRuleCollection",
  "network:ApplicationSecurityGroup",
  "network:AzureFirewall",
  "network:Commit",
  "network:FirewallPolicy",
  "network:FirewallPolicyRuleCollectionGroup",
  "network:InboundNatRule",
  "network:IpGroup",
  "network:LoadBalancer",
  "network:LoadBalancerBackendAddressPool",
  "network:NatGateway",
  "network:NetworkGroup",
  "network:NetworkInterface",
  "network:NetworkManager",
  "network:NetworkSecurityGroup",
  "network:PublicIPAddress",
  "network:PublicIPPrefix",
  "network:Route",
  "network:RouteTable",
  "network:SecurityAdminConfiguration",
  "network:SecurityRule",
  "network:StaticMember",
  "network:Subnet",
  "network:VirtualNetwork",
  "network:VirtualNetworkPeering",
]);

/** Modules whose resources move packets or run workloads. */
const NETWORKED = new Set(
  (
    "app apimanagement avs azurestackhci batch cache cognitiveservices compute containerinstance containerservice databricks datafactory " +
    "dbformysql dbforpostgresql desktopvirtualization devcenter hdinsight hybridcompute kusto labservices logic machinelearningservices " +
    "netapp network networkcloud redhatopenshift search servicefabric signalrservice sql sqlvirtualmachine storagecache synapse web"
  ).split(" "),
);

/** Kinds of those modules that decide nothing about packets. */
const INERT =
  /^(compute:(Availability\w*|Capacity\w*|Dedicated\w*|Disk\w*|Gallery\w*|Image|Proximity\w*|Restore\w*|Snapshot|SshPublicKey)|network:(\w*Dns\w*|\w*RecordSet|Zone|PrivateZone|VirtualNetworkLink|PrivateRecordSet|DdosProtectionPlan|DdosCustomPolicy|FlowLog|NetworkWatcher|PacketCapture|ConnectionMonitor|NetworkProfile|CustomIPPrefix|FrontDoor|\w*WebApplicationFirewallPolicy|WebApplicationFirewallPolicy|TrafficManagerProfile|Profile|Endpoint|Policy|ServiceEndpointPolicy\w*|LocalNetworkGateway|PrivateDnsZoneGroup|Ipam\w*|StaticCidr|BastionHost)|(sql|dbformysql|dbforpostgresql|cache|web|app|containerservice|cognitiveservices|search):\w*(Firewall\w*|Configuration|Database|Certificate|Slot\w*Setting|Role\w*|Key|Plan|AgentPool|Maintenance\w*))$/;

/** Why a resource of azure-native is not judged; null if it is, or decides nothing about packets. */
export function azureGap(resource: ResourceSnapshot): string | null {
  const kind = kindOf(resource.type);
  if (kind === null) return "resources of this package are not modelled: nothing about it is judged";
  const [module = ""] = kind.split(":");
  if (MODELLED.has(kind) || !NETWORKED.has(module) || INERT.test(kind)) return null;
  return "not modelled yet: hosts that it names are assumed reachable through it, and what it runs is not judged";
}
