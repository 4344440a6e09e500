export { Tier } from "../parts/network";
export type { ApprovedSenderArgs } from "../parts/senders";
export type { CertificateArgs } from "../parts/service";
export { Exposure, type FlowArgs, Protocol, type SubnetArgs, type TagsArgs } from "../parts/shared";
export { ExchangeHardening } from "./exchange-hardening";
export { ExchangeSecurityGroups } from "./exchange-security-groups";
export { FrontEndMailServer } from "./front-end-mail-server";
export { MailPerimeter } from "./mail-perimeter";
export type { AlarmsArgs } from "./parts/alarms";
export type { DnsArgs, MtaStsArgs } from "./parts/dns-args";
export type { ExchangeSecurityGroupsArgs } from "./parts/exchange-args";
export type { PerimeterFirewallArgs } from "./parts/firewall-args";
export { FlowLogDestination, type FlowLogsArgs } from "./parts/flow-logs";
export type { FrontEndMailServerArgs } from "./parts/front-end-args";
export type { ExchangeHardeningArgs } from "./parts/hardening-args";
export type {
  InspectedSubnetArgs,
  InspectionArgs,
  InspectionZoneArgs,
  NetworkFirewallArgs,
  NetworkFirewallLogsArgs,
} from "./parts/inspection-args";
export type { LogGroupArgs } from "./parts/log-group";
export type { ExistingNetworkArgs, ExistingSubnetArgs, PerimeterNetworkArgs } from "./parts/network-args";
export type { FrontEndServerArgs, MailPerimeterArgs } from "./parts/perimeter-args";
export type { QueueVolumeArgs } from "./parts/queue-volume";
export type { RecipientsObjectArgs } from "./parts/recipients";
export type { AgentArgs, FrontEndServiceArgs, MailLogArgs, SmartHostArgs } from "./parts/service-args";
export { PerimeterFirewall } from "./perimeter-firewall";
export { PerimeterNetwork, type PerimeterSubnet } from "./perimeter-network";
