import { expect, test } from "vitest";
import { evaluateHost, readUserData } from "../../../policies/analysis/mta";
import { carriers } from "./carriers";
import { identities } from "./configurations";
import { Host, type Suite } from "./host";
import { contradictions, observe, running } from "./postfix";
import { forTheLab } from "./postfix-files";

/** Only what user data can use; the others ask for disks and keys that there are not. */
const modules = `datasource_list: [NoCloud]
cloud_init_modules: [bootcmd, write-files]
cloud_config_modules: [apt-configure, runcmd]
cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-user]
apt: {preserve_sources_list: true}
`;

/** What the evaluator makes of user data; it must be decided. */
export function answerOf(userData: string | Buffer) {
  const value = Buffer.from(userData).toString("base64");
  const carrier = readUserData("host", { urn: "host", path: "userData" }, value, "base64", false);
  const mta = evaluateHost(carrier === null ? [] : [carrier]);
  const answer = mta.kind === "known" ? mta.answers.find((it) => it.port === 25) : undefined;
  if (answer === undefined) throw new Error(`not evaluated: ${JSON.stringify(mta)}`);
  return answer;
}

/** Lets the real cloud-init apply user data, and holds the evaluator to the Postfix that comes of it. */
export function proveCarriersOn(suite: Suite): void {
  test.each(carriers)("user data: $name", async ({ userData }) => {
    const answer = answerOf(userData);
    const host = await Host.boot(suite, "base");
    try {
      const seed = "/var/lib/cloud/seed/nocloud";
      await host.write({
        "/etc/cloud/cloud.cfg.d/99_lab.cfg": modules,
        [`${seed}/meta-data`]: "instance-id: lab\n",
        [`${seed}/encoded`]: Buffer.from(userData).toString("base64"),
      });
      const { output } = await host.sh(`base64 -d ${seed}/encoded >${seed}/user-data
        cloud-init init --local && cloud-init init && cloud-init modules --mode=config && cloud-init modules --mode=final`);
      const main = await host.read("/etc/postfix/main.cf");
      if (main === null) throw new Error(`Postfix is not installed:\n${output}`);
      await host.write({ "/etc/postfix/main.cf": forTheLab + main });
      // What Debian's unit does before it starts Postfix.
      await host.sh(`postfix check; mkdir -p /var/spool/postfix/etc
        cp /etc/resolv.conf /etc/hosts /etc/services /etc/nsswitch.conf /var/spool/postfix/etc`);
      const wrong = await running(host, async (log) =>
        contradictions(host, answer, await observe(host, 25, identities, log)),
      );
      expect(wrong, `${main}\n${output}`).toEqual([]);
    } finally {
      host.close();
    }
  });
}
