import { describe, expect, test } from "vitest";
import { ask } from "../ask";
import type { Input } from "../stack";
import { edge } from "./stack";

function weaknesses(osProfile: { readonly [key: string]: Input }) {
  const made = edge();
  const host = made.stack.azure(
    "compute:VirtualMachine",
    { networkProfile: { networkInterfaces: [] }, osProfile },
    { name: "vm" },
  );
  return ask(made.stack)
    .host(host)
    .weaknesses.map((item) => item.message);
}

describe("logins", () => {
  test("a Linux machine takes passwords unless they are turned off", () => {
    expect(weaknesses({ linuxConfiguration: { ssh: {} } })).toEqual([
      "vm accepts password logins: osProfile.linuxConfiguration.disablePasswordAuthentication is not set, expected true.",
    ]);
    expect(weaknesses({ linuxConfiguration: { disablePasswordAuthentication: true } })).toEqual([]);
  });

  test("Windows has no such switch", () => {
    expect(weaknesses({ windowsConfiguration: {} })).toEqual([]);
  });
});

describe("flow logs", () => {
  test("of the network, and not when turned off", () => {
    const made = edge();
    expect(ask(made.stack).network.logged.size).toBe(0);
    made.stack.azure("network:FlowLog", { targetResourceId: made.vnet, enabled: false });
    expect(ask(made.stack).network.logged.size).toBe(0);
    made.stack.azure("network:FlowLog", { targetResourceId: made.vnet });
    expect(ask(made.stack).network.logged).toEqual(new Set([made.vnet.urn]));
  });
});

test("custom data is a carrier of configuration", () => {
  const made = edge();
  const host = made.stack.azure(
    "compute:VirtualMachine",
    { networkProfile: { networkInterfaces: [] }, osProfile: { customData: "I2Nsb3Vk" } },
    { name: "vm" },
  );
  expect(ask(made.stack).host(host).carriers).toEqual([
    { at: { urn: host.urn, path: "osProfile.customData" }, value: "I2Nsb3Vk", encoding: "base64", secret: false },
  ]);
});
