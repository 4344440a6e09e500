import { describe, expect, test } from "vitest";
import { parsePolicyConfig } from "../../policies/config";
import { policies } from "../../policies/rules";
import { checkResource } from "../../policies/rules/smtp-security-group-ingress";
import { AzureStack, rule } from "../lower/azure/stack";

/** One resource alone, as Pulumi shows it to the policy before it exists. */
describe("a security rule of Azure by itself", () => {
  const { settings } = parsePolicyConfig({}, policies);
  const judged = (change: Parameters<typeof rule>[0]) => {
    const stack = new AzureStack();
    stack.azure("network:SecurityRule", { networkSecurityGroupName: "of another resource", ...rule(change) });
    return stack.snapshots.flatMap((resource) => checkResource(resource, settings).map(({ message }) => message));
  };

  test("is wide if it admits the Internet to SMTP", () => {
    expect(judged({})).toEqual([expect.stringContaining("opens SMTP (tcp 25) to 0.0.0.0/0")]);
  });

  test.each([
    ["it denies", { access: "Deny" }],
    ["it is for what leaves", { direction: "Outbound" }],
    ["it is for another port", { destinationPortRange: "443" }],
    ["it admits private addresses only", { sourceAddressPrefix: "10.0.0.0/8" }],
  ])("is not if %s", (_, change) => {
    expect(judged(change)).toEqual([]);
  });
});
