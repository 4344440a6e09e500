import { describe, expect, it, test } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import type { Finding } from "../../policies/analysis/verdict/report";
import { ANY, tcp } from "../lower/stack";
import { MailStack, postfix, smtpFromAnywhere, smtpOut } from "./perimeter";

/** What nothing can be said against: a gateway for example.com that one host may relay through. */
const sound: Readonly<Record<string, string>> = {
  compatibility_level: "3.9",
  myhostname: "mx1.example.com",
  mydestination: "",
  relay_domains: "example.com",
  relay_recipient_maps: "inline:{info@example.com=x}",
  parent_domain_matches_subdomains: "",
  mynetworks: "127.0.0.0/8",
  smtpd_relay_restrictions: "check_client_access cidr:{{10.0.2.20/32 permit}}, reject_unauth_destination",
  smtpd_helo_required: "yes",
  smtpd_helo_restrictions: "reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname",
  smtpd_sender_restrictions: "reject_non_fqdn_sender, reject_unknown_sender_domain",
  disable_vrfy_command: "yes",
  smtpd_tls_security_level: "may",
  smtpd_tls_cert_file: "/etc/ssl/mx.pem",
  smtp_tls_security_level: "may",
};
const trusting = "permit_mynetworks, reject_unauth_destination";

type Changes = Readonly<Record<string, string | null>>;

function userData(
  changes: Changes,
  master: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): string {
  const parameters = Object.entries({ ...sound, ...changes }).filter(([, value]) => value !== null);
  const services = ["smtp inet n - y - - smtpd", ...master, "smtp unix - - y - - smtp", "relay unix - - y - - smtp"];
  const files = {
    "/etc/postfix/main.cf": parameters.map(([name, value]) => `${name} = ${value}\n`).join(""),
    "/etc/postfix/master.cf": services.map((line) => `${line}\n`).join(""),
    ...more,
  };
  const write_files = Object.entries(files).map(([path, content]) => ({ path, content }));
  return `#cloud-config\n${JSON.stringify({ write_files, packages: ["postfix"] })}\n`;
}

/** Findings of one policy about a front end that nobody reaches: the configuration alone decides. */
function ask(policy: string, changes: Changes, master: readonly string[] = [], more = {}): Finding[] {
  const s = new MailStack().logged();
  s.frontEnd(s.group("closed"), { userData: userData(changes, master, more) });
  return s.report().findings.filter((finding) => finding.policy === policy);
}

const told = (findings: readonly Finding[]) => findings.map(({ outcome, message }) => `${outcome}: ${message}`);

it("a sound gateway has no finding", () => {
  const s = new MailStack().logged();
  s.frontEnd(s.group("closed"), { userData: userData({}) });
  expect(s.findings()).toEqual([]);
});

/** What the configuration of a front end says, beside a document that is run on it and is not in the program. */
describe("beside what cannot be read", () => {
  const found = (changes: Changes) => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("smtp", { ingress: [smtpFromAnywhere], egress: [smtpOut] }), { userData: userData(changes) });
    s.addType("aws:ssm/association:Association", {
      name: "Elsewhere",
      targets: [{ key: "tag:relayproof:role", values: ["front-end"] }],
    });
    return s
      .report()
      .findings.filter(({ policy }) => /^(?:mta-(?!hardening)|open-relay)/.test(policy))
      .map(({ policy, outcome }) => `${policy}: ${outcome}`);
  };

  it("what is open stays open", () => {
    expect(found({ smtpd_relay_restrictions: trusting, mynetworks: "0.0.0.0/0" })).toEqual([
      "mta-relay-restrictions: violation",
      "mta-relay-restrictions: undetermined",
      "mta-trust-list: violation",
      "mta-trust-list: undetermined",
      "open-relay-path: violation",
    ]);
  });

  it("and what is closed there may be open", () => {
    expect(found({})).toEqual([
      "mta-relay-restrictions: undetermined",
      "mta-trust-list: undetermined",
      "open-relay-path: undetermined",
    ]);
  });
});

describe("mta-relay-restrictions", () => {
  const relays = (changes: Changes, master: readonly string[] = []) => ask("mta-relay-restrictions", changes, master);

  test.each<[string, Changes]>([
    [
      "a network in an access table",
      { smtpd_relay_restrictions: "check_client_access cidr:{{198.51.100.0/24 1}}, reject" },
    ],
    ["a universal table", { smtpd_relay_restrictions: "check_client_access static:RELAY, reject_unauth_destination" }],
    ["a HELO name", { smtpd_relay_restrictions: "check_helo_access inline:{x.example=OK}, reject_unauth_destination" }],
    [
      "a sender",
      { smtpd_relay_restrictions: "check_sender_access inline:{example.com=OK}, reject_unauth_destination" },
    ],
    ["the null sender", { smtpd_relay_restrictions: "check_sender_access inline:{<>=OK}, reject_unauth_destination" }],
    ["a top-level domain", { relay_domains: "com", parent_domain_matches_subdomains: "relay_domains" }],
    ["every domain", { relay_domains: "static:all" }],
    ["universal trusted networks", { smtpd_relay_restrictions: trusting, mynetworks: "0.0.0.0/1 128.0.0.0/1" }],
    ["permit_mx_backup", { smtpd_relay_restrictions: "permit_mx_backup, reject_unauth_destination" }],
    [
      "any certificate",
      { smtpd_relay_restrictions: "permit_tls_all_clientcerts, reject_unauth_destination", smtpd_tls_ask_ccert: "yes" },
    ],
    ["untrusted routing", { allow_untrusted_routing: "yes" }],
    ["XCLIENT from a subnet", { smtpd_authorized_xclient_hosts: "10.0.1.0/24" }],
    [
      "a policy service that may fail",
      {
        smtpd_relay_restrictions: "check_policy_service inet:127.0.0.1:10023, reject_unauth_destination",
        smtpd_policy_service_default_action: "OK",
      },
    ],
  ])("rejects a right to relay by %s", (_, changes) => {
    const findings = relays(changes);
    expect(findings).toMatchObject([{ outcome: "violation", severity: "critical", enforcement: "mandatory" }]);
    expect(findings[0]?.message).toContain("front-end ");
    expect(findings[0]?.path.some(({ kind, detail }) => kind === "mta" && detail.includes("main.cf:"))).toBe(true);
  });

  test.each<[string, Changes]>([
    [
      "hosts named one by one",
      { smtpd_relay_restrictions: "check_client_access cidr:{{10.0.2.20 OK},{10.0.2.21 OK}}, reject" },
    ],
    ["hosts of an exact table", { smtpd_relay_restrictions: "check_client_access inline:{10.0.2.20=OK}, reject" }],
    ["a trusted network, which is another policy's", { smtpd_relay_restrictions: trusting, mynetworks: "10.0.0.0/8" }],
    ["a right behind the reject", { smtpd_relay_restrictions: "reject_unauth_destination, permit_mx_backup" }],
    ["an XCLIENT proxy", { smtpd_authorized_xclient_hosts: "10.0.1.7" }],
    ["a login", { smtpd_relay_restrictions: "permit_sasl_authenticated, reject_unauth_destination" }],
  ])("is content with %s", (_, changes) => {
    expect(told(relays(changes))).toEqual([]);
  });

  it("judges every service with its overrides, and names its port", () => {
    const findings = relays({}, [
      "2525 inet n - y - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject -o mynetworks=0.0.0.0/0",
    ]);
    expect(told(findings)).toEqual([
      "violation: front-end relays on port 2525 without authentication for clients that it does not name one by one: 0.0.0.0/0.",
    ]);
    expect(
      relays({}, [
        "127.0.0.1:2525 inet n - y - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject -o mynetworks=0.0.0.0/0",
      ]),
    ).toEqual([]);
  });

  it("cannot decide about a policy service, or a table that is elsewhere", () => {
    for (const smtpd_relay_restrictions of [
      "check_policy_service inet:127.0.0.1:10023, reject_unauth_destination",
      "check_client_access hash:/etc/postfix/clients, reject_unauth_destination",
    ])
      expect(relays({ smtpd_relay_restrictions })).toMatchObject([
        { outcome: "undetermined", enforcement: "mandatory" },
      ]);
  });

  it("reports a service that does not start as an outage", () => {
    expect(relays({ smtpd_relay_restrictions: "permit_mynetworks", smtpd_recipient_restrictions: "" })).toMatchObject([
      { outcome: "violation", severity: "medium", enforcement: "advisory" },
    ]);
  });

  it("cannot decide about a front end whose configuration nobody shows", () => {
    for (const data of [undefined, new Unknown()]) {
      const s = new MailStack().logged();
      s.frontEnd(s.group("closed"), { userData: data });
      expect(s.findings()).toContain("mta-relay-restrictions undetermined front-end");
      expect(s.findings()).toContain("mta-trust-list undetermined front-end");
    }
  });
});

describe("mta-trust-list", () => {
  const trusts = (mynetworks: string | null, changes: Changes = {}) =>
    ask("mta-trust-list", { smtpd_relay_restrictions: trusting, mynetworks, ...changes });

  test.each<[string, string | null, string]>([
    ["everything", "0.0.0.0/0", "strangers are in them (0.0.0.0/0)"],
    ["everything in halves", "0.0.0.0/1 128.0.0.0/1", "strangers are in them (0.0.0.0/0)"],
    ["half of everything", "64.0.0.0/2", "strangers are in them (64.0.0.0/2)"],
    ["everything of IPv6", "127.0.0.0/8 [::]/0", "strangers are in them (::/0)"],
    ["a table of everything", "static:all", "strangers are in them"],
    [
      "a name",
      "127.0.0.0/8 partner.example.org",
      "by their host name, which their own DNS decides (partner.example.org)",
    ],
    ["nameless clients", "127.0.0.0/8 unknown", "every client without a valid PTR record"],
    ["a late exclusion", "10.0.2.0/24 !10.0.2.5", "the exclusion comes after the network that holds it (!10.0.2.5)"],
  ])("rejects %s", (_, mynetworks, text) => {
    const findings = trusts(mynetworks);
    expect(findings).toContainEqual(expect.objectContaining({ outcome: "violation", severity: "critical" }));
    expect(told(findings).join("\n")).toContain(text);
  });

  it("rejects the networks of the interfaces", () => {
    expect(told(trusts(null, { mynetworks_style: "subnet" }))).toEqual([
      "violation: front-end trusts the subnet of every interface, because mynetworks is not set.",
    ]);
    expect(trusts(null, { compatibility_level: "0" })).toHaveLength(1);
    expect(trusts(null, { mynetworks_style: "host" })).toEqual([]);
    expect(trusts(null)).toEqual([]);
  });

  it("takes a merely wide network for advice", () => {
    for (const wide of ["10.0.0.0/8", "127.0.0.0/8 203.0.112.0/23", "[fc00::]/7", "[2001:db8::]/32"])
      expect(trusts(wide), wide).toMatchObject([{ outcome: "violation", severity: "medium", enforcement: "advisory" }]);
    for (const narrow of ["10.0.2.0/24", "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128", "[2001:db8::]/64", ""])
      expect(told(trusts(narrow)), narrow).toEqual([]);
  });

  it("takes a list that refuses everybody for advice", () => {
    const findings = trusts("10.0.2.5/24");
    expect(findings).toMatchObject([{ outcome: "violation", severity: "medium" }]);
    expect(findings[0]?.message).toContain("no network: host bits or a bad prefix (10.0.2.5/24)");
  });

  it("cannot decide about a list that is elsewhere", () => {
    for (const list of ["hash:/etc/postfix/networks", "/etc/postfix/networks", "ldap:clients"])
      expect(trusts(list), list).toMatchObject([{ outcome: "undetermined", enforcement: "mandatory" }]);
  });

  it("does not mind a list that lets nobody relay", () => {
    expect(ask("mta-trust-list", { mynetworks: "10.0.0.0/8 partner.example.org" })).toEqual([]);
  });
});

describe("mta-trust-list and programs that forward to loopback", () => {
  const forwarding = (path: string, line: string, changes: Changes = {}) =>
    told(ask("mta-trust-list", { smtpd_relay_restrictions: trusting, ...changes }, [], { [path]: `${line}\n` }));

  test.each([
    ["/etc/haproxy/haproxy.cfg", "  server mx 127.0.0.1:25 check"],
    ["/etc/nginx/stream.conf", "proxy_pass localhost:25;"],
    ["/etc/stunnel/smtps.conf", "connect = 127.0.0.1:25"],
    ["/etc/systemd/system/f.service", "ExecStart=/usr/bin/socat TCP-LISTEN:2525,fork TCP:127.0.0.1:25"],
    ["/etc/rinetd.conf", "0.0.0.0 2525 127.0.0.1 25"],
  ])("rejects %s: %s", (path, line) => {
    expect(forwarding(path, line)).toEqual([
      "violation: front-end relays on port 25 for 127.0.0.1, which is what it sees of the clients that a program on the host forwards to it.",
    ]);
    expect(forwarding(path, line, { inet_interfaces: "loopback-only" })).toHaveLength(1);
    expect(forwarding(path, line, { mynetworks: "10.0.2.20" })).toEqual([]);
    expect(forwarding(path, `# ${line}`)).toEqual([]);
  });

  it("is content where the client's address is handed on, or the way is another one", () => {
    expect(forwarding("/etc/haproxy/haproxy.cfg", "  server mx 127.0.0.1:25 send-proxy")).toEqual([]);
    expect(forwarding("/etc/haproxy/haproxy.cfg", "  server web 127.0.0.1:8080")).toEqual([]);
    expect(forwarding("/etc/stunnel/out.conf", "connect = smtp.example.net:465")).toEqual([]);
  });
});

describe("mta-hardening", () => {
  const hardened = (changes: Changes, master: readonly string[] = [], more = {}) =>
    told(ask("mta-hardening", changes, master, more));

  test.each<[string, Changes, string]>([
    ["smuggling", { smtpd_forbid_bare_newline: "no" }, "violation: front-end takes a bare newline for a line end"],
    [
      "smuggling that is only noted",
      { smtpd_forbid_bare_newline: "note" },
      "violation: front-end takes a bare newline",
    ],
    ["smuggling by default", { compatibility_level: "3.6" }, "undetermined: Whether front-end takes a bare newline"],
    ["guards that are lifted", { smtpd_forbid_bare_newline_exclusions: "10.0.0.0/8" }, "excludes whole networks"],
    ["pipelining", { smtpd_forbid_unauth_pipelining: "no" }, "violation: front-end lets clients talk ahead"],
    ["VRFY", { disable_vrfy_command: null }, "answers VRFY"],
    ["no HELO", { smtpd_helo_required: "no" }, "does not ask clients for a HELO name"],
    ["any HELO", { smtpd_helo_restrictions: "" }, "does not verify HELO names"],
    ["any sender", { smtpd_sender_restrictions: "reject_non_fqdn_sender" }, "sender domains that do not exist"],
    ["any recipient", { relay_recipient_maps: "" }, "recipients that do not exist"],
    [
      "any subdomain",
      { relay_recipient_maps: "", parent_domain_matches_subdomains: null },
      "and takes mail for every subdomain",
    ],
    ["cleartext in", { smtpd_tls_security_level: "" }, "offers no TLS"],
    ["TLS without a certificate", { smtpd_tls_cert_file: null }, "has no certificate"],
    ["cleartext out", { smtp_tls_security_level: "" }, "delivers in clear"],
    ["logins on 25", { smtpd_sasl_auth_enable: "yes", smtpd_tls_auth_only: "yes" }, "offers logins on port 25"],
  ])("advises against %s", (_, changes, text) => {
    expect(hardened(changes).join("\n")).toContain(text);
  });

  it("tells what belongs together in one sentence, with the line of each part", () => {
    const [finding, ...others] = ask("mta-hardening", { smtpd_helo_required: "no", smtpd_sender_restrictions: "" });
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      "front-end does not ask clients for a HELO name and takes mail from sender domains that do not exist.",
    );
    expect(finding?.remediation).toMatch(
      /^On front-end, set smtpd_helo_required = yes .*; set smtpd_sender_restrictions/,
    );
    expect(finding?.path.filter(({ kind }) => kind === "mta")).toHaveLength(2);
  });

  it("knows the other ways to the same end", () => {
    for (const changes of [
      { compatibility_level: "3.6", smtpd_forbid_bare_newline: "reject", smtpd_forbid_unauth_pipelining: "yes" },
      {
        compatibility_level: "3.6",
        smtpd_forbid_bare_newline: "yes",
        smtpd_data_restrictions: "reject_unauth_pipelining",
      },
      { relay_recipient_maps: "", smtpd_recipient_restrictions: "reject_unverified_recipient" },
      { smtpd_tls_security_level: null, smtpd_use_tls: "yes" },
    ])
      expect(hardened(changes), JSON.stringify(changes)).toEqual([]);
  });

  it("does not verify users, nor clients of a server that refuses strangers", () => {
    const submission =
      "587 inet n - y - - smtpd -o smtpd_helo_required=no -o smtpd_sender_restrictions= -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt";
    expect(hardened({}, [submission])).toEqual([]);
    expect(hardened({ smtpd_client_restrictions: "permit_mynetworks, reject", smtpd_sender_restrictions: "" })).toEqual(
      [],
    );
  });

  it("keeps internal services to the host", () => {
    const filter = "-o content_filter= -o smtpd_relay_restrictions=reject_unauth_destination";
    expect(hardened({}, [`10026 inet n - y - - smtpd ${filter}`]).join()).toContain("filtered mail comes back (10026)");
    expect(hardened({}, [`127.0.0.1:10026 inet n - y - - smtpd ${filter}`])).toEqual([]);
    expect(hardened({}, ["10023 inet n n n - 0 spawn"]).join()).toContain("internal service spawn on port 10023");
    const milter = (socket: string) => hardened({}, [], { "/etc/opendkim.conf": `Mode sv\nSocket ${socket}\n` });
    expect(milter("inet:8891").join()).toContain("listens for other hosts on port 8891");
    expect(milter("inet:8891@localhost")).toEqual([]);
  });
});

describe("submission-authentication", () => {
  const submission = (port: string, options: string) =>
    told(ask("submission-authentication", {}, [`${port} inet n - y - - smtpd ${options}`]));

  test.each([
    ["submission", "", "without asking for a login on port 587"],
    ["submission", "-o smtpd_sasl_auth_enable=yes", "accepts passwords without TLS on port 587"],
    [
      "465",
      "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=may",
      "accepts passwords without TLS on port 465",
    ],
    [
      "587",
      "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o smtpd_sasl_security_options=noplaintext",
      "counts an anonymous login as a login on port 587",
    ],
  ])("rejects %s %s", (port, options, text) => {
    expect(submission(port, options).join("\n")).toContain(text);
  });

  test.each([
    ["submission", "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt"],
    ["submissions", "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_wrappermode=yes"],
    ["587", "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes"],
    ["127.0.0.1:587", ""],
  ])("is content with %s %s", (port, options) => {
    expect(submission(port, options)).toEqual([]);
  });

  it("judges logins wherever they are offered", () => {
    expect(told(ask("submission-authentication", { smtpd_sasl_auth_enable: "yes" }))).toEqual([
      "violation: front-end accepts passwords without TLS.",
    ]);
  });

  it("cannot decide about an unknown server that users reach", () => {
    const s = new MailStack().logged();
    const group = s.group("fe", { ingress: [tcp(587, { cidrBlocks: [ANY] })] });
    s.frontEnd(group, { userData: undefined, tags: { "relayproof:role": "front-end", "relayproof:ports": "25 587" } });
    expect(s.findings()).toContain("submission-authentication undetermined front-end");
  });
});

it("a stack without mail has nothing of it", () => {
  const s = new MailStack();
  s.host("web", {
    subnetId: s.dmz,
    vpcSecurityGroupIds: [s.group("web")],
    userData: "#!/bin/sh\napt-get install -y nginx\n",
  });
  expect(s.report().findings.filter(({ policy }) => /^mta-|^submission|^mail-identity/.test(policy))).toEqual([]);
});

it("Debian's own configuration is closed, and only advised about", () => {
  const s = new MailStack().logged();
  s.host("relay", {
    subnetId: s.inner,
    vpcSecurityGroupIds: [s.group("x")],
    userData: "#!/bin/sh\napt-get install -y postfix\n",
  });
  expect(s.report().findings.filter(({ enforcement }) => enforcement === "mandatory")).toEqual([]);
  expect(s.findings()).toContain("mta-hardening violation relay");
});

it("says nothing of a secret", () => {
  const s = new MailStack().logged();
  const host = s.frontEnd(s.group("closed"), { userData: postfix("hunter2.example.org") });
  const secret = { ...host.snapshot, secrets: new Set(["userData"]) };
  const text = JSON.stringify(s.reportOf([...s.snapshots.filter(({ urn }) => urn !== host.urn), secret]).findings);
  expect(text).toContain("mta-trust-list");
  expect(text).not.toContain("hunter2");
});

describe("other mail servers", () => {
  const exim = (nets: string) => {
    const s = new MailStack().logged();
    const content = `dc_eximconfig_configtype='internet'\ndc_local_interfaces=''\ndc_relay_nets='${nets}'\n`;
    const files = [{ path: "/etc/exim4/update-exim4.conf.conf", content }];
    const group = s.group("fe", { ingress: [smtpFromAnywhere], egress: [smtpOut] });
    s.frontEnd(group, { userData: `#cloud-config\n${JSON.stringify({ write_files: files, packages: ["exim4"] })}\n` });
    return s.findings();
  };

  it("are rejected with a plain open setting", () => {
    const findings = exim("*");
    for (const policy of ["open-relay-path", "mta-relay-restrictions", "mta-trust-list"])
      expect(findings).toContain(`${policy} violation front-end`);
  });

  it("are never passed", () => {
    for (const nets of ["", "10.0.0.0/8", "10.0.2.20"]) {
      expect(exim(nets)).toContain("mta-relay-restrictions undetermined front-end");
      expect(exim(nets)).toContain("open-relay-path undetermined front-end");
    }
  });
});
