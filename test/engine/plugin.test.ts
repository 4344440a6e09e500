import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { loadFile } from "../../cli/sources/file";
import { describeOnEngine, pack, root, Workspace } from "./pulumi";

/** The components as programs in other languages get them: Pulumi starts the package as a plugin, which constructs what is asked for. */
const project = join(root, "examples/plugin");

describeOnEngine("the plugin", () => {
  it("tells Pulumi the schema that is kept", async () => {
    const pulumi = new Workspace({ project });
    const { stdout } = await pulumi.must("package", "get-schema", "../..");
    const kept = JSON.parse(readFileSync(join(root, "components/schema.json"), "utf8"));
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ name: "relayproof", version: kept.version });
    expect(Object.keys(told.resources).sort()).toEqual(Object.keys(kept.resources).sort());
    const perimeter = "relayproof:aws:MailPerimeter";
    expect(Object.keys(told.resources[perimeter].inputProperties).sort()).toEqual(
      Object.keys(kept.resources[perimeter].inputProperties).sort(),
    );
    expect(told.resources[perimeter].requiredInputs).toEqual(kept.resources[perimeter].requiredInputs);
  });

  it("constructs a perimeter, which the pack and the checker find closed", async () => {
    const pulumi = new Workspace({ project });
    await pulumi.must("stack", "init", "dev");
    const preview = await pulumi.must("preview", "--policy-pack", pack);
    expect(preview.policies).toEqual([]);
    const names = preview.changes.map(({ urn }) => urn.split("::").slice(2).join("::"));
    expect(names).toContain("relayproof:aws:MailPerimeter::mail");
    expect(names).toContain(
      "relayproof:aws:MailPerimeter$relayproof:aws:FrontEndMailServer$aws:ec2/instance:Instance::mail-front-end-1-instance",
    );

    await pulumi.must("up", "--yes", "--skip-preview");
    const outputs = JSON.parse((await pulumi.must("stack", "output", "--json")).stdout);
    expect(outputs.publicAddresses).toHaveLength(1);
    expect(outputs.exchangeGroupIds).toHaveLength(2);
    expect((await pulumi.must("preview", "--expect-no-changes")).changes).toEqual([]);

    const state = join(pulumi.directory, "state.json");
    writeFileSync(state, (await pulumi.must("stack", "export")).stdout);
    const report = judgeStack(await loadFile(state), readPolicyConfig({}));
    expect(report).toMatchObject({ verdict: "pass", findings: [] });
    expect(report.exposure).toMatchObject([{ port: 25, internet: ["0.0.0.0/0"] }]);
  });

  it("says in one line what is wrong with an argument", async () => {
    const pulumi = new Workspace({ project });
    const program = join(pulumi.directory, "index.ts");
    writeFileSync(program, readFileSync(program, "utf8").replace('"10.20.2.30"', '"0.0.0.0/0"'));
    await pulumi.must("stack", "init", "dev");
    const { status, stdout } = await pulumi.run("preview");
    expect(status).not.toBe(0);
    expect(stdout).toContain(
      'approvedSenders[0].cidr: "0.0.0.0/0": expected a single host or a block no wider than /24',
    );
    expect(stdout).not.toMatch(/\n\s+at /);
  });
});
