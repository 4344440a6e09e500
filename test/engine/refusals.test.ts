import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import { beforeEach, expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { loadProgram } from "../../cli/sources/program";
import { Account } from "./account";
import { emulator } from "./emulator";
import { describeOnEngine, moto, pack, root, Workspace } from "./pulumi";

/** What stops a user, when, and with which words. */
describeOnEngine("a refusal", () => {
  const aws = emulator(moto);
  let account: Account;
  beforeEach(async () => {
    account = new Account(aws.url);
    await account.reset();
  });
  const workspace = (project: string) => new Workspace({ project: join(root, project), endpoint: () => aws.url });

  it("comes from the pack at the preview of an open relay, with the whole path", async () => {
    const pulumi = workspace("examples/open-relay");
    await pulumi.must("stack", "init", "dev");
    const { status, stdout } = await pulumi.run("preview", "--policy-pack", pack);
    expect(status).not.toBe(0);
    const section = policySection(stdout);
    const directory = join(root, "examples/open-relay");
    const { findings } = judgeStack(await loadProgram({ directory, stack: "dev" }), readPolicyConfig({}));
    expect(findings.map(({ policy }) => policy)).toContain("open-relay-path");
    for (const { policy, enforcement, severity, message, path = [] } of findings) {
      expect(section).toContain(`- [${enforcement}] [severity: ${severity}]  ${policy}  (aws:ec2:Instance: gateway)`);
      for (const words of [message, ...path.map(({ detail }) => detail)]) expect(section).toContain(words);
    }
    expect(await account.contents()).toEqual([]);
  }, 300_000);

  it("comes from the policy on single resources before the rule exists, in an update without preview", async () => {
    const pulumi = workspace("test/engine/programs/wide");
    await pulumi.must("stack", "init", "dev");
    const config = join(pulumi.directory, "policies.json");
    writeFileSync(config, JSON.stringify({ "smtp-security-group-ingress": "mandatory" }));
    const flags = ["--yes", "--skip-preview", "--policy-pack", pack, "--policy-pack-config", config];
    const { status, stdout } = await pulumi.run("up", ...flags);
    expect(status).not.toBe(0);
    expect(policySection(stdout)).toMatchInlineSnapshot(`
      "
          ❌ relayproof@v0.1.0 (local: policies)
              - [mandatory] [severity: high]  smtp-security-group-ingress  (aws:ec2:SecurityGroup: wide)
                The rule wide ingress[0] of security group wide opens SMTP (tcp 25) to 0.0.0.0/0.
                Fix: Admit tcp 25 from named servers only.
      "
    `);
    expect((await account.contents()).filter((id) => id.startsWith("sg-"))).toEqual([]);
  }, 300_000);

  it("comes from EC2 for what cannot be", async () => {
    const pulumi = workspace("test/engine/programs/refused");
    await pulumi.must("stack", "init", "dev");
    await pulumi.must("preview");
    const { status, stdout } = await pulumi.run("up", "--yes", "--skip-preview", "--continue-on-error");
    expect(status).not.toBe(0);
    expect(errors(stdout)).toMatchInlineSnapshot(`
      [
        "association-again: Resource -… is already associated.",
        "card-again: InvalidIPAddress.InUse: Address 10.0.1.10 is in use.",
        "card-elsewhere: InvalidParameterValue: Address 10.0.2.10 does not fall within the subnet's address range",
        "entry-again: The network acl entry identified by 100 already exists.",
        "gateway-again: InvalidParameterValue: Network vpc-… already has an internet gateway attached",
        "nowhere: The routeTable ID 'rtb-…' does not exist",
        "outside: The CIDR '10.1.0.0/24' is invalid.",
        "overlapping: The CIDR '10.0.1.128/25' conflicts with another subnet",
        "rule-again: The specified rule already exists",
      ]
    `);
  }, 300_000);

  it("comes from a refresh that expects no change, after somebody took a rule away", async () => {
    const pulumi = workspace("test/engine/programs/wide");
    await pulumi.must("stack", "init", "dev");
    await pulumi.must("up", "--yes", "--skip-preview");
    await pulumi.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    const [rule] = await account.groupRules("wide");
    await account.ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: rule?.GroupId,
        SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ""],
      }),
    );
    const { status } = await pulumi.run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(status).not.toBe(0);
    const repaired = await pulumi.must("up", "--yes", "--skip-preview");
    expect(repaired.changes.map(({ op, properties }) => [op, ...properties])).toEqual([["update", "ingress"]]);
    expect(await account.groupRules("wide")).toHaveLength(1);
  }, 300_000);
});

/** What the CLI prints about policies: name, level and message of each finding. */
function policySection(stdout: string): string {
  const [, section = ""] = /^Policies:\n([\s\S]*?)\n\n?(?=Diagnostics:)/m.exec(stdout) ?? [];
  return `\n${section.replaceAll(pack, "policies").trimEnd()}\n`;
}

/** Each error that the CLI prints, with the resource that it is about, without what differs from run to run. */
function errors(stdout: string): string[] {
  const [, diagnostics = ""] = stdout.split(/^Diagnostics:\n/m);
  const found = diagnostics.matchAll(/^ {2}aws:[\w:]+ \(([\w-]+)\):\n {4}error: (.*)$/gm);
  return [...found]
    .map(([, name, text = ""]) => `${name}: ${text.replace(/\b([a-z]+)-[0-9a-f]{8,}|127(\.\d+){3}/g, "$1-…")}`)
    .sort();
}
