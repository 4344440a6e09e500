import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { aws, render } from "../../components";
import { isOverlapping } from "../../components/schemas";
import { ofType, type Registered, refusal, register, types } from "./harness";

const valid: aws.FrontEndMailServerArgs = {
  vpcId: "vpc-1",
  networkCidrs: ["10.20.0.0/16"],
  subnet: { id: "subnet-1", cidr: "10.20.0.0/24" },
  hostname: "mx1.example.com",
  domains: ["example.com"],
  exchangeServers: ["10.20.2.20", "10.20.3.20"],
  exposure: aws.Exposure.Staged,
  probeSources: ["198.51.100.7"],
};

const create = (changes: Partial<aws.FrontEndMailServerArgs> = {}) =>
  register(() => void new aws.FrontEndMailServer("mx", { ...valid, ...changes }));

/** The script of the document, as bash gets it. */
function delivered(resources: readonly Registered[]): string {
  const [document] = ofType(resources, types.document);
  return JSON.parse(String(document?.inputs.content)).mainSteps[0].inputs.runCommand.join("\n");
}

/** `tcp 25 from 10.0.0.0/8` for every rule of one direction. */
function flows(resources: readonly Registered[], type: string): string[] {
  return ofType(resources, type).map(
    ({ inputs: it }) => `${it.ipProtocol} ${it.fromPort}-${it.toPort} ${it.cidrIpv4 ?? it.prefixListId}`,
  );
}

describe("the VM", () => {
  test("keeps its disk encrypted, its metadata behind tokens, and no key pair", async () => {
    const [instance] = ofType(await create(), types.instance);
    expect(instance?.inputs).toMatchObject({
      ami: "ami-0123456789abcdef0",
      instanceType: "t3.small",
      primaryNetworkInterface: { networkInterfaceId: "mx-interface-id" },
      iamInstanceProfile: "name of mx-profile",
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: "enabled",
      },
      rootBlockDevice: { encrypted: true, volumeType: "gp3", volumeSize: 16 },
      userDataReplaceOnChange: true,
      tags: { Name: "mx", "relayproof:role": "front-end" },
    });
    expect(instance?.inputs).not.toHaveProperty("keyName");
    expect(instance?.inputs).not.toHaveProperty("associatePublicIpAddress");
    expect(instance?.deleteBeforeReplace).toBe(true);
  });

  test("boots closed, with what the renderer renders, and nothing of the mail flow", async () => {
    const [instance] = ofType(await create(), types.instance);
    const cloud = render.awsCloud();
    expect(instance?.inputs.userData).toBe(render.bootstrap({ hostname: "mx1.example.com", cloud }));
    expect(instance?.inputs.userData).not.toMatch(/10\.20\.|example\.com.*relay/);
    const [later] = ofType(
      await create({ domains: ["example.org"], exchangeServers: ["10.20.2.9"], outbound: render.Outbound.Held }),
      types.instance,
    );
    expect(later).toEqual(instance);
  });

  test("has an address and an interface of their own", async () => {
    const resources = await create();
    expect(ofType(resources, types.card)[0]?.inputs).toMatchObject({
      subnetId: "subnet-1",
      privateIps: ["10.20.0.10"],
      securityGroups: ["mx-mail-id", "mx-updates-id", "mx-names-udp-id", "mx-names-tcp-id"],
      sourceDestCheck: true,
    });
    expect(ofType(resources, types.association)[0]?.inputs).toEqual({
      allocationId: "mx-address-allocation",
      networkInterfaceId: "mx-interface-id",
    });
  });

  test("declares ports other than 25 on itself", async () => {
    const [instance] = ofType(await create({ ports: [25, 2525] }), types.instance);
    expect(instance?.inputs.tags).toMatchObject({ "relayproof:ports": "25 2525" });
    expect(delivered(await create({ ports: [25, 2525] }))).toMatch(/^2525 +inet .* smtpd$/m);
  });

  test("starts from the image that is named, or from the id that is given", async () => {
    const [instance] = ofType(await create({ amiId: "ami-42" }), types.instance);
    expect(instance?.inputs.ami).toBe("ami-42");
  });
});

describe("the security group", () => {
  test("staged: admits the probes and Exchange", async () => {
    expect(flows(await create(), types.ingress)).toEqual([
      "tcp 25-25 10.20.2.20/32",
      "tcp 25-25 10.20.3.20/32",
      "tcp 25-25 198.51.100.7/32",
    ]);
  });

  test("live: admits the Internet on its ports", async () => {
    const resources = await create({ exposure: aws.Exposure.Live, probeSources: [], ports: [25, 2525] });
    expect(flows(resources, types.ingress)).toEqual([
      "tcp 25-25 10.20.2.20/32",
      "tcp 25-25 10.20.3.20/32",
      "tcp 25-25 0.0.0.0/0",
      "tcp 2525-2525 0.0.0.0/0",
    ]);
  });

  test("opens mail and packages on the Internet, SMTP on Exchange, and nothing else inside", async () => {
    const resources = await create();
    expect(flows(resources, types.egress)).toEqual([
      "tcp 25-25 10.20.2.20/32",
      "tcp 25-25 10.20.3.20/32",
      "tcp 25-25 mx-internet-id",
      "tcp 443-443 mx-internet-id",
      "tcp 53-53 mx-internet-id",
      "udp 53-53 mx-internet-id",
    ]);
    const [internet] = ofType(resources, types.prefixList);
    const blocks = ((internet?.inputs.entries ?? []) as { cidr: string }[]).map((entry) => entry.cidr);
    expect(blocks.slice(0, 4)).toEqual(["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6"]);
    for (const inside of ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]) {
      expect(blocks.filter((block) => isOverlapping(block, inside))).toEqual([]);
    }
    expect(internet?.inputs.maxEntries).toBe(40);
  });

  test("keeps to the quota of a group, in which a prefix list counts as many rules as it has room for", async () => {
    const exchangeServers = Array.from({ length: 21 }, (_, i) => `10.20.2.${20 + i}`);
    expect(await refusal(() => new aws.FrontEndMailServer("mx", { ...valid, exchangeServers }))).toBe(
      'FrontEndMailServer "mx": exchangeServers, networkCidrs, connectedCidrs: ["10.20.0.0/16"]: expected at most 60 outbound rules in one security group, they take 61',
    );
  });

  test("says why each rule exists", async () => {
    const rules = ofType(await create(), types.ingress, types.egress);
    for (const { inputs } of rules) expect(inputs.description).toMatch(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=;{}!$*]{10,255}$/);
  });
});

test("going live changes ingress rules and nothing else", async () => {
  const rest = (resources: Registered[]) =>
    resources.filter(({ type }) => !type.startsWith("relayproof:") && type !== types.ingress);
  const staged = await create();
  const live = await create({ exposure: aws.Exposure.Live });
  expect(rest(live)).toEqual(rest(staged));
});

test("arguments that are known only later reach the rules and the user data", async () => {
  const resources = await create({
    hostname: pulumi.output("mx1.example.com"),
    exchangeServers: [pulumi.output("10.20.2.20")],
    privateAddress: Promise.resolve("10.20.0.77"),
  });
  expect(ofType(resources, types.card)[0]?.inputs.privateIps).toEqual(["10.20.0.77"]);
  expect(flows(resources, types.egress)).toContain("tcp 25-25 10.20.2.20/32");
  expect(ofType(resources, types.instance)[0]?.inputs.userData).toContain("fqdn: mx1.example.com");
  expect(delivered(resources)).toContain("{10.20.2.20/32 permit}");
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ hostname: "mx1" }, 'hostname: "mx1": expected a fully qualified domain name'],
    [{ hostname: "mx1.example.com\nrelayhost = evil" }, "hostname:"],
    [{ hostname: undefined }, "hostname: missing: expected a fully qualified domain name"],
    [{ domains: [] }, "domains: []: expected at least one domain"],
    [{ domains: "example.com" }, 'domains: "example.com": expected a list'],
    [{ exchangeServers: ["10.20.2.20", "exchange"] }, 'exchangeServers[1]: "exchange": expected an IPv4 address'],
    [
      { exchangeServers: ["10.21.2.20"] },
      'exchangeServers[0]: "10.21.2.20": expected an address inside the network 10.20.0.0/16',
    ],
    [{ exchangeServers: ["10.20.0.20"] }, "outside the DMZ 10.20.0.0/24"],
    [{ exchangeServers: ["10.20.2.20", "10.20.2.20"] }, 'exchangeServers[1]: "10.20.2.20": expected each of them once'],
    [
      { privateAddress: "10.20.0.3" },
      'privateAddress: "10.20.0.3": expected an address inside the subnet 10.20.0.0/24',
    ],
    [{ privateAddress: "10.20.0.255" }, "privateAddress:"],
    [{ privateAddress: "10.20.1.10" }, "privateAddress:"],
    [
      { subnet: { id: "s", cidr: "10.99.0.0/24" } },
      'subnet.cidr: "10.99.0.0/24": expected a block inside 10.20.0.0/16',
    ],
    [
      { subnet: { id: "s", cidr: "10.20.0.1/24" } },
      'subnet.cidr: "10.20.0.1/24": expected an IPv4 block without host bits',
    ],
    [{ subnet: { cidr: "10.20.0.0/24" } }, "subnet.id: missing: expected"],
    [{ probeSources: [] }, 'probeSources: []: expected at least one block while exposure is "staged"'],
    [
      { probeSources: ["0.0.0.0/0"] },
      'probeSources[0]: "0.0.0.0/0": expected a single host or a block no wider than /24',
    ],
    [{ exposure: "open" }, 'exposure: "open": expected one of staged, live'],
    [{ ports: [587] }, "ports: [587]: expected a list that contains 25"],
    [{ ports: [25, 587] }, "ports: [25,587]: expected no 465 and no 587"],
    [{ ports: [25, 70000] }, "ports[1]: 70000: expected a port number"],
    [{ postfix: { hardErrorLimit: 0 } }, "postfix.hardErrorLimit: 0: expected a whole number of errors from 1 to 100"],
    [{ postfix: { myHostname: "x" } }, 'postfix.myHostname: "x": expected no such argument'],
    [{ rootVolumeSize: 4 }, "rootVolumeSize: 4: expected a whole number of GiB"],
    [{ tags: { "relayproof:role": "internal-mail" } }, "tags.relayproof:role:"],
    [{ keyName: "admin" }, 'keyName: "admin": expected one of the arguments'],
  ])("%j", async (changes, message) => {
    const refused = await refusal(
      () => new aws.FrontEndMailServer("mx", { ...valid, ...changes } as aws.FrontEndMailServerArgs),
    );
    expect(refused).toContain('FrontEndMailServer "mx": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
