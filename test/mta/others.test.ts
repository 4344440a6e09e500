import { describe, expect, test } from "vitest";
import { evaluateHost } from "../../policies/analysis/mta";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { everybody, readable } from "./support";

/** User data that writes files, and installs a package unless it is null. */
function written(files: Readonly<Record<string, string>>, packages: string | null): string {
  const write_files = Object.entries(files).map(([path, content]) => ({ path, content }));
  return `#cloud-config\n${JSON.stringify({ write_files, ...(packages === null ? {} : { packages: [packages] }) })}\n`;
}

/** What certainly may relay by port, `…` for what is left open; or the kind of the answer. */
function relays(text: string): string {
  const mta = evaluateHost([readable(text)]);
  if (mta.kind !== "known") return mta.kind;
  for (const { relays } of mta.answers) expect(toCidrs(relays.may)).toEqual(everybody);
  return mta.answers
    .map(({ port, relays }) => `${port}: ${toCidrs(relays.must).join(" ") || "nobody for certain"}`)
    .join("; ");
}

const all = "0.0.0.0/0 ::/0";

describe("Exim", () => {
  const debian = (settings: string) => relays(written({ "/etc/exim4/update-exim4.conf.conf": settings }, "exim4"));
  const net = "dc_eximconfig_configtype='internet'\ndc_local_interfaces=''\n";

  test.each([
    [`${net}dc_relay_nets='*'\n`, `25: ${all}`],
    [`${net}dc_relay_nets='0.0.0.0/0'\n`, "25: 0.0.0.0/0"],
    [`${net}dc_relay_nets='10.0.0.0/8 ; 192.0.2.1'\n`, "25: 10.0.0.0/8 192.0.2.1/32"],
    [`${net}dc_relay_domains='*'\n`, `25: ${all}`],
    [`${net}dc_relay_nets='partner.example.org'\n`, "25: nobody for certain"],
    [`${net}dc_relay_nets='!10.0.0.1 ; 10.0.0.0/8'\n`, "25: nobody for certain"],
    [`${net}dc_relay_nets=''\n`, "undetermined"],
    ["dc_eximconfig_configtype='local'\ndc_relay_nets='*'\n", "undetermined"],
    ["dc_local_interfaces='127.0.0.1 ; ::1'\ndc_relay_nets='*'\n", "undetermined"],
    [`${net}#dc_relay_nets='*'\n`, "undetermined"],
  ])("%j: %s", (settings, expected) => {
    expect(debian(settings)).toBe(expected);
  });

  test("answers to the questions of its package", () => {
    const asked = (...answers: string[]) =>
      relays(`#!/bin/sh
debconf-set-selections <<'END'
${answers.join("\n")}
END
apt-get install -y exim4
`);
    const nets = "exim4-config exim4/dc_relay_nets string 0.0.0.0/0";
    expect(asked(nets, "exim4-config exim4/dc_local_interfaces string")).toBe("25: 0.0.0.0/0");
    // The package's own answer to where it listens is loopback.
    expect(asked(nets)).toBe("undetermined");
  });

  test("a configuration of one's own", () => {
    for (const [path, line, expected] of [
      ["/etc/exim4/exim4.conf.localmacros", "MAIN_RELAY_NETS = *", `25: ${all}`],
      ["/etc/exim4/exim4.conf", "hostlist relay_from_hosts = <; 127.0.0.1 ; 0.0.0.0/0", "25: 0.0.0.0/0"],
      ["/etc/exim/exim.conf", "domainlist relay_to_domains = *", `25: ${all}`],
      [
        "/etc/exim4/conf.d/main/000_local",
        "hostlist relay_from_hosts = 127.0.0.1 : 10.1.0.0/16",
        "25: 10.1.0.0/16 127.0.0.1/32",
      ],
      ["/etc/exim/exim.conf", "hostlist relay_from_hosts = ", "undetermined"],
    ] as const)
      expect(relays(written({ [path]: `${line}\n` }, "exim4")), line).toBe(expected);
  });

  test("a setting that is changed afterwards is not known", () => {
    const script = `#!/bin/sh
cat > /etc/exim4/update-exim4.conf.conf <<'END'
${net}dc_relay_nets='*'
END
`;
    expect(relays(`${script}service exim4 restart\n`)).toBe(`25: ${all}`);
    expect(relays(`${script}sed -i "s/'\\*'/''/" /etc/exim4/update-exim4.conf.conf\n`)).toBe("undetermined");
  });
});

describe("OpenSMTPD", () => {
  const rules = (...lines: string[]) =>
    relays(
      written({ "/etc/smtpd.conf": ["listen on all", 'action "out" relay', ...lines, ""].join("\n") }, "opensmtpd"),
    );

  test.each([
    ['match from any for any action "out"', `25: ${all}`],
    ["match from any for any action out", `25: ${all}`],
    ['match from src { 10.0.0.0/8, 192.0.2.1 } for any action "out"', "25: 10.0.0.0/8 192.0.2.1/32"],
    ['match from mail-from "@example.com" for any action "out"', `25: ${all}`],
    ['match from src <friends> for any action "out"', "25: nobody for certain"],
    ['match auth from any for any action "out"', "undetermined"],
    ['match for any action "out"', "undetermined"],
    ['match from any for domain "example.com" action "out"', "undetermined"],
    ['# match from any for any action "out"', "undetermined"],
  ])("%s: %s", (rule, expected) => {
    expect(rules(rule)).toBe(expected);
  });

  test("goes by where it listens", () => {
    const listening = (listen: string) =>
      relays(
        written({ "/etc/smtpd.conf": `${listen}\naction r relay\nmatch from any for any action r\n` }, "opensmtpd"),
      );
    expect(listening("listen on 0.0.0.0 port submission")).toBe(`587: ${all}`);
    expect(listening("listen on eth0 port submission tls-require auth")).toBe("undetermined");
    expect(listening("listen on localhost")).toBe("undetermined");
    expect(listening("")).toBe("undetermined");
  });
});

describe("Sendmail", () => {
  const mc = (text: string, more = {}) => relays(written({ "/etc/mail/sendmail.mc": text, ...more }, "sendmail"));

  test.each([
    ["FEATURE(`promiscuous_relay')dnl\n", `25: ${all}`],
    ["FEATURE(`relay_mail_from', `domain')dnl\n", `25: ${all}`],
    ["FEATURE(relay_local_from)\n", `25: ${all}`],
    ["FEATURE(`relay_based_on_MX')dnl\n", "25: nobody for certain"],
    ["dnl FEATURE(`promiscuous_relay')dnl\n", "undetermined"],
    ["DAEMON_OPTIONS(`Port=smtp,Addr=127.0.0.1, Name=MTA')dnl\nFEATURE(`promiscuous_relay')dnl\n", "undetermined"],
    ["FEATURE(`access_db')dnl\n", "undetermined"],
  ])("%j: %s", (text, expected) => {
    expect(mc(text)).toBe(expected);
  });

  test("networks of its access database", () => {
    const access = "Connect:10.0 RELAY\nConnect:192.0.2.7\tRELAY\nConnect:203 REJECT\n";
    expect(mc("FEATURE(`access_db')dnl\n", { "/etc/mail/access": access })).toBe("25: 10.0.0.0/16 192.0.2.7/32");
  });
});

describe("Haraka", () => {
  const config = (files: Readonly<Record<string, string>>) =>
    relays(
      written(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`/srv/haraka/config/${name}`, text])),
        null,
      ),
    );

  test("relays for everybody, or for a list", () => {
    const plugins = "relay\n";
    expect(config({ "relay.ini": "[relay]\nall=true\n", plugins })).toBe(`25: ${all}`);
    expect(config({ "relay.ini": "[relay]\nall=true\n", plugins, "smtp.ini": "listen=[::0]:2525\n" })).toBe(
      `2525: ${all}`,
    );
    expect(config({ "relay.ini": "[relay]\nacl=true\n", plugins, relay_acl_allow: "10.0.0.0/8\n" })).toBe(
      "25: 10.0.0.0/8",
    );
    expect(config({ "relay.ini": "[relay]\nall=true\n" })).toBe("25: nobody for certain");
    expect(config({ "relay.ini": "[relay]\nall=true\n", plugins: "rcpt_to.in_host_list\n" })).toBe("undetermined");
    expect(config({ "relay.ini": "[relay]\nall=false\n", plugins })).toBe("undetermined");
  });
});

test("a mail server in a container is not passed", () => {
  for (const command of [
    "docker run -d -p 25:25 example/smtp",
    "docker run -d -p 0.0.0.0:587:587 example/relay",
    "docker run -d --publish=25:1025 example/mail",
    "docker run -d --network host boky/postfix",
    "docker run -d --network host haraka/haraka",
  ])
    expect(relays(`#!/bin/sh\napt-get install -y docker.io\n${command}\n`), command).toBe("undetermined");
  const compose = 'services:\n  relay:\n    image: example/x\n    ports:\n      - "25:1025"\n';
  expect(relays(written({ "/srv/compose.yaml": compose }, "docker.io"))).toBe("undetermined");
});

test("an ordinary machine has no mail server", () => {
  expect(
    relays("#!/bin/sh\napt-get install -y nginx\ndocker run -d -p 8025:80 -p 443:8443 nginx\ndate +%H:%M:%S\n"),
  ).toBe("none");
});
