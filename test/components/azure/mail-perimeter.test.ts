import { describe, expect, test } from "vitest";
import { azure } from "../../../components";
import { ofType, type Registered, refusal, register } from "../harness";

const least: azure.MailPerimeterArgs = {
  domains: ["example.com"],
  hostnames: ["mx1.example.com"],
  exchangeServers: ["10.20.1.20"],
  probeSources: ["198.51.100.7"],
  sshPublicKey: `ssh-ed25519 ${"A".repeat(68)} mail@example.com`,
};

const create = (changes: Partial<azure.MailPerimeterArgs> = {}) =>
  register(() => void new azure.MailPerimeter("mail", { ...least, ...changes }));

interface Rule {
  readonly [key: string]: unknown;
}

/** `Inbound 100 Allow Tcp 25 10.0.0.1/32` for every rule of a group, in order. */
function rulesOf(resources: readonly Registered[], name: string): string[] {
  const group = resources.find((it) => it.name === name && it.type.endsWith(":NetworkSecurityGroup"));
  return ((group?.inputs.securityRules ?? []) as Rule[]).map((rule) => {
    const near = rule.direction === "Inbound" ? "source" : "destination";
    const groups = (rule[`${near}ApplicationSecurityGroups`] ?? []) as { id: string }[];
    const blocks = rule[`${near}AddressPrefixes`] as string[] | undefined;
    const peer =
      rule[`${near}AddressPrefix`] ?? (blocks ? `${blocks.length} blocks` : groups.map(({ id }) => id).join());
    return `${rule.direction} ${rule.priority} ${rule.access} ${rule.protocol} ${rule.destinationPortRange} ${peer}`;
  });
}

test("the least arguments make a whole perimeter", async () => {
  const resources = await create();
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    "relayproof:azure:MailPerimeter": 1,
    "relayproof:azure:PerimeterNetwork": 1,
    "relayproof:azure:FrontEndMailServer": 1,
    "relayproof:azure:ExchangeSecurityGroups": 1,
    "azure-native:resources:ResourceGroup": 1,
    "azure-native:network:VirtualNetwork": 1,
    "azure-native:network:Subnet": 2,
    "azure-native:network:RouteTable": 2,
    "azure-native:network:Route": 2,
    "azure-native:network:FlowLog": 1,
    "azure-native:storage:StorageAccount": 1,
    "azure-native:network:NetworkSecurityGroup": 2,
    "azure-native:network:ApplicationSecurityGroup": 2,
    "azure-native:network:PublicIPAddress": 1,
    "azure-native:network:NetworkInterface": 1,
    "azure-native:managedidentity:UserAssignedIdentity": 1,
    "azure-native:compute:VirtualMachine": 1,
  });
});

test("a front end admits probes while staged and everybody when live, and Exchange; everything else is denied", async () => {
  const out = [
    "Outbound 100 Allow Tcp 25 38 blocks",
    "Outbound 101 Allow Tcp 25 10.20.1.20/32",
    "Outbound 102 Allow Tcp 443 38 blocks",
    "Outbound 4096 Deny * * *",
  ];
  const exchange = "Inbound 101 Allow Tcp 25 10.20.1.20/32";
  const rest = "Inbound 4096 Deny * * *";
  expect(rulesOf(await create(), "mail-front-end-1-rules")).toEqual([
    "Inbound 100 Allow Tcp 25 198.51.100.7/32",
    exchange,
    rest,
    ...out,
  ]);
  expect(rulesOf(await create({ exposure: azure.Exposure.Live }), "mail-front-end-1-rules")).toEqual([
    "Inbound 100 Allow Tcp 25 0.0.0.0/0",
    exchange,
    rest,
    ...out,
  ]);
});

test("Exchange admits itself, the front ends and approved senders, before a rule that denies the virtual network", async () => {
  const resources = await create({ approvedSenders: ["10.20.16.25"] });
  expect(rulesOf(resources, "mail-exchange-rules")).toEqual([
    "Inbound 100 Allow * * mail-exchange-servers-id",
    "Inbound 101 Allow Tcp 25 10.20.0.10/32",
    "Inbound 102 Allow Tcp 25 10.20.16.25/32",
    "Inbound 4096 Deny * * *",
    "Outbound 100 Allow * * mail-exchange-servers-id",
    "Outbound 101 Allow Tcp 25 10.20.0.10/32",
    "Outbound 4096 Deny * * *",
  ]);
});

test("the VM takes no passwords, is encrypted on its host, has a pinned image, and is deleted before it is replaced", async () => {
  const [machine] = ofType(await create(), "azure-native:compute:VirtualMachine");
  expect(machine?.deleteBeforeReplace).toBe(true);
  expect(machine?.inputs).toMatchObject({
    securityProfile: { encryptionAtHost: true },
    osProfile: { linuxConfiguration: { disablePasswordAuthentication: true } },
    storageProfile: { imageReference: { publisher: "Debian", offer: "debian-13", version: "0.20251117.2299" } },
    networkProfile: { networkInterfaces: [{ id: "mail-front-end-1-interface-id", deleteOption: "Detach" }] },
    tags: { "relayproof:role": "front-end" },
  });
  const profile = machine?.inputs.osProfile as { customData: string } | undefined;
  const text = Buffer.from(profile?.customData ?? "", "base64").toString();
  expect(text).toContain("smtpd_relay_restrictions");
  expect(text).not.toContain("ntp:");
});

test("going live changes rules and nothing else", async () => {
  const hostnames = ["mx1.example.com", "mx2.example.com"];
  const rest = (resources: Registered[]) =>
    resources.filter(({ type }) => !type.startsWith("relayproof:") && !type.endsWith(":NetworkSecurityGroup"));
  expect(rest(await create({ hostnames, exposure: azure.Exposure.Live }))).toEqual(rest(await create({ hostnames })));
});

test("a first preview, in which no id is known, goes through", async () => {
  const resources = await register(() => void new azure.MailPerimeter("mail", least), { preview: true });
  expect(ofType(resources, "azure-native:compute:VirtualMachine")).toHaveLength(1);
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ sshPublicKey: "x" }, 'MailPerimeter "mail": sshPublicKey: "x": expected a public key in one line'],
    [{ hostnames: [] }, 'MailPerimeter "mail": hostnames: []: expected at least one name'],
    [{ probeSources: [] }, "probeSources: []: expected at least one block while exposure"],
    [{ approvedSenders: ["0.0.0.0/0"] }, 'approvedSenders[0]: "0.0.0.0/0": expected a single host'],
    [{ network: { cidr: "10.0.0.0/30" } }, 'cidr: "10.0.0.0/30": expected an IPv4 block between /8 and /29'],
    [{ servers: { size: "large" } }, 'size: "large": expected one of the arguments'],
  ])("%j", async (changes, message) => {
    const args = { ...least, ...changes } as azure.MailPerimeterArgs;
    const refused = await refusal(() => new azure.MailPerimeter("mail", args));
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
