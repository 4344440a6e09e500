import { describe, expect, it } from "vitest";
import { ANY, type Inputs, type Resource, tcp } from "../lower/stack";
import { MailStack, postfix } from "./perimeter";

/** Mail that leaves by a smart host at a private address: the cloud's own mail service, or a server in a connected network. */

const SES = "email-smtp.eu-central-1.amazonaws.com";

/** An open relay for the Internet that itself cannot open anything but `port`, inside its own network. */
function relay(relayhost: string, port: number, change: { to?: string } = {}) {
  const s = new MailStack().logged();
  const egress = [tcp(port, { cidrBlocks: [change.to ?? "10.0.0.0/16"] })];
  const group = s.group("fe", { ingress: [tcp(25, { cidrBlocks: [ANY] })], egress: egress as never });
  const userData = `${postfix("0.0.0.0/0")}      relayhost = [${relayhost}]:${port}\n`;
  return { s, host: s.frontEnd(group, { userData }) };
}

function endpoint(s: MailStack, change: Inputs = {}): Resource {
  const admit = s.group("endpoint", { ingress: [tcp([1, 65535], { cidrBlocks: ["10.0.0.0/16"] })] });
  return s.addType("aws:ec2/vpcEndpoint:VpcEndpoint", {
    vpcId: s.vpc,
    serviceName: "com.amazonaws.eu-central-1.email-smtp",
    vpcEndpointType: "Interface",
    subnetIds: [s.inner],
    securityGroupIds: [admit],
    privateDnsEnabled: true,
    ...change,
  });
}

const outcome = (s: MailStack) =>
  s.report().findings.find(({ policy }) => policy === "open-relay-path")?.outcome ?? "closed";

describe("an SES endpoint in the VPC", () => {
  it("is a way out that needs no route to the Internet, with the endpoint in the path", () => {
    const { s } = relay(SES, 587);
    expect(outcome(s)).toBe("closed");
    const made = endpoint(s);
    const [finding] = s.report().findings.filter(({ policy }) => policy === "open-relay-path");
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.path.at(-1)).toMatchObject({ kind: "egress", resource: made.urn });
  });

  it.each([
    ["of another Region", { serviceName: "com.amazonaws.eu-west-1.email-smtp" }, "undetermined"],
    ["without private DNS", { privateDnsEnabled: false }, "undetermined"],
    ["of another service", { serviceName: "com.amazonaws.eu-central-1.ec2" }, "closed"],
    ["that admits nobody", { securityGroupIds: [] }, "closed"],
    ["for storage", { vpcEndpointType: "Gateway", serviceName: "com.amazonaws.eu-central-1.s3" }, "closed"],
  ] as const)("%s is not certainly one", (_, change, expected) => {
    const { s } = relay(SES, 587);
    endpoint(s, change as never);
    expect(outcome(s)).toBe(expected);
  });

  it("listens on the ports of SES only", () => {
    const { s } = relay(SES, 2525);
    endpoint(s);
    expect(outcome(s)).toBe("closed");
  });

  it("is admitted by reference to its group", () => {
    const s = new MailStack().logged();
    const admit = s.group("endpoint", { ingress: [tcp(587, { cidrBlocks: ["10.0.0.0/16"] })] });
    const group = s.group("fe", {
      ingress: [tcp(25, { cidrBlocks: [ANY] })],
      egress: [tcp(587, { securityGroups: [admit] })],
    });
    s.frontEnd(group, { userData: `${postfix("0.0.0.0/0")}      relayhost = [${SES}]:587\n` });
    endpoint(s, { securityGroupIds: [admit] });
    expect(outcome(s)).toBe("violation");
  });
});

describe("a smart host in a network behind a VPN", () => {
  const behind = (relayhost: string) => {
    const { s } = relay(relayhost, 25, { to: "192.168.0.0/16" });
    const gateway = s.addType("aws:ec2/vpnGateway:VpnGateway", { vpcId: s.vpc });
    const connection = s.addType("aws:ec2/vpnConnection:VpnConnection", {
      vpnGatewayId: gateway,
      staticRoutesOnly: true,
    });
    s.addType("aws:ec2/vpnConnectionRoute:VpnConnectionRoute", {
      vpnConnectionId: connection,
      destinationCidrBlock: "192.168.7.0/24",
    });
    s.addType("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation", {
      routeTableId: s.table,
      vpnGatewayId: gateway,
    });
    return outcome(s);
  };

  it("is a way out where it is routed, and none where it is not", () => {
    expect(behind("192.168.7.9")).toBe("violation");
    expect(behind("192.168.9.9")).toBe("closed");
  });
});
