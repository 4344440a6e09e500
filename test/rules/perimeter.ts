import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import type { Report } from "../../policies/analysis/verdict/report";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { ANY, type Inputs, type Resource, Stack, tcp } from "../lower/stack";

/** A small mail network in the words of AWS: a public DMZ, an internal subnet without an Internet route, and hosts in both. */
export class MailStack extends Stack {
  readonly vpc = this.add("vpc", { cidrBlock: "10.0.0.0/16" }, { name: "network" });
  readonly gateway = this.add("igw", { vpcId: this.vpc });
  readonly dmz = this.add("subnet", { vpcId: this.vpc, cidrBlock: "10.0.1.0/24" }, { name: "dmz" });
  readonly inner = this.add("subnet", { vpcId: this.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
  readonly table = this.add("table", { vpcId: this.vpc, routes: [{ cidrBlock: ANY, gatewayId: this.gateway }] });
  readonly association = this.add("association", { subnetId: this.dmz, routeTableId: this.table });

  group(name: string, rules: Inputs = {}): Resource {
    return this.add("group", { vpcId: this.vpc, ...rules }, { name });
  }

  /** A machine that none of the hardening policies has anything to say about. */
  host(name: string, inputs: Inputs): Resource {
    const hardened = { metadataOptions: { httpTokens: "required" }, rootBlockDevice: { encrypted: true } };
    return this.add("instance", { ...hardened, ...inputs }, { name });
  }

  /** A front end with a fixed address, an Elastic IP, and Postfix that relays for nobody unless told. */
  frontEnd(group: Resource, inputs: Inputs = {}): Resource {
    const host = this.host("front-end", {
      subnetId: this.dmz,
      privateIp: "10.0.1.10",
      vpcSecurityGroupIds: [group],
      userData: postfix("127.0.0.0/8"),
      tags: { "relayproof:role": "front-end" },
      ...inputs,
    });
    this.add("eip", { instance: host });
    return host;
  }

  exchange(group: Resource, inputs: Inputs = {}): Resource {
    return this.host("exchange", {
      subnetId: this.inner,
      privateIp: "10.0.2.20",
      vpcSecurityGroupIds: [group],
      tags: { "relayproof:role": "internal-mail" },
      ...inputs,
    });
  }

  /** Keeps `mail-flow-logging` quiet. */
  logged(): this {
    this.addType("aws:ec2/flowLog:FlowLog", { vpcId: this.vpc });
    return this;
  }

  report(config: object = {}): Report {
    return this.reportOf(this.snapshots, config);
  }

  /** The report about snapshots that were changed after they were made. */
  reportOf(snapshots: readonly ResourceSnapshot[], config: object = {}): Report {
    const parsed = parsePolicyConfig(config, policies);
    const perimeter = buildPerimeter(snapshots, parsed.settings);
    return judge({ stack: "test", project: "test", perimeter, policies, config: parsed, today: "2026-06-01" });
  }

  /** Findings as `policy outcome host`, without the advice about single rules. */
  findings(config: object = {}): string[] {
    return this.report(config)
      .findings.filter(({ policy }) => policy !== "smtp-security-group-ingress")
      .map(({ policy, outcome, resource }) => `${policy} ${outcome} ${resource.slice(resource.lastIndexOf("::") + 2)}`);
  }
}

/** What none of the hardening policies has anything to say about. */
const hardened = [
  "smtpd_forbid_bare_newline = normalize",
  "smtpd_forbid_unauth_pipelining = yes",
  "disable_vrfy_command = yes",
  "smtpd_helo_required = yes",
  "smtpd_helo_restrictions = reject_invalid_helo_hostname",
  "smtpd_sender_restrictions = reject_unknown_sender_domain",
  "smtpd_tls_security_level = may",
  "smtpd_tls_chain_files = /etc/postfix/chain.pem",
  "smtp_tls_security_level = may",
];

export function postfix(mynetworks: string): string {
  return [
    "#cloud-config",
    "packages: [postfix]",
    "write_files:",
    "  - path: /etc/postfix/main.cf",
    "    content: |",
    "      compatibility_level = 3.6",
    `      mynetworks = ${mynetworks}`,
    "      smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
    ...hardened.map((line) => `      ${line}`),
    "",
  ].join("\n");
}

export const smtpFromAnywhere = tcp(25, { cidrBlocks: [ANY] });
export const allOut = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [ANY] };
/** SMTP to the Internet, without the network's own addresses. */
export const smtpOut = tcp(25, {
  cidrBlocks: [
    "0.0.0.0/5",
    "8.0.0.0/7",
    "11.0.0.0/8",
    "12.0.0.0/6",
    "16.0.0.0/4",
    "32.0.0.0/3",
    "64.0.0.0/2",
    "128.0.0.0/1",
  ],
});
