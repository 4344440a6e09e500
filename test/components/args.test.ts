import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkArgs, deferrable, each, input, nameOf, owner, plain } from "../../components/args";
import { frontEndFields, planFrontEnd } from "../../components/aws/parts/front-end-args";
import { address, fqdn } from "../../components/schemas";
import { lateRefusals } from "./harness";

const who = owner("Thing", "it");
const fields = {
  name: input(fqdn),
  servers: each(address),
  nested: plain(z.strictObject({ id: deferrable(fqdn) }).optional()),
};

/** What an output resolves to, or the error that it fails with. */
function settled(value: unknown): Promise<unknown> {
  return (pulumi.output(value) as unknown as { promise(): Promise<unknown> }).promise();
}

describe("arguments that are not known yet", () => {
  test("resolve to themselves if they are valid", async () => {
    const checked = checkArgs(who, fields, {
      name: pulumi.output("mx.example.com"),
      servers: ["10.0.0.1", Promise.resolve("10.0.0.2/32")],
    });
    expect(await settled(checked.name)).toBe("mx.example.com");
    expect(await settled(checked.servers)).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  test("fail in one line, when they are known, if they are not", async () => {
    const args = { name: pulumi.output("mx"), servers: [pulumi.output("10.0.0.300")] };
    expect(await lateRefusals(() => checkArgs(who, fields, args))).toEqual(
      new Set([
        'Thing "it": name: "mx": expected a fully qualified domain name such as mx1.example.com',
        'Thing "it": servers[0]: "10.0.0.300": expected an IPv4 address such as 10.20.10.10',
      ]),
    );
  });

  test("do not hide known ones that are not valid", () => {
    const args = { name: pulumi.output("mx.example.com"), servers: [pulumi.output("10.0.0.1"), "nowhere"] };
    expect(() => checkArgs(who, fields, args)).toThrow('Thing "it": servers[1]: "nowhere": expected an IPv4 address');
  });

  test("are refused where they decide which resources exist", () => {
    const args = { name: "mx.example.com", servers: pulumi.output(["10.0.0.1"]) };
    expect(() => checkArgs(who, fields, args)).toThrow("servers: not known yet: expected a list whose length is known");
  });

  test("are judged against the others when they are known", async () => {
    const args = {
      vpcId: "vpc-1",
      networkCidrs: ["10.20.0.0/16"],
      subnet: { id: "subnet-1", cidr: "10.20.0.0/24" },
      hostname: "mx1.example.com",
      domains: ["example.com"],
      exchangeServers: [pulumi.output("10.99.0.1")],
      privateAddress: pulumi.output("10.9.9.9"),
      exposure: "live",
    };
    const refusals = await lateRefusals(() => planFrontEnd(who, checkArgs(who, frontEndFields, args)));
    expect([...refusals].sort()).toEqual([
      expect.stringContaining('exchangeServers[0]: "10.99.0.1": expected an address inside the network 10.20.0.0/16'),
      expect.stringContaining('privateAddress: "10.9.9.9": expected an address inside the subnet 10.20.0.0/24'),
    ]);
  });
});

test("names of children follow the value where it is known", () => {
  expect(nameOf("10.20.0.10/32", 3)).toBe("10-20-0-10");
  expect(nameOf("10.20.0.0/24", 3)).toBe("10-20-0-0-24");
  expect(nameOf(pulumi.output("10.20.0.10"), 3)).toBe("4");
});

test("long values are cut, missing ones are called missing", () => {
  expect(() => checkArgs(who, fields, { name: "x".repeat(500) })).toThrow(/^Thing "it": name: "x{116}\.\.\.: expected/);
  expect(() => checkArgs(who, fields, {})).toThrow('Thing "it": name: missing: expected');
  expect(() => checkArgs(who, fields, { name: "a.example.com", nested: {} })).toThrow("nested.id: missing: expected");
});
