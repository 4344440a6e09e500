import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Account } from "./account";
import { emulator } from "./emulator";
import { type Change, describeOnEngine, moto, pack, root, Workspace } from "./pulumi";

/**
 * The life of every shipped environment on Pulumi's own engine, in an account that an emulator of AWS plays: what a user does, in the
 * order in which a user does it.
 */
const stacks = readdirSync(join(root, "stacks")).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
const environments = stacks.filter((stack) => !stack.startsWith("azure-"));
const RULE = /:(?:SecurityGroup(?:Ingress|Egress)Rule|NetworkAclRule)$/;
const key = (name: string) => `mail-perimeter:${name}`;

describeOnEngine("an environment", () => {
  const aws = emulator(moto);

  it.each(environments)(
    "%s comes up, goes live and back, follows its configuration, and leaves nothing",
    async (stack) => {
      const account = new Account(aws.url);
      await account.reset();
      const pulumi = new Workspace({ project: root, endpoint: () => aws.url });
      const up = async (...more: string[]) => (await pulumi.must("up", "--yes", "--skip-preview", ...more)).changes;
      const set = (name: string, value: string) => pulumi.must("config", "set", "--path", key(name), value);
      await pulumi.must("stack", "init", stack);

      const preview = await pulumi.must("preview", "--policy-pack", pack);
      expect(preview.policies).toEqual([]);
      expect(await account.contents(), "a preview creates nothing").toEqual([]);
      const created = await up();
      expect(created.map(({ op }) => op)).toEqual(created.map(() => "create"));
      expect(namesOf(created)).toEqual(namesOf(preview.changes));
      await up("--expect-no-changes");

      const first = await account.rules();
      const exposure = (await pulumi.must("config", "get", key("exposure"))).stdout.trim();
      const other = exposure === "live" ? "staged" : "live";
      if (other === "staged") await set("probeSources[0]", "198.51.100.7/32");
      await up();
      await set("exposure", other);
      expect(resourcesIn(await up())).toSatisfy((changes: Change[]) => changes.length > 0 && changes.every(isRule));
      const second = await account.rules();
      expect(second.some((rule) => /in tcp 25-25 0\.0\.0\.0\/0$/.test(rule))).toBe(other === "live");
      await set("exposure", exposure);
      expect(resourcesIn(await up()).every(isRule)).toBe(true);
      expect(await account.rules()).toEqual(first);

      const machines = await account.machines();
      const domain = (await pulumi.must("config", "get", "--path", key("domains[0]"))).stdout.trim();
      await set("domains[1]", `added.${domain}`);
      const mail = resourcesIn(await up("--policy-pack", pack))
        .filter(({ urn }) => !urn.includes("aws:route53/"))
        .map(inWords);
      expect(mail, "a configuration goes to one machine after the other").toEqual(
        machines.flatMap((_, i) => [
          `update mail-front-end-${i + 1}-configuration`,
          `delete-replaced mail-front-end-${i + 1}-configuration-association`,
          `replace mail-front-end-${i + 1}-configuration-association`,
          `create-replacement mail-front-end-${i + 1}-configuration-association`,
        ]),
      );
      expect(await account.machines()).toEqual(machines);

      const before = await account.holdings();
      await set("imageName", "debian-13-amd64-20991231-0001");
      const replaced = resourcesIn(await up()).filter(({ op }) => op.startsWith("create") || op.startsWith("delete"));
      const kinds = ["queue-attachment", "instance", "configuration-association"];
      expect(new Set(replaced.map(({ urn }) => nameOf(urn).replace(/^mail-front-end-\d+-/, "")))).toEqual(
        new Set(kinds),
      );
      const touched = replaced.map(({ urn }) => Number(/front-end-(\d+)/.exec(nameOf(urn))?.[1]));
      expect(touched, "one machine after the other").toEqual([...touched].sort());
      const after = await account.holdings();
      expect(after, "volumes, addresses and interfaces stay").toEqual(before);
      expect((await account.machines()).filter((id) => machines.includes(id))).toEqual([]);

      await pulumi.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      if (stack !== "dev") {
        const refused = await pulumi.run("destroy", "--yes", "--skip-preview");
        expect([refused.status !== 0, refused.stderr + refused.stdout]).toEqual([
          true,
          expect.stringContaining("protect"),
        ]);
        expect(await account.volumes(), "a queue is not deleted").toEqual(before.volumes);
        await set("queueVolume.protect", "false");
        await up();
      }
      await pulumi.must("destroy", "--yes", "--skip-preview");
      expect(await account.contents()).toEqual([]);
      expect(existsSync(pulumi.store) ? readdirSync(pulumi.store) : []).toEqual([]);
    },
    600_000,
  );
});

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function inWords({ op, urn }: Change): string {
  return `${op} ${nameOf(urn)}`;
}

/** Changes of what the cloud holds: components change with their arguments. */
function resourcesIn(changes: readonly Change[]): Change[] {
  return changes.filter(({ urn }) => /::(?:.*\$)?aws:[^$]*::/.test(urn));
}

/** Rules and MX records come and go; none is replaced, so that no number and no quota is taken twice. */
function isRule({ op, urn }: Change): boolean {
  const isMx = /:route53\/record:Record::.*-mx-[^:]*$/.test(urn);
  return (isMx || RULE.test(urn.split("::")[2] ?? "")) && (op === "create" || op === "delete");
}

function namesOf(changes: readonly Change[]): string[] {
  return changes.map(({ urn }) => urn).sort();
}
