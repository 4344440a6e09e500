import type { HostRow, Report } from "../../policies/analysis/verdict/report";

const project = "urn:pulumi:dev::mail-edge";
export const frontEnd = `${project}::relayproof:index:MailPerimeter$aws:ec2/instance:Instance::edge-front-end`;
export const exchange = `${project}::aws:ec2/instance:Instance::exchange-1`;
const group = `${project}::aws:ec2/securityGroup:SecurityGroup::edge-smtp`;
const flowLog = `${project}::aws:ec2/vpc:Vpc::edge`;

/** One finding of every outcome, and every section of a report filled. */
export const sample: Report = {
  schemaVersion: 1,
  stack: "dev",
  verdict: "fail",
  findings: [
    {
      policy: "open-relay-path",
      severity: "critical",
      enforcement: "mandatory",
      outcome: "violation",
      resource: frontEnd,
      location: { file: "index.ts", line: 12, column: 5 },
      message:
        "Any address of the Internet can relay mail through edge-front-end to arbitrary recipients without authentication.",
      remediation:
        "Remove 0.0.0.0/0 from mynetworks, and let clients authenticate on port 587 instead of trusting addresses.",
      path: [
        { kind: "internet", resource: null, detail: "0.0.0.0/0" },
        {
          kind: "gateway",
          resource: `${project}::aws:ec2/internetGateway:InternetGateway::edge`,
          detail: "attached to Vpc edge",
        },
        {
          kind: "filter",
          resource: group,
          detail: "ingress[0] allows TCP 25 from 0.0.0.0/0, which is every address of the Internet",
          location: { file: "network.ts", line: 8, column: 15 },
        },
        {
          kind: "host",
          resource: frontEnd,
          detail: "10.0.1.10:25",
          location: { file: "index.ts", line: 12, column: 5 },
        },
        {
          kind: "mta",
          resource: frontEnd,
          detail: "mynetworks = 0.0.0.0/0 (userData: /etc/postfix/main.cf:12)",
          location: { file: "index.ts", line: 12, column: 5 },
        },
        { kind: "egress", resource: group, detail: "egress[0] allows TCP 25 to 0.0.0.0/0" },
      ],
      witness: { source: "203.0.113.9", seenSource: "203.0.113.9", destination: "10.0.1.10", port: 25 },
      assumptions: ["the account has port 25 unblocked"],
    },
    {
      policy: "exchange-approved-senders",
      severity: "critical",
      enforcement: "mandatory",
      outcome: "undetermined",
      resource: exchange,
      message: "Whether addresses of 10.9.0.0/16 can open SMTP to exchange-1 is not known.",
      remediation: "Give the rule a CIDR that is known at preview.",
      path: [],
      assumptions: [],
    },
    {
      policy: "smtp-egress-through-gateway",
      severity: "high",
      enforcement: "mandatory",
      outcome: "waived",
      resource: exchange,
      message: "exchange-1 can open SMTP to the Internet.",
      remediation: "Send through the gateway.",
      path: [],
      witness: { source: "10.0.3.4", seenSource: "198.51.100.7", destination: "2001:db8::25", port: 25 },
      assumptions: [],
      waiver: { owner: "mail-team", reason: "hybrid cut-over", expires: "2027-01-31", daysLeft: 9 },
    },
    {
      policy: "mail-flow-logging",
      severity: "medium",
      enforcement: "advisory",
      outcome: "violation",
      resource: flowLog,
      location: { file: "network.ts", line: 3, column: 13 },
      message: "No flow log covers the mail subnets of edge.",
      remediation: "Add an aws.ec2.FlowLog with trafficType ALL.",
      path: [],
      assumptions: [],
    },
  ],
  exposure: [
    {
      resource: frontEnd,
      port: 25,
      internet: ["0.0.0.0/0", "::/0"],
      internal: [
        "10.0.0.0/24",
        "10.0.1.0/24",
        "10.0.2.0/24",
        "10.0.3.0/24",
        "10.0.4.0/24",
        "10.0.5.0/24",
        "10.0.6.0/24",
        "10.0.7.0/24",
      ],
      undetermined: [],
      paths: [
        {
          side: "internet",
          certain: true,
          path: [
            { kind: "internet", resource: null, detail: "0.0.0.0/0" },
            {
              kind: "filter",
              resource: group,
              detail: "ingress[0] allows TCP 25 from 0.0.0.0/0, which is every address of the Internet",
              location: { file: "network.ts", line: 8, column: 15 },
            },
            { kind: "host", resource: frontEnd, detail: "edge-front-end accepts tcp 25" },
          ],
        },
      ],
    },
    {
      resource: exchange,
      port: 25,
      internet: [],
      internal: ["10.0.1.10/32"],
      undetermined: [
        {
          side: "internal",
          sources: ["10.9.0.0/16", group],
          reason: "the rule's source is known only after the update",
          at: `${group} ingress[0].cidrBlocks[0]`,
        },
      ],
      paths: [],
    },
  ],
  unmodelled: [
    {
      resource: `${project}::aws:networkfirewall/firewall:Firewall::inspect`,
      type: "aws:networkfirewall/firewall:Firewall",
      reason: "AWS Network Firewall is not modelled",
    },
    {
      resource: `${project}::aws:networkfirewall/firewall:Firewall::egress`,
      type: "aws:networkfirewall/firewall:Firewall",
      reason: "AWS Network Firewall is not modelled",
    },
  ],
  waivers: [
    {
      policy: "smtp-egress-through-gateway",
      urn: "*::exchange-1",
      owner: "mail-team",
      reason: "hybrid cut-over",
      expires: "2027-01-31",
      daysLeft: 9,
      state: "used",
    },
    {
      policy: "open-relay-path",
      urn: "*",
      owner: "mail-team",
      reason: "migration",
      expires: "2026-01-31",
      daysLeft: -356,
      state: "expired",
    },
    {
      policy: "mail-vm-hardening",
      urn: "*::gone",
      owner: "mail-team",
      reason: "replaced in March",
      expires: "2027-06-30",
      daysLeft: 159,
      state: "unused",
    },
  ],
  policies: [
    { name: "open-relay-path", severity: "critical", enforcement: "mandatory" },
    { name: "smtp-internet-exposure", severity: "critical", enforcement: "mandatory" },
    { name: "exchange-approved-senders", severity: "critical", enforcement: "mandatory" },
    { name: "smtp-egress-through-gateway", severity: "high", enforcement: "mandatory" },
    { name: "client-address-preserved", severity: "high", enforcement: "disabled" },
    { name: "mail-flow-logging", severity: "medium", enforcement: "advisory" },
  ],
  hosts: [
    {
      resource: frontEnd,
      location: { file: "index.ts", line: 12, column: 5 },
      role: "front-end",
      ports: [25],
      addresses: ["10.0.1.10"],
      mta: {
        state: "known",
        listeners: [
          {
            port: 25,
            loopbackOnly: false,
            relays: ["0.0.0.0/0"],
            undetermined: [],
            lines: [{ text: "mynetworks = 0.0.0.0/0", at: `${frontEnd} userData: /etc/postfix/main.cf:12` }],
          },
        ],
        reasons: [],
      },
      egress: "open",
      sendsAs: ["Elastic IP gateway-address"],
    },
    {
      resource: exchange,
      role: "internal-mail",
      ports: [],
      addresses: ["10.0.2.20"],
      mta: { state: "none", listeners: [], reasons: [] },
      egress: "open",
      sendsAs: ["NAT gateway nat"],
    },
    {
      resource: `${project}::aws:ec2/instance:Instance::web-1`,
      role: null,
      ports: [],
      addresses: [],
      mta: { state: "none", listeners: [], reasons: [] },
      egress: "closed",
      sendsAs: [],
    },
  ],
  approvedSenders: [
    { ports: [25], sources: ["10.0.1.10/32", "10.0.2.25/32"] },
    { ports: [465, 587, 2525], sources: ["10.0.1.10/32"] },
  ],
  assumptions: ["a route table without an explicit association is the main one of its VPC, as AWS documents it"],
};

export const passing: Report = {
  schemaVersion: 1,
  stack: "prod",
  verdict: "pass",
  findings: [],
  exposure: [],
  unmodelled: [],
  waivers: [],
  policies: sample.policies,
  hosts: [],
  approvedSenders: [],
  assumptions: [],
};

/** What a judged program may call its resources. */
export const hostileName =
  "]](http://x)<script>alert(1)</script>`\"'|&{0}#1@you\\*_~$\u0000\u001b]0;owned\u0007\u202e\ud800\uffff\nend";

/** The sample with every text that a program can choose replaced. */
export const hostile: Report = {
  ...sample,
  stack: hostileName,
  findings: sample.findings.map((one) => ({
    ...one,
    resource: one.resource + hostileName,
    message: hostileName,
    remediation: hostileName,
    assumptions: [hostileName],
    path: one.path.map((step) => ({ ...step, resource: `urn:a::b::c::${hostileName}`, detail: hostileName })),
    ...(one.location && { location: { ...one.location, file: `${hostileName}.ts` } }),
    ...(one.witness && {
      witness: { ...one.witness, source: hostileName, seenSource: hostileName, destination: hostileName },
    }),
    ...(one.waiver && { waiver: { ...one.waiver, owner: hostileName, reason: hostileName } }),
  })),
  exposure: sample.exposure.map((row) => ({
    ...row,
    resource: row.resource + hostileName,
    internet: [hostileName],
    internal: [hostileName],
    undetermined: row.undetermined.map((one) => ({
      ...one,
      sources: [hostileName],
      reason: hostileName,
      at: hostileName,
    })),
  })),
  unmodelled: sample.unmodelled.map((row) => ({ ...row, resource: row.resource + hostileName, reason: hostileName })),
  waivers: sample.waivers.map((one) => ({ ...one, urn: hostileName, owner: hostileName, reason: hostileName })),
  hosts: sample.hosts.map((row) => ({
    ...row,
    resource: row.resource + hostileName,
    addresses: [hostileName],
    mta: {
      ...row.mta,
      listeners: row.mta.listeners.map((one) => ({
        ...one,
        relays: [hostileName],
        lines: [{ text: hostileName, at: hostileName }],
      })),
      reasons: [{ text: hostileName, at: hostileName }],
    },
  })),
  assumptions: [hostileName],
};

/** As many open relays as wanted, behind two front ends. */
export function many(n: number): Report {
  const [finding] = sample.findings;
  const [row] = sample.exposure;
  const [, , host] = sample.hosts;
  if (finding === undefined || row === undefined || host === undefined) throw new Error("the sample lacks a part");
  const urns = Array.from({ length: n }, (_, i) => `${project}::aws:ec2/instance:Instance::worker-${i + 1}`);
  return {
    ...sample,
    findings: urns.map((resource) => ({
      ...finding,
      resource,
      path: finding.path.map((step) => (step.resource === frontEnd ? { ...step, resource } : step)),
    })),
    exposure: urns.map((resource) => ({ ...row, resource })),
    hosts: [
      ...sample.hosts.slice(0, 2),
      ...urns.map((resource): HostRow => ({ ...host, resource, addresses: ["10.0.7.9"], egress: "open" })),
    ],
  };
}
