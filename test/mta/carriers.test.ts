import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { type Carrier, evaluateHost, readUserData } from "../../policies/analysis/mta";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { cloudConfig, host, known, readable, summary, verdict, why } from "./support";

const at = { urn: host, path: "userData" };
const main =
  "compatibility_level = 3.6\nmydestination =\nmynetworks = 10.0.0.0/8\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n";
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

describe("reading the property", () => {
  test("absent is nothing; unknown, masked or hashed is a carrier that cannot be read", () => {
    expect(readUserData(host, at, undefined, "plain", false)).toBeNull();
    expect(readUserData(host, at, "", "plain", false)).toBeNull();
    for (const value of [new Unknown(), 5, "0123456789abcdef0123456789abcdef01234567"]) {
      const carrier = readUserData(host, at, value, "maybe-base64", false);
      expect(carrier?.text).toBeNull();
      expect(evaluateHost(carrier === null ? [] : [carrier])).toMatchObject({ kind: "undetermined", signs: false });
    }
    expect(evaluateHost([]).kind).toBe("none");
  });

  test("plain, base64, and base64 of a careless author, compressed or not", () => {
    const text = cloudConfig(main);
    const packed = base64(gzipSync(text));
    for (const [value, encoding] of [
      [text, "plain"],
      [text, "maybe-base64"],
      [base64(text), "base64"],
      [base64(text), "maybe-base64"],
      [packed, "base64"],
      [packed, "maybe-base64"],
      [base64(gzipSync(gzipSync(text))), "base64"],
      [base64(text).replace(/(.{60})/g, "$1\n"), "base64"],
    ] as const) {
      const carrier = readUserData(host, at, value, encoding, false);
      expect(summary(evaluateHost(carrier === null ? [] : [carrier]))).toBe("25: 10.0.0.0/8");
    }
  });

  test("what does not decode, or is too large, cannot be read", () => {
    for (const value of [
      "#cloud-config",
      base64(gzipSync(Buffer.alloc(5_000_000))),
      base64(Buffer.from([0x1f, 0x8b, 1, 2])),
      base64(Buffer.from([0xff, 0xfe, 0, 1])),
    ])
      expect(readUserData(host, at, value, "base64", false)?.text).toBeNull();
  });

  test("a secret is judged and never quoted", () => {
    const carrier = readUserData(host, at, cloudConfig(`${main}relay_domains = hush.example, com\n`), "plain", true);
    const mta = evaluateHost(carrier === null ? [] : [carrier]);
    expect(mta.kind).toBe("known");
    expect(JSON.stringify(mta, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
      "hush",
    );
  });
});

describe("several texts", () => {
  const open = readable(cloudConfig(main.replace("10.0.0.0/8", "0.0.0.0/0")));
  const closed = readable(cloudConfig(main));
  const hidden = { ...closed, text: null, unknown: "the document is elsewhere" } as const;
  const cidrs = (...carriers: Parameters<typeof known>) =>
    known(...carriers).answers.map(({ port, relays }) => [port, toCidrs(relays.must), toCidrs(relays.may)]);
  const anybody = ["0.0.0.0/0", "::/0"];
  const other = [465, 587, 2525].map((port) => [port, [], anybody]);

  test("either may be the last", () => {
    expect(cidrs(open, closed)).toEqual([[25, ["10.0.0.0/8"], ["0.0.0.0/0"]]]);
  });

  test("one that cannot be read may open anything, and hides nothing that is open", () => {
    for (const order of [[open, hidden] as const, [hidden, open] as const])
      expect(cidrs(...order)).toEqual([[25, ["0.0.0.0/0"], anybody], ...other]);
    expect(cidrs(closed, { ...hidden, kind: "command" })).toEqual([[25, ["10.0.0.0/8"], anybody], ...other]);
    const unfollowed = readable("#!/bin/sh\npython3 setup.py /etc/postfix/main.cf\n");
    expect(cidrs(open, unfollowed)[0]).toEqual([25, ["0.0.0.0/0"], anybody]);
    expect(known(open, hidden).unread).toMatchObject([{ text: "the document is elsewhere" }]);
  });

  test("of a secret that cannot be followed nothing is quoted", () => {
    const secret = { ...readable("#!/bin/sh\nhunter2 /etc/postfix/main.cf\n"), secret: true };
    const { unread, unknownHops, answers } = known(open, secret);
    expect(JSON.stringify([unread, unknownHops, answers.map((it) => [it.trace, it.relays.why])])).not.toMatch(
      /hunter2/,
    );
  });
});

describe("shell scripts that are sent", () => {
  const world = main.replace("10.0.0.0/8", "0.0.0.0/0");
  const nobody =
    "mydestination =\nmynetworks =\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n";
  const write = (text: string) => `cat > /etc/postfix/main.cf <<'END'\n${text}END\n`;
  const sent = (text: string, more: Partial<Carrier> = {}): Carrier => ({
    host,
    kind: "shell",
    at: { urn: `document ${text}`, path: "content: relay" },
    text,
    ...more,
  });
  const on25 = (...carriers: Carrier[]) => {
    const answer = known(...carriers).answers.find(({ port }) => port === 25);
    return answer && [toCidrs(answer.relays.must), toCidrs(answer.relays.may)];
  };
  const open = ["0.0.0.0/0"];
  const anybody = ["0.0.0.0/0", "::/0"];

  test("configure a machine by themselves, and show the lines of their document", () => {
    const script = sent(`apt-get install -y postfix\n${write(world)}`);
    expect(on25(script)).toEqual([open, open]);
    expect(known(script).answers[0]?.trace.map((it) => it.at)).toContainEqual({
      urn: script.at.urn,
      path: expect.stringMatching(/^content: relay:\d/),
    });
  });

  test("before or after user data: what either order opens is never closed", () => {
    for (const order of [
      [readable(cloudConfig(nobody)), sent(write(world))],
      [readable(cloudConfig(world)), sent(write(nobody))],
      [readable(cloudConfig(nobody)), sent("postconf -e mynetworks=0.0.0.0/0\n")],
    ])
      expect(on25(...order)).toEqual([[], open]);
    expect(on25(readable(cloudConfig(world)), sent("timedatectl set-timezone UTC\n"))).toEqual([open, open]);
    expect(on25(readable(cloudConfig(nobody)), sent(write(nobody)))).toEqual([[], []]);
  });

  test("what only one of two orders can follow is open as far as it says", () => {
    const installs = readable("#!/bin/sh\napt-get install -y postfix\n");
    expect(on25(installs, sent("postconf -e mynetworks=0.0.0.0/0\n"))).toEqual([open, anybody]);
  });

  test("what cannot be followed hides nothing that is open", () => {
    const edit = sent("sed -i -f /root/edit.sed /etc/postfix/main.cf\n");
    expect(on25(readable(cloudConfig(world)), edit)).toEqual([open, anybody]);
    expect(on25(readable(cloudConfig(nobody)), edit)).toEqual([[], anybody]);
    expect(on25(readable(cloudConfig(nobody)), sent(write(world), { perhaps: true }))).toEqual([[], open]);
    expect(on25(readable(cloudConfig(nobody)), sent("#!/usr/bin/python3\n"))?.[1]).toEqual(anybody);
  });

  test("the steps of a document keep their order, and documents have none", () => {
    const at = { urn: "document", path: "content: x" };
    const steps = [sent(`apt-get install -y postfix\n${write(world)}`, { at }), sent(write(nobody), { at })];
    expect(on25(...steps)).toEqual([[], []]);
    const many = [world, nobody, nobody, nobody, nobody].map((text, i) =>
      sent(`apt-get install -y postfix\n${write(text)}# ${i}\n`),
    );
    expect(on25(...many)?.[1]).toEqual(anybody);
  });

  test("do nothing on a machine that shows to run Windows, and nothing to one without mail", () => {
    const windows = { ...readable("<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>") };
    expect(evaluateHost([windows, sent(write(world))])).toEqual({ kind: "none" });
    expect(evaluateHost([readable("#!/bin/sh\ntrue\n"), sent("yum install -y nginx\n")])).toEqual({ kind: "none" });
  });
});

describe("what is no mail server", () => {
  test.each([
    "#!/bin/bash\napt-get update\napt-get install -y nginx\nsystemctl enable nginx\n",
    "#cloud-config\npackages: [nginx]\nruncmd:\n  - curl -fsSL https://example.com/install.sh | sh\n",
    "#cloud-config\nwrite_files:\n  - path: /etc/app.env\n    content: SMTP_HOST=smtp-relay.example.com\n",
    "#!/usr/bin/python3\nprint('hello')\n",
    "hello",
    "<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>",
  ])("%j", (text) => {
    expect(verdict(text)).toBe("none");
  });
});

describe("what is not evaluated is named", () => {
  test.each([
    ["#!/bin/bash\napt-get install -y exim4\n", /Exim/],
    ["#cloud-config\npackages: [sendmail]\n", /Sendmail/],
    ["#!/bin/sh\ndocker run -d -p 25:25 example/mail\n", /mail server/],
    ["#include https://example.com/user-data\n", /address/],
    ["#cloud-config\npackages: [postfix, exim4-daemon-light]\n", /another mail server/],
    ["#cloud-config\npackages: [postfix\n", /YAML/],
    ["## template: jinja\n#cloud-config\npackages: [postfix]\nfqdn: '{{ v1.local_hostname }}'\n", /jinja/],
    ["#!/usr/bin/perl\nsystem('apt-get install postfix')\n", /perl/],
    ["#!/bin/sh\ncurl https://example.com/postfix.sh | bash\n", /postfix\.sh/],
    ["#cloud-config\npackages: [postfix]\nansible: {}\n", /ansible/],
    ["#!/bin/bash\nsed -i s/x/y/ /etc/postfix/main.cf\n", /sed -i/],
    ["#cloud-boothook\n#!/bin/sh\npostconf -e x=y\n", /boot hook/],
    ["#!/bin/bash\npostconf -e 'mynetworks = 0.0.0.0/0'\n", /not in the program/],
    [
      "#cloud-config\npackages: [postfix]\ndebconf_selections: postfix postfix/main_mailer_type select No configuration\n",
      /main\.cf is not in the program/,
    ],
    ["#!/bin/bash\napt-get install -y postfix\nwhile [ 1 = 1 ]; do postconf -e x=y; done\n", /loop/],
    ["#!/bin/bash\napt-get install -y postfix\ncase $1 in a) ;& esac\n", /case/],
    ["#!/bin/bash\napt-get install -y postfix\n/root/setup.sh\n", /setup\.sh/],
    ['#!/bin/bash\napt-get install -y postfix\npostconf -e "mynetworks = $NETS"\n', /postconf/],
    ["#!/bin/bash\napt-get install -y postfix\necho 'x = y' >> $FILE\n", /echo/],
  ])("%j", (text, reason) => {
    expect(why(text)).toMatch(reason);
  });
});

describe("cloud-config", () => {
  test("files in every encoding", () => {
    const file = (encoding: string, content: string) =>
      `#cloud-config\nwrite_files:\n- path: /etc/postfix/main.cf\n  encoding: ${encoding}\n  content: ${content}\npackages: [postfix]\n`;
    expect(verdict(file("b64", base64(main)))).toBe("25: 10.0.0.0/8");
    expect(verdict(file("base64", `!!binary ${base64(base64(main))}`))).toBe("25: 10.0.0.0/8");
    expect(verdict(file("gzip", `!!binary ${base64(gzipSync(main))}`))).toBe("25: 10.0.0.0/8");
    expect(verdict(file("gz+b64", base64(gzipSync(main))))).toBe("25: 10.0.0.0/8");
    expect(verdict(file("gzip+base64", base64(gzipSync(main))))).toBe("25: 10.0.0.0/8");
    expect(verdict(file("gzip", base64(gzipSync(main))))).toBe("undetermined");
    expect(verdict(file("b64", "'***'"))).toBe("undetermined");
  });

  test("effects in their order: files, packages, deferred files, commands", () => {
    const edit =
      "runcmd:\n- postconf -e mynetworks=192.0.2.0/24\n- [postconf, -e, 'smtpd_banner = x']\n- systemctl reload postfix\n";
    expect(verdict(`${cloudConfig(main)}${edit}`)).toBe("25: 192.0.2.0/24");
    const deferred = cloudConfig(main).replace("    content: |", "    defer: true\n    content: |");
    expect(verdict(deferred)).toBe("25: 10.0.0.0/8");
    const append = `#cloud-config\napt: {}\npackages: [postfix]\nwrite_files:\n- path: /etc/postfix/main.cf\n  append: true\n  defer: true\n  content: "mynetworks = 192.0.2.0/24"\n`;
    expect(verdict(append)).toBe("25: 192.0.2.0/24");
    expect(verdict(append.replace("  defer: true\n", ""))).toBe("undetermined");
  });

  test("Debian's package alone is closed", () => {
    expect(verdict("#cloud-config\napt: {}\npackages: [postfix]\n")).toBe("25: 127.0.0.0/8 ::1/128 ::ffff:7f00:0/104");
    expect(
      verdict("#!/bin/bash\nexport DEBIAN_FRONTEND=noninteractive\napt-get update && apt-get install -y postfix\n"),
    ).toBe("25: 127.0.0.0/8 ::1/128 ::ffff:7f00:0/104");
    expect(
      verdict(
        "#!/bin/bash\necho 'postfix postfix/mynetworks string 0.0.0.0/0' | debconf-set-selections\napt-get install -y postfix\n",
      ),
    ).toBe("25: 0.0.0.0/0");
  });

  test("a package of the image's own distribution, whichever it is", () => {
    const packages = "#cloud-config\npackages: [postfix]\n";
    // Debian listens on every interface, and Red Hat on loopback only: closed both ways.
    const plain = known(readable(packages)).answers;
    expect(plain.map((it) => `${it.loopbackOnly} ${toCidrs(it.relays.may).join(" ")}`)).toEqual([
      "false 127.0.0.0/8 ::1/128 ::ffff:7f00:0/104",
      "true 0.0.0.0/0 ::/0",
    ]);
    const edited = `${packages}runcmd:\n- postconf -e inet_interfaces=all mynetworks=10.0.0.0/8\n`;
    expect(verdict(edited)).toBe("25: 10.0.0.0/8");
    expect(verdict(`${packages}runcmd:\n- postconf -e inet_interfaces=all\n`)).toBe("25: 127.0.0.0/8 ::1/128 …");
    expect(verdict("#!/bin/sh\nyum install -y postfix\npostconf -e inet_interfaces=all mynetworks=10.0.0.0/8\n")).toBe(
      "25: 10.0.0.0/8",
    );
  });

  test("an edit of what a later file replaces is undone, but for that of a boot command", () => {
    const edit = "postconf -e mynetworks=0.0.0.0/0";
    const script = `#!/bin/sh\napt-get install -y postfix\n${edit}\ncat > /etc/postfix/main.cf <<END\n${main}END\n`;
    expect(verdict(script)).toBe("25: 10.0.0.0/8");
    expect(verdict(script.replace("apt-get install -y postfix\n", "").concat("apt-get install -y postfix\n"))).toBe(
      "25: 10.0.0.0/8",
    );
    expect(verdict(`${cloudConfig(main)}bootcmd: ["${edit}"]\n`)).toBe("undetermined");
  });

  test("boot commands run again at every boot, and then win", () => {
    const boot = "bootcmd:\n- echo 'mynetworks = 0.0.0.0/0' > /etc/postfix/main.cf\n";
    expect(verdict(`${cloudConfig(main)}${boot}`)).toBe("undetermined");
    expect(verdict(`${cloudConfig(main)}bootcmd:\n- mkdir -p /etc/postfix\n`)).toBe("25: 10.0.0.0/8");
  });

  test("main.cf without master.cf on an image that has Postfix already", () => {
    expect(verdict(cloudConfig(main).replace("packages: [postfix]\n", ""))).toBe("undetermined");
    expect(verdict(cloudConfig(main, "smtp inet n - y - - smtpd\n").replace("packages: [postfix]\n", ""))).toBe(
      "25: 10.0.0.0/8",
    );
  });

  test("a file that may change Postfix later", () => {
    const with_ = (path: string, text: string) =>
      `${cloudConfig(main)}`.replace("packages:", `  - path: ${path}\n    content: |\n      ${text}\npackages:`);
    expect(verdict(with_("/etc/cron.d/x", "* * * * * root postconf -e mynetworks=0.0.0.0/0"))).toBe("25: 10.0.0.0/8 …");
    expect(verdict(with_("/etc/cron.d/x", "* * * * * root postqueue -p"))).toBe("25: 10.0.0.0/8");
    expect(verdict(with_("/etc/systemd/system/x.service", "ExecStart=/usr/sbin/postconf -e x=y"))).toBe(
      "25: 10.0.0.0/8",
    );
    expect(verdict(with_("/etc/systemd/system/x.service", "ExecStart=/bin/systemctl reload postfix"))).toBe(
      "25: 10.0.0.0/8",
    );
    expect(verdict(with_("/usr/local/bin/x", "#!/usr/bin/python3 postconf"))).toBe("undetermined");
    expect(verdict(with_("/etc/fail2ban/jail.local", "[postfix]"))).toBe("25: 10.0.0.0/8");
  });

  test("tables whose content is in the program", () => {
    const text = cloudConfig(`${main}relay_domains = hash:/etc/postfix/relay\n`).replace(
      "packages:",
      "  - path: /etc/postfix/relay\n    content: |\n      example.com OK\npackages:",
    );
    expect(verdict(`${text}runcmd:\n- postmap /etc/postfix/relay\n`)).toBe("25: 10.0.0.0/8");
    expect(verdict(text)).toBe("25: 10.0.0.0/8 …");
    expect(verdict(`${text.replace("example.com OK", "com OK")}runcmd:\n- postmap hash:/etc/postfix/relay\n`)).toBe(
      "25: 0.0.0.0/0 ::/0",
    );
  });
});

describe("MIME", () => {
  const message = (...parts: [string, string][]) =>
    `Content-Type: multipart/mixed; boundary="==B=="\nMIME-Version: 1.0\n\n${parts.map(([type, text]) => `--==B==\nContent-Type: ${type}; charset="us-ascii"\n\n${text}\n`).join("")}--==B==--\n`;

  test("parts in their order: configuration, packages, scripts, run commands", () => {
    const text = message(
      ["text/x-shellscript", "#!/bin/sh\npostconf -e mynetworks=192.0.2.0/24\n"],
      ["text/cloud-config", `${cloudConfig(main)}`],
    );
    expect(verdict(text)).toBe("25: 192.0.2.0/24");
    expect(
      verdict(
        message(
          ["text/plain", `${cloudConfig(main)}runcmd:\n- postconf -e mynetworks=198.51.100.0/24\n`],
          ["text/plain", "#!/bin/sh\npostconf -e mynetworks=192.0.2.0/24\n"],
        ),
      ),
    ).toBe("25: 198.51.100.0/24");
  });

  test("a script with a file name behind `runcmd` runs after it", () => {
    const text = (name: string) =>
      `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x-shellscript\nContent-Disposition: attachment; filename="${name}"\n\n#!/bin/sh\npostconf -e mynetworks=192.0.2.0/24\n\n--b\nContent-Type: text/cloud-config\n\n${cloudConfig(main)}runcmd:\n- postconf -e mynetworks=198.51.100.0/24\n\n--b--\n`;
    expect(verdict(text("setup.sh"))).toBe("25: 192.0.2.0/24");
    expect(verdict(text("init.sh"))).toBe("25: 198.51.100.0/24");
  });

  test("what is only in an encoded part is seen; what cannot be unpacked is not passed over", () => {
    const part = (text: string) =>
      `MIME-Version: 1.0\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n${text}\n`;
    expect(verdict(part(base64("#!/bin/sh\napt-get install -y exim4\n")))).toBe("undetermined");
    expect(verdict(part("***"))).toBe("undetermined");
    expect(verdict(part(base64("#!/bin/sh\ntrue\n")))).toBe("none");
  });

  test("transfer encodings, and parts that are not evaluated", () => {
    const encoded = `MIME-Version: 1.0\nContent-Type: text/cloud-config\nContent-Transfer-Encoding: base64\n\n${base64(cloudConfig(main))}\n`;
    expect(verdict(encoded)).toBe("25: 10.0.0.0/8");
    expect(verdict(message(["text/cloud-config", cloudConfig(main)], ["text/cloud-config", "packages: [nginx]"]))).toBe(
      "undetermined",
    );
    expect(verdict(message(["text/cloud-config", cloudConfig(main)], ["text/part-handler", "#part-handler"]))).toBe(
      "undetermined",
    );
  });
});

test("every decision names its line", () => {
  const { answers } = known(readable(cloudConfig(main)));
  expect(answers[0]?.trace.map((it) => `${it.at?.path}: ${it.text}`)).toContain(
    "userData: /etc/postfix/main.cf:4: smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
  );
  expect(answers[0]?.trace.map((it) => `${it.at?.path}: ${it.text}`)).toContain(
    "userData: /etc/postfix/main.cf:3: mynetworks = 10.0.0.0/8",
  );
});

test("several carriers: either may be the last", () => {
  const [a, b] = [readable(cloudConfig(main)), readable(cloudConfig(main.replace("10.0.0.0/8", "10.0.0.0/9")))];
  const { answers } = known(a, b);
  expect(toCidrs(answers[0]?.relays.must ?? { v4: [], v6: [] })).toEqual(["10.0.0.0/9"]);
  expect(toCidrs(answers[0]?.relays.may ?? { v4: [], v6: [] })).toEqual(["10.0.0.0/8"]);
  expect(known(a, readable("#!/bin/sh\ntrue\n")).answers).toHaveLength(1);
});
