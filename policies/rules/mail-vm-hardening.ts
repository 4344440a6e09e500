import { field, flag, isFields, text } from "../analysis/lower/values";
import { addresses, type EndpointSet, endpoints, noEndpoints } from "../analysis/model/endpoints";
import { Unknown } from "../analysis/model/snapshot";
import { subtract, unionAll } from "../analysis/net/addr";
import { DONT_CARE } from "../analysis/net/cover";
import { gather, portList } from "../analysis/verdict/by-port";
import { pathTo, pick, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

const name = "mail-vm-hardening";

/** The machine itself: metadata service, disks, logins, management ports. */
export const mailVmHardening: Policy = {
  name,
  severity: "medium",
  description:
    "A mail host must require IMDSv2, encrypt its disks, refuse password logins, and have no public management port.",
  rationale:
    "An MTA parses what strangers send. IMDSv1 turns one request forgery into the instance's credentials; a stolen disk holds everybody's mail.",
  remediation:
    "1. Set metadataOptions.httpTokens to required.\n2. Set encrypted on the root and every further volume.\n" +
    "3. Turn off password logins in user data.\n4. Close 22, 3389, 5985 and 5986 to the Internet.",
  frameworks: [
    { name: "CIS AWS Foundations", reference: "5.6", specification: "The EC2 metadata service allows IMDSv2 only." },
  ],
  check(perimeter) {
    return perimeter.hosts
      .filter((view) => view.role !== null || view.showsMta)
      .flatMap((view) => [
        ...metadata(view),
        ...disks(perimeter, view),
        ...logins(view),
        ...management(perimeter, view),
      ]);
  },
};

function finding(view: MailHost, certain: boolean, message: string, remediation: string): PolicyFinding {
  return { outcome: certain ? "violation" : "undetermined", resource: view.urn, message, remediation };
}

function metadata(view: MailHost): PolicyFinding[] {
  const options = view.host.hardware.metadata;
  const fix = "Set metadataOptions.httpTokens to required.";
  if (options instanceof Unknown)
    return [
      finding(
        view,
        false,
        `Whether ${view.name} requires IMDSv2 cannot be decided: its metadata options are ${options.reason}.`,
        fix,
      ),
    ];
  if (text(field(options, "httpEndpoint")) === "disabled") return [];
  const tokens = text(field(options, "httpTokens"));
  if (tokens === "required") return [];
  if (tokens instanceof Unknown)
    return [
      finding(
        view,
        false,
        `Whether ${view.name} requires IMDSv2 cannot be decided: httpTokens is ${tokens.reason}.`,
        fix,
      ),
    ];
  return [
    finding(
      view,
      true,
      `${view.name} answers IMDSv1: metadataOptions.httpTokens is ${tokens ?? "not set"}, expected required.`,
      fix,
    ),
  ];
}

function disks(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const byDefault = perimeter.index
    .ofType("aws:ebs/encryptionByDefault:EncryptionByDefault")
    .some((item) => flag(item.properties.enabled) !== false);
  if (byDefault) return [];
  return view.host.hardware.disks.flatMap(({ name: what, device }) => {
    const encrypted = device instanceof Unknown ? device : isFields(device) ? flag(device.encrypted) : undefined;
    if (encrypted === true || (isFields(device) && device.kmsKeyId !== undefined)) return [];
    const fix = `Set encrypted: true on the ${what} of ${view.name}.`;
    if (encrypted instanceof Unknown)
      return [finding(view, false, `Whether the ${what} of ${view.name} is encrypted is ${encrypted.reason}.`, fix)];
    return [finding(view, true, `The ${what} of ${view.name} is not encrypted.`, fix)];
  });
}

/** cloud-init's own switches for password logins; what scripts do to sshd is not read. */
function logins(view: MailHost): PolicyFinding[] {
  const texts = view.host.carriers.map((source) => source.value).filter((value) => typeof value === "string");
  if (!texts.some((text) => /^ssh_pwauth:\s*['"]?(true|yes|1)\b/im.test(text))) return [];
  return [
    finding(
      view,
      true,
      `${view.name} accepts password logins: its user data sets ssh_pwauth.`,
      "Remove ssh_pwauth from the user data, and use keys or SSM Session Manager.",
    ),
  ];
}

const MANAGEMENT: readonly number[] = [22, 3389, 5985, 5986];

function management(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const excused = unionAll([DONT_CARE, view.self.space, perimeter.settings.trustedNetworksFor(name)]);
  const cut = (set: EndpointSet) => addresses(subtract(set.addr, excused));
  const problems = MANAGEMENT.map((port) => {
    const flows = perimeter.flows.inbound(view.host, port).filter((flow) => flow.path.zone.kind === "internet");
    return {
      port,
      must: flows.map((flow) => cut(flow.endpoints.must)).reduce(endpoints.union, noEndpoints),
      may: flows.map((flow) => cut(flow.endpoints.may)).reduce(endpoints.union, noEndpoints),
      why: flows.flatMap((flow) => flow.endpoints.why),
      flows,
    };
  });
  return gather(problems).map(({ certain, ports, sources, flow, port }) => {
    const who = pick(sources);
    return {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: `The management ${portList(ports)} of ${view.name} ${certain ? "can" : "may"} be reached from ${sourcesText(perimeter, view, sources, "internet")}.`,
      remediation: `Close ${portList(ports)} of ${view.name} to the Internet, or admit it from trustedNetworks only.`,
      path: pathTo(perimeter, view, flow, who, sources, port),
      witness: witness(perimeter, view, flow, who, port),
    };
  });
}
