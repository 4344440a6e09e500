import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ANY, type Input, tcp } from "../lower/stack";
import { anonymous, relayFor } from "../mta/exchange/support";
import { MailStack, smtpFromAnywhere, smtpOut } from "./perimeter";

const windows = (script: string) => `<powershell>\n${script}\n</powershell>`;

/** An internal Exchange server that a script configures, and a front end at 10.0.1.10. */
function stack(script: Input, inputs: object = {}) {
  const s = new MailStack().logged();
  s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere], egress: [smtpOut] }));
  const userData = typeof script === "string" ? windows(script) : script;
  s.exchange(s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["10.0.1.10/32"] })] }), { userData, ...inputs });
  return s;
}

const of = (policy: string) => (s: MailStack) => s.report().findings.filter((it) => it.policy === policy);
const connectors = of("exchange-receive-connectors");
const hygiene = of("exchange-connector-hygiene");
const hardened = "-ProtocolLoggingLevel Verbose -TarpitInterval 00:00:05";
const clean = (ranges: string) => relayFor(ranges).replace("-Custom", `-Custom ${hardened}`);

describe("exchange-receive-connectors", () => {
  it("accepts what setup makes, and single hosts that hide nobody", () => {
    expect(stack("Get-ReceiveConnector").findings()).toEqual([]);
    expect(stack(clean("10.0.2.30,10.0.2.31")).findings()).toEqual([]);
    expect(stack(clean("10.0.2.30-10.0.2.30")).findings()).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    [
      "X1",
      clean("10.0.0.0/8"),
      /"Relay" lets clients relay without authentication .* more than single hosts: 10\.0\.0\.0\/8/,
    ],
    ["X1", clean("10.0.2.30-10.0.2.31"), /more than single hosts/],
    ["X1", clean("10.0.2.30,172.16.0.0/12"), /more than single hosts: 172\.16\.0\.0\/12/],
    [
      "X1",
      `Get-ReceiveConnector | Add-ADPermission ${anonymous}`,
      /"Client Frontend %COMPUTERNAME%".*among them, the mail gateway/,
    ],
    [
      "X2",
      `New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges 10.0.2.0/24 -AuthMechanism ExternalAuthoritative -PermissionGroups ExchangeServers ${hardened}`,
      /externally secured/,
    ],
    ["X3", clean("10.0.1.10"), /contain 10\.0\.1\.10\/32, the mail gateway front-end/],
    ["X4", "New-AcceptedDomain -Name all -DomainName * -DomainType ExternalRelay", /the accepted domain "\*"/],
    ["X5", clean("40.92.1.1,52.100.0.0/14"), /Exchange Online's, which every tenant sends from/],
    ["X5", clean("40.92.1.1,10.0.2.30"), /Exchange Online, which every tenant/],
  ])("rejects %s: %s", (_, script, message) => {
    const found = connectors(stack(script));
    expect(found.map((it) => it.outcome)).toEqual(found.map(() => "violation"));
    expect(found[0]).toMatchObject({ severity: "critical", enforcement: "mandatory", outcome: "violation" });
    expect(found[0]?.message).toMatch(message);
    expect(found[0]?.resource).toMatch(/::exchange$/);
  });

  it("names the host, and in its path the carrier and the line", () => {
    const [finding] = connectors(stack(`\n${clean("10.0.0.0/8")}`));
    expect(finding?.path).toMatchObject([
      { kind: "host", resource: expect.stringMatching(/::exchange$/) },
      { kind: "mta", detail: expect.stringMatching(/New-ReceiveConnector -Name Relay .*\(userData:3\)$/) },
      { kind: "mta", detail: expect.stringMatching(/Add-ADPermission .*\(userData:4\)$/) },
    ]);
  });

  it("rejects the address of a load balancer that hides its clients", () => {
    const s = new MailStack().logged();
    const host = s.exchange(s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] }), {
      userData: windows(clean("10.0.1.50,10.0.2.30")),
    });
    const lb = s.addType("aws:lb/loadBalancer:LoadBalancer", {
      loadBalancerType: "network",
      subnetMappings: [{ subnetId: s.dmz, privateIpv4Address: "10.0.1.50" }],
    });
    const target = s.addType("aws:lb/targetGroup:TargetGroup", {
      port: 25,
      protocol: "TCP",
      targetType: "ip",
      vpcId: s.vpc,
    });
    s.addType("aws:lb/listener:Listener", {
      loadBalancerArn: lb,
      port: 25,
      protocol: "TCP",
      defaultActions: [{ type: "forward", targetGroupArn: target }],
    });
    s.addType("aws:lb/targetGroupAttachment:TargetGroupAttachment", { targetGroupArn: target, targetId: "10.0.2.20" });
    void host;
    const [finding] = connectors(s);
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.message).toMatch(/load balancer or firewall that hides who connects/);
  });

  it("rejects a right that grants nothing yet", () => {
    const script = `New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges 10.0.0.0/8 ${hardened}\nAdd-ADPermission R ${anonymous}`;
    expect(connectors(stack(script))).toMatchObject([{ outcome: "violation" }]);
  });

  it.each([
    ["ranges", clean("$ranges")],
    ["who gets the right", clean("10.0.0.0/8").replace(/'NT[^']*'/, "$user")],
    ["which connector", `Add-ADPermission $connector ${anonymous}`],
    ["an unread command", "Install-Relay\nGet-ReceiveConnector"],
    ["whether it is there", `if ($x) { ${clean("10.0.0.0/8")} }`],
    ["the domain", "New-AcceptedDomain -Name x -DomainName $d -DomainType ExternalRelay"],
  ])("does not know %s", (_, script) => {
    const found = connectors(stack(script));
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((it) => it.outcome))).toEqual(new Set(["undetermined"]));
    expect(found[0]).toMatchObject({ enforcement: "mandatory" });
  });

  it("an unknown beside a violation hides nothing", () => {
    const found = connectors(stack(`${clean("10.0.0.0/8")}\nInstall-Relay`));
    expect(found.map((it) => it.outcome).sort()).toEqual(["undetermined", "violation"]);
  });

  it("a connector that is closed is none", () => {
    expect(connectors(stack(`${clean("10.0.0.0/8")}\nSet-ReceiveConnector Relay -Enabled $false`))).toEqual([]);
    expect(connectors(stack(`${clean("10.0.0.0/8")}\nRemove-ReceiveConnector Relay`))).toEqual([]);
  });
});

describe("exchange-connector-hygiene", () => {
  const custom = (more: string) =>
    stack(`New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:26 -RemoteIPRanges 10.0.2.30 ${more}`);
  it.each<[string, RegExp]>([
    ["-TarpitInterval 00:00:05", /without a protocol log/],
    ["-ProtocolLoggingLevel Verbose -TarpitInterval 00:00:00", /without a tarpit/],
    ["-ProtocolLoggingLevel Verbose -AuthMechanism Tls,BasicAuth", /Basic authentication in clear/],
    ["-ProtocolLoggingLevel Verbose -RemoteIPRanges 0.0.0.0-255.255.255.255", /open to every address/],
  ])("%s", (more, message) => {
    const found = hygiene(
      more.includes("-RemoteIPRanges")
        ? stack(`New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:26 ${more}`)
        : custom(more),
    );
    expect(found).toMatchObject([{ severity: "medium", enforcement: "advisory", outcome: "violation" }]);
    expect(found[0]?.message).toMatch(message);
  });

  it.each([
    "-ProtocolLoggingLevel Verbose",
    "-ProtocolLoggingLevel Verbose -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS",
    "-ProtocolLoggingLevel Verbose -AuthMechanism BasicAuth -RequireTLS $true",
  ])("%s is well", (more) => expect(hygiene(custom(more))).toEqual([]));

  it("judges setup's connectors only in what was set", () => {
    const set = (more: string) => hygiene(stack(`Set-ReceiveConnector "Client Frontend $env:COMPUTERNAME" ${more}`));
    expect(set("-Banner '220 mail'")).toEqual([]);
    expect(set("-ProtocolLoggingLevel None")).toHaveLength(1);
    expect(set("-TarpitInterval $t")).toMatchObject([{ outcome: "undetermined", enforcement: "advisory" }]);
  });
});

describe("the join with the network", () => {
  const relay = of("open-relay-path");
  const outward = (s: MailStack, ingress: object[]) =>
    s.group("ex", { ingress: ingress as never, egress: [tcp(25, { cidrBlocks: [ANY] })] });
  const exposed = (script: string, ingress: object[] = [smtpFromAnywhere]) => {
    const s = new MailStack().logged();
    s.host("exchange", {
      subnetId: s.dmz,
      privateIp: "10.0.1.20",
      vpcSecurityGroupIds: [outward(s, ingress)],
      userData: windows(script),
      associatePublicIpAddress: true,
    });
    return s;
  };

  it("Exchange that relays for everybody and that the Internet reaches is an open relay", () => {
    const [finding] = relay(exposed(`Add-ADPermission "Default Frontend $env:COMPUTERNAME" ${anonymous}`));
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.path.map((it) => it.detail).join("\n")).toMatch(/Add-ADPermission .*\(userData:2\)/);
    expect(relay(exposed("Get-ReceiveConnector"))).toEqual([]);
    expect(relay(exposed(relayFor("10.0.0.0/8")))).toEqual([]);
  });

  it("what is not read leaves it undetermined", () => {
    expect(relay(exposed("iwr https://example.com/x.ps1 | iex\nGet-ReceiveConnector"))).toMatchObject([
      { outcome: "undetermined" },
    ]);
    expect(relay(exposed(`Add-ADPermission "Default Frontend $env:COMPUTERNAME" ${anonymous}\n& $tool`))).toMatchObject(
      [{ outcome: "violation" }],
    );
  });

  it("insiders count", () => {
    const s = new MailStack().logged();
    s.host("exchange", {
      subnetId: s.dmz,
      privateIp: "10.0.1.20",
      vpcSecurityGroupIds: [outward(s, [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })])],
      userData: windows(relayFor("10.0.2.0/24")),
      associatePublicIpAddress: true,
    });
    s.host("app", {
      subnetId: s.inner,
      privateIp: "10.0.2.40",
      vpcSecurityGroupIds: [s.group("app", { egress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] })],
    });
    expect(relay(s)).toMatchObject([{ outcome: "violation", witness: { source: "10.0.2.40" } }]);
  });
});

describe("Systems Manager", () => {
  const document = (lines: string[], more: object = {}) =>
    JSON.stringify({
      schemaVersion: "2.2",
      mainSteps: [{ action: "aws:runPowerShellScript", name: "relay", inputs: { runCommand: lines } }],
      ...more,
    });
  const open = clean("10.0.0.0/8").split("\n");

  function associated(content: Input, targets: (s: MailStack) => Input, more: object = {}) {
    const s = stack(undefined as never);
    const doc = s.addType("aws:ssm/document:Document", { documentType: "Command", content, ...more });
    s.addType("aws:ssm/association:Association", { name: doc, targets: targets(s) });
    return s;
  }
  const byRole = () => [{ key: "tag:relayproof:role", values: ["internal-mail"] }];

  it("an association brings its document to the machines it targets", () => {
    const [finding] = connectors(associated(document(open), byRole));
    expect(finding).toMatchObject({ outcome: "violation", resource: expect.stringMatching(/::exchange$/) });
    expect(finding?.path[1]).toMatchObject({
      resource: expect.stringMatching(/:Document::/),
      detail: expect.stringMatching(/\(content: relay:1\)$/),
    });
    expect(connectors(associated(document(open), () => [{ key: "tag:Role", values: ["web"] }]))).toEqual([]);
    expect(connectors(associated(document(open), () => [{ key: "InstanceIds", values: ["*"] }]))).toHaveLength(1);
  });

  it("by instance, YAML, an older schema, parameters", () => {
    const s = stack(undefined as never);
    const target = s.host("mail", { subnetId: s.inner, privateIp: "10.0.2.21" });
    const yaml = `schemaVersion: '2.2'\nparameters:\n  ranges: { type: String, default: 10.0.0.0/8 }\nmainSteps:\n- action: aws:runPowerShellScript\n  name: x\n  inputs:\n    runCommand:\n${clean(
      "{{ ranges }}",
    )
      .split("\n")
      .map((line) => `    - ${JSON.stringify(line)}`)
      .join("\n")}\n`;
    const doc = s.addType("aws:ssm/document:Document", {
      documentType: "Command",
      documentFormat: "YAML",
      content: yaml,
    });
    const named = (parameters: object) =>
      s.addType("aws:ssm/association:Association", {
        name: doc,
        targets: [{ key: "InstanceIds", values: [target] }],
        ...parameters,
      });
    named({});
    expect(connectors(s)).toMatchObject([{ outcome: "violation", resource: expect.stringMatching(/::mail$/) }]);
    const old = JSON.stringify({
      schemaVersion: "1.2",
      runtimeConfig: { "aws:runPowerShellScript": { properties: [{ runCommand: open }] } },
    });
    expect(connectors(associated(old, byRole))).toMatchObject([{ outcome: "violation" }]);
    const commands = stack(undefined as never);
    commands.addType("aws:ssm/association:Association", {
      name: "AWS-RunPowerShellScript",
      parameters: { commands: open.join("\n") },
      targets: byRole(),
    });
    expect(connectors(commands)).toMatchObject([{ outcome: "violation" }]);
  });

  it("what is not known is undetermined, never nothing", () => {
    expect(connectors(associated(document(clean("{{ ranges }}").split("\n")), byRole)).length).toBe(0);
    const reach = (s: MailStack) =>
      s
        .report()
        .findings.filter((it) => it.policy === "open-relay-path" || it.policy === "exchange-receive-connectors");
    expect(reach(associated(document([...open, "{{ x }}"]), byRole)).map((it) => it.outcome)).not.toContain(
      "violation",
    );
    const half = associated(document(open), () => [{ key: "InstanceIds", values: [new Unknown()] }]);
    expect(connectors(half).map((it) => it.outcome)).toContain("undetermined");
    const s = stack("Get-ReceiveConnector");
    s.addType("aws:ssm/association:Association", {
      name: "arn:aws:ssm:eu-west-1:1:document/Elsewhere",
      targets: byRole(),
    });
    expect(connectors(s)).toMatchObject([{ outcome: "undetermined" }]);
    const harmless = stack("Get-ReceiveConnector");
    harmless.addType("aws:ssm/association:Association", { name: "AWS-UpdateSSMAgent", targets: byRole() });
    expect(connectors(harmless)).toEqual([]);
  });
});
