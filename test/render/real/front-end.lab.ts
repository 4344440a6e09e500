import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrap, type DeliverySettings, delivery } from "../../../components/render";
import type { Host } from "../../mta/real/host";
import { filesOfUserData } from "../support";
import { deliver, firstBoot, labCloud, send } from "./machine";

const settings: DeliverySettings = {
  hostname: "mx.example.org",
  domains: ["example.org"],
  exchangeServers: ["10.0.2.20"],
  cloud: labCloud,
  resolver: "cloud",
};
const exchange = "10.0.2.20";
const stranger = "203.0.113.9";

/** One machine, from its first boot through the years: each test starts where the one before it ended. */
describe("a front end", () => {
  let host: Host;
  let output: string;
  beforeAll(async () => {
    const userData = bootstrap({ hostname: settings.hostname, cloud: labCloud, resolver: "cloud" });
    ({ host, output } = await firstBoot(userData));
  });
  afterAll(() => host?.close());
  const main = () => host.read("/etc/postfix/main.cf");

  test("is closed after its first boot", async () => {
    expect(await main(), output).toMatch(/^# Closed/);
    expect(await host.read("/cloud/agent"), output).not.toBeNull();
    expect((await host.run(["postfix", "status"])).status).toBe(0);
    expect((await send(host, stranger, "someone@example.org")).last).toMatch(/ECONNREFUSED/);
    expect((await send(host, "127.0.0.1", "someone@example.org")).last).toMatch(/^554/);
  });

  test("serves after a delivery, and refuses to relay", async () => {
    const { status, output } = await deliver(host, delivery(settings));
    expect(status, output).toBe(0);
    expect(output).toMatch(/the new configuration serves/);
    expect((await send(host, stranger, "someone@elsewhere.test")).last).toMatch(/^554 5\.7\.1/);
    const inbound = await send(host, stranger, "first@example.org");
    expect(inbound).toMatchObject({ accepted: true });
    expect(await host.arrived("first@example.org")).toBe(true);
    expect(await send(host, exchange, "out@elsewhere.test", "user@example.org")).toMatchObject({ accepted: true });
    expect(await host.arrived("out@elsewhere.test")).toBe(true);
  });

  test("has nothing to do when the same is delivered again", async () => {
    const before = [await main(), await pid(host), await reloads(host)];
    const { status, output } = await deliver(host, delivery(settings));
    expect(status, output).toBe(0);
    expect(output).toMatch(/nothing has changed/);
    expect([await main(), await pid(host), await reloads(host)]).toEqual(before);
  });

  test("takes over what is changed, while its queue goes on", async () => {
    const before = await main();
    const more = { ...settings, domains: ["example.org", "example.net"] };
    expect((await send(host, stranger, "second@example.net")).last).toMatch(/^554/);
    const { status, output } = await deliver(host, delivery(more));
    expect(status, output).toBe(0);
    expect(await send(host, stranger, "second@example.net")).toMatchObject({ accepted: true });
    expect(await host.read("/var/lib/relayproof/generations/1/main.cf")).toBe(before);
    const back = await deliver(host, delivery(settings));
    expect(back.status, back.output).toBe(0);
    expect(await host.read("/var/lib/relayproof/generations/2/main.cf")).toBe(before);
    expect(await host.read("/etc/postfix.new/main.cf")).toBeNull();
  });

  describe("an update that is bad is refused or put back, and the old configuration serves", () => {
    const bad: [string, RegExp, (script: string) => string][] = [
      [
        "a parameter that does not exist",
        /unused parameter: smtpd_reley_restrictions[\s\S]*the old one stays/,
        (it) => it.replace("smtpd_relay_restrictions =", "smtpd_reley_restrictions ="),
      ],
      [
        "a line of master.cf that is none",
        /invalid type field[\s\S]*the old one stays/,
        (it) => it.replace("smtp      inet  n", "smtp      intern  n"),
      ],
      [
        "a restriction that does not exist",
        /expected 220[\s\S]*the old one is back/,
        (it) => it.replace("reject_unauth_destination", "reject_strangers"),
      ],
      [
        "a listener on another port",
        /the old one is back/,
        (it) => it.replace("smtp      inet  n", "2526      inet  n"),
      ],
      [
        "an open relay",
        /answers "[^"]*undeliverable[^"]*" to "RCPT[^"]*": expected 554[\s\S]*the old one is back/,
        (it) => it.replace("reject_unauth_destination", "permit_mynetworks, reject_unauth_destination"),
      ],
    ];
    test.each(bad)("%s", async (_, message, spoil) => {
      const before = await main();
      const good = delivery({ ...settings, postfix: { recipientLimit: 99 } });
      const script = spoil(good);
      expect(script).not.toBe(good);
      const { status, output } = await deliver(host, script);
      expect(status, output).not.toBe(0);
      expect(output).toMatch(message);
      expect(await main()).toBe(before);
      expect((await send(host, stranger, "someone@elsewhere.test")).last).toMatch(/^554 5\.7\.1/);
      expect(await send(host, stranger, "third@example.org")).toMatchObject({ accepted: true });
    });
  });

  test("is left alone by a run that cannot write", async () => {
    const before = await main();
    const script = delivery(settings).replace(
      "cat >/etc/postfix.new/master.cf",
      "cat >/etc/postfix.new/none/master.cf",
    );
    expect((await deliver(host, script)).status).not.toBe(0);
    expect(await main()).toBe(before);
  });

  test("takes one of two deliveries at a time", async () => {
    const limits = [31, 32, 33];
    const runs = limits.map((recipientLimit, i) =>
      deliver(host, delivery({ ...settings, postfix: { recipientLimit } }), `deliver${i}`),
    );
    for (const { status, output } of await Promise.all(runs)) expect(status, output).toBe(0);
    expect(limits.map((limit) => `smtpd_recipient_limit = ${limit}`)).toContain(
      /^smtpd_recipient_limit.*$/m.exec((await main()) ?? "")?.[0],
    );
    expect(await send(host, stranger, "fourth@example.org")).toMatchObject({ accepted: true });
  });

  describe("with a list of recipients that is fetched", () => {
    const listed = { ...settings, recipientsObject: true };
    const fetch = () => host.run(["/bin/sh", "-c", "/usr/local/lib/relayproof/recipients 2>&1"]);
    const table = "/var/lib/relayproof/recipients";
    const people = Array.from({ length: 10 }, (_, i) => `person${i}@example.org`);

    test("refuses for the time being while there is no list", async () => {
      const { status, output } = await deliver(host, delivery(listed));
      expect(status, output).toBe(0);
      expect(output).toMatch(/recipients cannot be fetched now/);
      expect((await send(host, stranger, "person1@example.org")).last).toMatch(/^45[01]/);
      expect((await send(host, stranger, "nobody@example.org")).last).toMatch(/^45[01]/);
    });

    test("accepts those that are listed once it is there", async () => {
      await host.write({ "/cloud/recipients": `# Staff\r\n\r\n${people.join("\r\n")}\n  Person.Ten@Example.ORG ` });
      const { status, output } = await fetch();
      expect(status, output).toBe(0);
      for (const to of ["person1@example.org", "person.ten@example.org", "abuse@example.org"])
        expect(await send(host, stranger, to), to).toMatchObject({ accepted: true });
      expect((await send(host, stranger, "nobody@example.org")).last).toMatch(/^550 5\.1\.1/);
    });

    test.each([
      ["is missing", null, /No such file/],
      ["is empty", "", /is empty/],
      ["has nothing but comments", "# nobody\n", /is empty/],
      ["is an error page", "<html>\n<p>no such key</p>\n", /no mail address/],
      ["is less than half as long", "person1@example.org\n", /less than half/],
    ])("keeps the list that it has when the object %s", async (_, object, message) => {
      const before = await host.read(table);
      if (object === null) await host.remove("/cloud/recipients");
      else await host.write({ "/cloud/recipients": object });
      const { status, output } = await fetch();
      expect(status, output).not.toBe(0);
      expect(output).toMatch(message);
      expect(await host.read(table)).toBe(before);
      expect(await send(host, stranger, "person1@example.org")).toMatchObject({ accepted: true });
    });

    test("refuses for the time being when the table is lost, until it is fetched again", async () => {
      await host.write({ "/cloud/recipients": people.join("\n") });
      await host.remove(table);
      await host.run(["postfix", "reload"]);
      expect((await send(host, stranger, "person1@example.org")).last).toMatch(/^45[01]/);
      expect((await send(host, stranger, "nobody@example.org")).last).toMatch(/^45[01]/);
      const { status, output } = await fetch();
      expect(status, output).toBe(0);
      expect(await send(host, stranger, "person1@example.org")).toMatchObject({ accepted: true });
    });

    test("takes the fetching away when the setting is", async () => {
      expect(await host.read("/etc/systemd/system/relayproof-recipients.timer")).not.toBeNull();
      expect((await deliver(host, delivery(settings))).status).toBe(0);
      expect(await host.read("/etc/systemd/system/relayproof-recipients.timer")).toBeNull();
      expect(await send(host, stranger, "anybody@example.org")).toMatchObject({ accepted: true });
    });
  });

  test("holds outbound mail and goes on with inbound, through a reboot, until it is let go", async () => {
    const held = await deliver(host, delivery({ ...settings, outbound: "held" }));
    expect(held.status, held.output).toBe(0);
    expect(await send(host, exchange, "waits@elsewhere.test", "user@example.org")).toMatchObject({ accepted: true });
    expect(await send(host, stranger, "goes-on@example.org")).toMatchObject({ accepted: true });
    expect(await host.arrived("goes-on@example.org")).toBe(true);

    await host.killAll();
    expect((await send(host, stranger, "someone@example.org")).last).toMatch(/ECONNREFUSED/);
    await host.run(["systemctl", "start", "postfix"]);
    expect(await send(host, stranger, "after-reboot@example.org")).toMatchObject({ accepted: true });
    expect(await host.arrived("after-reboot@example.org")).toBe(true);
    expect((await host.run(["postqueue", "-p"])).output).toMatch(/waits@elsewhere\.test/);

    const open = await deliver(host, delivery(settings));
    expect(open.status, open.output).toBe(0);
    await host.run(["postqueue", "-f"]);
    expect(await host.arrived("waits@elsewhere.test")).toBe(true);
  });

  test("hands outbound mail to the smart host only, with a login that only root may read", async () => {
    await host.write({ "/cloud/smart-host-secret": JSON.stringify({ username: "AKIA", password: "pa ss:w=rd" }) });
    const { status, output } = await deliver(
      host,
      delivery({ ...settings, smartHost: { host: "smtp.elsewhere.test" } }),
    );
    expect(status, output).toBe(0);
    const table = "/var/lib/relayproof/smart-host";
    expect(await host.read(table)).toBe("[smtp.elsewhere.test]:587 AKIA:pa ss:w=rd\n");
    expect((await host.run(["stat", "-c", "%a %U", table])).output).toBe("600 root\n");
    const { output: login } = await host.run(["postmap", "-q", "[smtp.elsewhere.test]:587", `texthash:${table}`]);
    expect(login).toBe("AKIA:pa ss:w=rd\n");
    expect(await send(host, exchange, "no-tls@elsewhere.test", "user@example.org")).toMatchObject({ accepted: true });
    expect(await send(host, stranger, "inbound@example.org")).toMatchObject({ accepted: true });
    expect(await host.arrived("inbound@example.org")).toBe(true);
    // The other side offers no TLS, so neither the login nor the mail is sent.
    const { output: queue } = await host.run(["postqueue", "-p"]);
    expect(queue).toMatch(
      /TLS is required, but was not offered by host smtp\.elsewhere\.test[\s\S]*no-tls@elsewhere\.test/,
    );
  });

  test("stores the mail log without losing a line when the cloud does not answer", async () => {
    // The journal of the lab: a file of numbered lines, and a cursor that counts them.
    await host.write({
      "/usr/local/bin/journalctl": `#!/bin/bash
for word in "$@"; do case $word in --cursor-file=*) cursor=\${word#*=} ;; --lines=+*) lines=\${word#*+} ;; esac; done
from=$(cat "$cursor" 2>/dev/null || echo 0)
tail -n "+$((from + 1))" /cloud/journal | head -n "$lines" | tee /dev/fd/3 3>&1 >/cloud/batch
echo "$((from + $(wc -l </cloud/batch)))" >"$cursor"
`,
    });
    await host.sh("chmod +x /usr/local/bin/journalctl");
    const line = (n: number) =>
      `${JSON.stringify({ MESSAGE: n === 7 ? [...Buffer.from("not UTF-8")] : `line ${n}` })}\n`;
    const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i)).join("");
    const stored = async () =>
      (((await host.read("/cloud/log")) ?? "").match(/"MESSAGE":"[^"]*"/g) ?? []).map((it) => it.slice(11, -1));
    const run = () => host.run(["/usr/local/lib/relayproof/mail-log"]);

    expect((await deliver(host, delivery({ ...settings, mailLog: true }))).status).toBe(0);
    await host.write({ "/cloud/journal": lines(0, 1000) });
    expect((await run()).status).toBe(0);
    expect(await stored()).toHaveLength(1000);
    await host.write({ "/cloud/journal": lines(0, 1010), "/cloud/unreachable": "" });
    expect((await run()).status).not.toBe(0);
    await host.remove("/cloud/unreachable");
    expect((await run()).status).toBe(0);
    expect((await run()).status).toBe(0);
    expect(await stored()).toEqual(Array.from({ length: 1010 }, (_, n) => (n === 7 ? "not UTF-8" : `line ${n}`)));
  });

  test("records how its queue and its reputation are", async () => {
    await host.write({
      "/usr/local/bin/journalctl": "#!/bin/sh\necho 'A: to=<a@elsewhere.test>, dsn=2.0.0, status=sent (250 ok)'\n",
      // The sink's DNS has an address for every name, which is no answer of a block list.
      "/usr/local/bin/getent": `#!/bin/sh
case "$*" in
*" mx.example.org") echo "203.0.113.25 STREAM mx.example.org" ;;
*" 25.113.0.203.zen.spamhaus.org") echo "127.0.0.4 STREAM" ;;
*" 25.113.0.203.bl.example.net") echo "127.255.255.254 STREAM" ;;
*) exit 2 ;;
esac
`,
    });
    await host.sh("chmod +x /usr/local/bin/journalctl /usr/local/bin/getent");
    const dnsblSites = ["zen.spamhaus.org", "bl.example.net", "not.example.net"];
    const { status, output } = await deliver(host, delivery({ ...settings, metrics: true, postfix: { dnsblSites } }));
    expect(status, output).toBe(0);
    const run = await host.run(["/usr/local/lib/relayproof/metrics"]);
    expect(run.status, run.output).toBe(0);
    const waiting = (await host.sh("find /var/spool/postfix/deferred -type f | wc -l")).output.trim();
    expect((await host.read("/cloud/metrics"))?.trim().split("\n")).toEqual([
      expect.stringMatching(/^QueueLength=\d+$/),
      `DeferredMessages=${waiting}`,
      "OutboundMessagesPerHour=1",
      "FailedJobs=0",
      "BlacklistListings=1",
    ]);
    await host.remove("/usr/local/bin/journalctl", "/usr/local/bin/getent");
  });

  test("has units, a resolver and a clock that Debian accepts", async () => {
    const own = filesOfUserData(bootstrap({ hostname: settings.hostname, cloud: labCloud }));
    const unbound = "/etc/unbound/unbound.conf.d/relayproof.conf";
    await host.write({ [unbound]: own.get(unbound) ?? "" });
    const all: DeliverySettings = {
      ...settings,
      recipientsObject: true,
      smartHost: { host: "smtp.elsewhere.test" },
      acme: { email: "postmaster@example.org" },
      mailLog: true,
      metrics: true,
    };
    expect((await deliver(host, delivery(all))).status).toBe(0);
    const { status, output } = await host.sh(`set -e
      apt-get install -y -q systemd unbound dns-root-data >/dev/null 2>&1
      systemd-analyze verify --man=no /etc/systemd/system/*.timer /etc/systemd/system/*.mount postfix.service 2>&1
      cp /usr/share/dns/root.key /var/lib/unbound/ && unbound-checkconf 2>&1
      chronyd -p -f /etc/chrony/chrony.conf | grep 169.254.169.123`);
    expect(status, output).toBe(0);
    expect(output).toMatch(/no errors[\s\S]*server 169/);
  });
});

async function pid(host: Host): Promise<string | null> {
  return host.read("/var/spool/postfix/pid/master.pid");
}

/** The processes that answer; a reload replaces them. */
async function reloads(host: Host): Promise<string> {
  return (await host.sh("for it in /proc/[0-9]*; do tr '\\0' ' ' <$it/cmdline; echo $it; done | grep '[q]mgr '"))
    .output;
}
