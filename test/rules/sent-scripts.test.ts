import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import type { Inputs, Resource } from "../lower/stack";
import { MailStack } from "./perimeter";

const main = (networks: string) => [
  "apt-get install -y postfix",
  "cat > /etc/postfix/main.cf <<'END'",
  "compatibility_level = 3.6",
  "mydestination =",
  `mynetworks = ${networks}`,
  "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
  "END",
];
const world = main("0.0.0.0/0");
const document = (runCommand: readonly string[], parameters = {}) =>
  JSON.stringify({
    schemaVersion: "2.2",
    parameters,
    mainSteps: [{ action: "aws:runShellScript", name: "relay", inputs: { runCommand } }],
  });

/** Findings about whom the MTA of a front end trusts that is configured by an association alone, or beside this user data. */
function trust(association: (s: MailStack, host: Resource) => Inputs, userData?: string) {
  const s = new MailStack().logged();
  const host = s.frontEnd(s.group("closed"), { userData });
  const targets = [{ key: "tag:relayproof:role", values: ["front-end"] }];
  s.addType("aws:ssm/association:Association", { targets, ...association(s, host) } as Inputs);
  return s.report().findings.filter(({ policy }) => policy === "mta-trust-list");
}
const told = (...[association, userData]: Parameters<typeof trust>) =>
  trust(association, userData).map(({ outcome, severity }) => `${severity} ${outcome}`);
const open = ["critical violation"];
const named = (content: string, more: Inputs = {}, parameters: Inputs = {}) => {
  return (s: MailStack) =>
    ({
      name: s.addType("aws:ssm/document:Document", { documentType: "Command", content, ...more }),
      parameters,
    }) as Inputs;
};

describe("a shell script of Systems Manager", () => {
  it("is read from a document, whose line the path shows", () => {
    const [finding] = trust(named(document(world)));
    expect(finding).toMatchObject({ outcome: "violation", resource: expect.stringMatching(/::front-end$/) });
    expect(finding?.path.at(-1)).toMatchObject({
      resource: expect.stringMatching(/:Document::/),
      detail: expect.stringMatching(/mynetworks = 0\.0\.0\.0\/0 \(content: relay:5\)$/),
    });
  });

  it("in YAML, in the older schema, and from AWS-RunShellScript by name or ARN", () => {
    const lines = world.map((line) => `      - ${JSON.stringify(line)}\n`).join("");
    const yaml = `schemaVersion: '2.2'\nmainSteps:\n- action: aws:runShellScript\n  name: x\n  inputs:\n    runCommand:\n${lines}`;
    expect(told(named(yaml, { documentFormat: "YAML" }))).toEqual(open);
    const old = { "aws:runShellScript": { properties: [{ id: "0", runCommand: world }] } };
    expect(told(named(JSON.stringify({ schemaVersion: "1.2", runtimeConfig: old })))).toEqual(open);
    for (const name of ["AWS-RunShellScript", "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"])
      expect(told(() => ({ name, parameters: { commands: world.join("\n") } }))).toEqual(open);
  });

  it("for instances by id, by tag, or for all", () => {
    const parameters = { commands: world.join("\n") };
    const to = (key: string, values: (host: Resource) => unknown[]) =>
      told((_, host) => ({
        name: "AWS-RunShellScript",
        parameters,
        targets: [{ key, values: values(host) }] as never,
      }));
    expect(to("InstanceIds", (host) => [host])).toEqual(open);
    expect(to("InstanceIds", () => ["*"])).toEqual(open);
    // A front end whose MTA is not in the stack.
    expect(to("tag:relayproof:role", () => ["web"])).toEqual(["critical undetermined"]);
  });

  it("with the association's parameters, or the document's", () => {
    const content = document(main("{{ networks }}"), { networks: { type: "String", default: "0.0.0.0/0" } });
    expect(told(named(content))).toEqual(open);
    expect(told(named(content, {}, { networks: "127.0.0.0/8" }))).toEqual([]);
    expect(told(named(content, {}, { networks: new Unknown() }))).toEqual(["critical undetermined"]);
    expect(told(named(document(main("{{ networks }}"))))).toEqual(["critical undetermined"]);
  });

  it("that is not in the program may do anything; what AWS does to any machine does not", () => {
    const closed = `#!/bin/sh\n${main("127.0.0.0/8").join("\n")}\n`;
    expect(told(() => ({ name: "Elsewhere" }), closed)).toEqual(["critical undetermined"]);
    expect(told(() => ({ name: "AWS-RunRemoteScript" }), closed)).toEqual(["critical undetermined"]);
    for (const name of ["AWS-UpdateSSMAgent", "AWS-GatherSoftwareInventory", "AWS-RunPatchBaseline"])
      expect(told(() => ({ name }), closed)).toEqual([]);
  });

  it("before or after user data: it may open what that closes", () => {
    const closed = `#!/bin/sh\n${main("127.0.0.0/8").join("\n")}\n`;
    const outcomes = trust(named(document(world)), closed).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["undetermined"]);
  });
});
