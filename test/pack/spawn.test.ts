import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SpawnedPack, spawnPack } from "./spawned";

/** The pack as Pulumi loads it: the folder `policies`, as it is built. */
let pack: SpawnedPack;

beforeAll(async () => {
  pack = await spawnPack(join(__dirname, "../../policies"));
}, 120_000);

afterAll(() => pack?.stop());

it("loads, describes every policy, and judges a stack", async () => {
  const { analyzer } = pack;
  const info = await analyzer.info();
  expect(info.name).toBe("relayproof");
  const names = info.policiesList.map((policy) => policy.name);
  expect(names[0]).toBe("perimeter");
  expect(names).toContain("open-relay-path");
  await analyzer.configure({ perimeter: { props: { undetermined: "sometimes" } } });
  const stack = {
    urn: "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev",
    type: "pulumi:pulumi:Stack",
    provider: false,
  };
  expect(await analyzer.analyzeStack([stack])).toMatchObject([
    { policy: "perimeter", level: "mandatory", message: expect.stringContaining("perimeter.undetermined") },
  ]);
  await analyzer.configure({});
  expect(await analyzer.analyzeStack([stack])).toEqual([]);
});
