import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentsTable, constantsTable, type InterfacePlace, outputsTable } from "./arguments";
import { configurationKeys } from "./configuration";
import { createdByComponent } from "./created";
import { differenceSchema } from "./difference-schema";
import { explanationSchema } from "./explanation-schema";
import { commandHelp, demo, reportExample } from "./output";
import { actionInputs, recipe } from "./pipeline";
import { modelledTypes, policyDetails, policyTable } from "./policies";
import { reportSchema } from "./report-schema";

/**
 * What the pages repeat of the code: a page holds it between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`, and `npm run
 * docs` writes it there. A test fails when it is stale.
 */

const shared = "components/parts";
const components = "components/aws/parts";

const interfaces: Readonly<Record<string, InterfacePlace>> = {
  MailPerimeterArgs: { file: `${components}/perimeter-args.ts` },
  FrontEndServerArgs: { file: `${components}/perimeter-args.ts` },
  PerimeterNetworkArgs: { file: `${components}/network-args.ts` },
  ExistingNetworkArgs: { file: `${components}/network-args.ts` },
  ExistingSubnetArgs: { file: `${components}/network-args.ts` },
  SubnetArgs: { file: `${shared}/shared.ts` },
  FlowArgs: { file: `${shared}/shared.ts` },
  FrontEndServiceArgs: { file: `${components}/service-args.ts` },
  SmartHostArgs: { file: `${components}/service-args.ts` },
  RecipientsObjectArgs: { file: `${components}/recipients.ts` },
  CertificateArgs: { file: "components/parts/service.ts" },
  QueueVolumeArgs: { file: `${components}/queue-volume.ts` },
  MailLogArgs: { file: `${components}/service-args.ts` },
  AlarmsArgs: { file: `${components}/alarms.ts` },
  AgentArgs: { file: `${components}/service-args.ts` },
  DnsArgs: { file: `${components}/dns-args.ts` },
  MtaStsArgs: { file: `${components}/dns-args.ts` },
  FlowLogsArgs: { file: `${components}/flow-logs.ts` },
  FrontEndMailServerArgs: { file: `${components}/front-end-args.ts` },
  ExchangeSecurityGroupsArgs: { file: `${components}/exchange-args.ts` },
  ExchangeHardeningArgs: { file: `${components}/hardening-args.ts` },
  ApprovedSenderArgs: { file: `${shared}/senders.ts` },
  PerimeterFirewallArgs: { file: `${components}/firewall-args.ts` },
  NetworkFirewallArgs: { file: `${components}/inspection-args.ts` },
  NetworkFirewallLogsArgs: { file: `${components}/inspection-args.ts` },
  InspectionArgs: { file: `${components}/inspection-args.ts` },
  InspectionZoneArgs: { file: `${components}/inspection-args.ts` },
  InspectedSubnetArgs: { file: `${components}/inspection-args.ts` },
  LogGroupArgs: { file: `${components}/log-group.ts` },
  PostfixSettings: { file: "components/render/gateway.ts" },
};

const classes: Readonly<Record<string, InterfacePlace>> = {
  MailPerimeter: { file: "components/aws/mail-perimeter.ts" },
  PerimeterNetwork: { file: "components/aws/perimeter-network.ts" },
  FrontEndMailServer: { file: "components/aws/front-end-mail-server.ts" },
  ExchangeSecurityGroups: { file: "components/aws/exchange-security-groups.ts" },
  ExchangeHardening: { file: "components/aws/exchange-hardening.ts" },
  PerimeterFirewall: { file: "components/aws/perimeter-firewall.ts" },
};

const constants: Readonly<Record<string, InterfacePlace>> = {
  Exposure: { file: `${shared}/shared.ts` },
  Protocol: { file: `${shared}/shared.ts` },
  Tier: { file: `${shared}/network.ts` },
  FlowLogDestination: { file: `${components}/flow-logs.ts` },
  OutboundTls: { file: "components/render/gateway.ts" },
};

/** The content of a block by its name, or undefined if there is no such block. */
function block(root: string, name: string): string | undefined {
  const [kind = "", what = ""] = name.split(" ");
  switch (kind) {
    case "policies":
      return policyTable();
    case "policy-details":
      return policyDetails();
    case "modelled-types":
      return modelledTypes();
    case "configuration-keys":
      return configurationKeys();
    case "created":
      return createdByComponent(root);
    case "demo":
      return demo(root);
    case "help":
      return commandHelp(root, what);
    case "report-example":
      return reportExample(root);
    case "recipe":
      return recipe(root, what);
    case "action-inputs":
      return actionInputs(root);
    case "arguments":
      return interfaces[what] && argumentsTable(root, what, interfaces[what], Object.keys(interfaces));
    case "outputs":
      return classes[what] && outputsTable(root, what, classes[what]);
    case "constants":
      return constantsTable(root, constants);
    default:
      return undefined;
  }
}

const marked = /(<!-- generated:([^>]+?) -->\n)[\s\S]*?(<!-- \/generated:\2 -->)/g;

/** @throws Error if a block has no generator. */
export function refresh(root: string, page: string): string {
  return page.replace(marked, (_, start: string, name: string, end: string) => {
    const content = block(root, name);
    if (content === undefined) throw new Error(`nothing generates the block ${name}`);
    return `${start}${content.trim()}\n${end}`;
  });
}

/** Every page, relative to the root. */
export function pages(root: string): string[] {
  const docs = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...docs.map((file) => `docs/${file}`)];
}

/** Every file that is generated in part or as a whole, with what it should be. */
export function expected(root: string): Map<string, string> {
  const files = new Map(pages(root).map((page) => [page, refresh(root, readFileSync(join(root, page), "utf8"))]));
  files.set("docs/report.schema.json", reportSchema());
  files.set("docs/difference.schema.json", differenceSchema());
  return files.set("docs/explanation.schema.json", explanationSchema());
}
