import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { policies } from "../../policies/rules";
import { type SpawnedPack, spawnPack } from "../pack/spawned";
import { freshFolder, npm, packed, root, run } from "./npm";

/** The policy pack as `pulumi policy publish` takes it, and as a CLI unpacks and installs it: `npm pack` in its folder. */

let files: readonly string[];
let pack: SpawnedPack;

beforeAll(async () => {
  const { tarball, files: contents } = packed(join(root, "policies"));
  files = contents;
  const folder = freshFolder();
  run(folder, "tar", "-xzf", tarball, "--strip-components=1");
  npm(folder, "install", "--omit=dev");
  pack = await spawnPack(folder);
});

afterAll(() => pack?.stop());

it("holds the pack and nothing else", () => {
  expect([...files].sort()).toEqual(["PulumiPolicy.yaml", "dist/index.js", "dist/index.js.map", "package.json"]);
});

it("runs by itself", async () => {
  const info = await pack.analyzer.info();
  expect(info.policiesList.map(({ name }) => name)).toEqual(["perimeter", ...policies.map(({ name }) => name)]);
});

it("rejects a rule that opens SMTP, and a configuration that it cannot use", async () => {
  const { analyzer } = pack;
  await analyzer.configure({ "smtp-security-group-ingress": { level: "mandatory" } });
  const urn = "urn:pulumi:dev::mail::aws:ec2/securityGroup:SecurityGroup::open";
  const ingress = [{ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["0.0.0.0/0"] }];
  expect(
    await analyzer.analyze({ urn, type: "aws:ec2/securityGroup:SecurityGroup", props: { ingress } }),
  ).toMatchObject([{ policy: "smtp-security-group-ingress", level: "mandatory", urn }]);
  await analyzer.configure({ perimeter: { props: { undetermined: "sometimes" } } });
  const stack = {
    urn: "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev",
    type: "pulumi:pulumi:Stack",
    provider: false,
  };
  expect(await analyzer.analyzeStack([stack])).toMatchObject([{ policy: "perimeter", level: "mandatory" }]);
});
