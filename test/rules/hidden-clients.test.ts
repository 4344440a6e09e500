import { describe, expect, it } from "vitest";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { edge } from "../lower/azure/stack";
import { MailStack, postfix } from "./perimeter";

/** A front end of Azure at 10.0.1.10 with this trust list, on a public address or behind Azure Firewall. */
function frontEnd(mynetworks: string, behindFirewall: boolean): readonly ResourceSnapshot[] {
  const configuration = { privateIPAddress: "10.0.1.10" };
  const { stack, vnet, host } = edge(behindFirewall ? { publicIp: null, configuration } : { configuration });
  if (behindFirewall) {
    const subnet = stack.azure("network:Subnet", {
      virtualNetworkName: vnet,
      subnetName: "AzureFirewallSubnet",
      addressPrefix: "10.0.250.0/26",
    });
    const address = stack.azure("network:PublicIPAddress", { sku: { name: "Standard" } });
    const policy = stack.azure("network:FirewallPolicy", {}, { name: "policy" });
    const nat = {
      ...{ ruleType: "NatRule", name: "smtp", ipProtocols: ["TCP"], sourceAddresses: ["*"] },
      ...{ destinationAddresses: [address], destinationPorts: ["25"] },
      ...{ translatedAddress: "10.0.1.10", translatedPort: "25" },
    };
    stack.azure("network:FirewallPolicyRuleCollectionGroup", {
      firewallPolicyName: policy,
      priority: 100,
      ruleCollections: [
        {
          ...{ ruleCollectionType: "FirewallPolicyNatRuleCollection", priority: 100 },
          action: { type: "DNAT" },
          rules: [nat],
        },
      ],
    });
    stack.azure("network:AzureFirewall", {
      ipConfigurations: [{ name: "fw", subnet: { id: subnet }, publicIPAddress: { id: address } }],
      firewallPolicy: { id: policy },
    });
  }
  const osProfile = { customData: Buffer.from(postfix(mynetworks)).toString("base64") };
  const tags = { "relayproof:role": "front-end" };
  return stack.snapshots.map((item) =>
    item.urn === host.urn ? { ...item, properties: { ...item.properties, osProfile, tags } } : item,
  );
}

/** What is certainly wrong with relaying, as `policy severity`. */
function violations(snapshots: readonly ResourceSnapshot[]): string[] {
  return new MailStack()
    .reportOf(snapshots)
    .findings.filter(({ policy, outcome }) => /^open-relay|^mta-/.test(policy) && outcome === "violation")
    .map(({ policy, severity }) => `${policy} ${severity}`);
}

describe("the same configuration", () => {
  const wide = "mta-trust-list medium";

  it("is closed on a public address, and open behind a firewall that puts its own in place of the client's", () => {
    expect(violations(frontEnd("10.0.0.0/8", false))).toEqual([wide]);
    expect(violations(frontEnd("10.0.0.0/8", true))).toEqual([
      "mta-trust-list critical",
      "open-relay-path critical",
      wide,
    ]);
  });

  it("is closed behind the firewall as well if it does not trust the firewall's subnet", () => {
    expect(violations(frontEnd("10.0.2.0/24", true))).toEqual([]);
    expect(violations(frontEnd("10.0.250.0/26", true))).toEqual([
      "mta-trust-list critical",
      "open-relay-path critical",
    ]);
  });
});
