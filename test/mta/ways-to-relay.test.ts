import { describe, expect, test } from "vitest";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { answer, everybody, relays } from "./support";

/** Every way to become an open relay, and the configurations that look like one and are none. */
const base = "compatibility_level = 3.6\nmyhostname = mx1.example.com\nmydestination =\nrelay_domains = example.com\n";
const debian = "smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination\n";
const networks = (value: string) => relays(`${base}${debian}mynetworks = ${value}\n`);
const list = (value: string, more = "") =>
  relays(`${base}mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = ${value}\n${more}`);
const closed = ["127.0.0.0/8"];
const may = (clients: string[], must: string[] = []) => ({ must, may: clients });

describe("mynetworks", () => {
  test.each([
    ["0.0.0.0/0", ["0.0.0.0/0"]],
    ["0.0.0.0/1 128.0.0.0/1", ["0.0.0.0/0"]],
    ["static:all", everybody],
    ["cidr:{{0.0.0.0/0 x}}", ["0.0.0.0/0"]],
    ["[::]/0", ["::/0"]],
    ["198.51.0.0/16", ["198.51.0.0/16"]],
    ["127.0.0.0/8 10.0.0.0/8", ["10.0.0.0/8", "127.0.0.0/8"]],
    ["10.0.0.0/8 !10.0.1.5", ["10.0.0.0/8"]],
    ["!10.0.1.0/25, 10.0.1.0/24", ["10.0.1.128/25"]],
    ["!!10.0.1.5", ["10.0.1.5/32"]],
    ["127.0.0.0/8, [::1]/128", ["127.0.0.0/8", "::1/128"]],
    ["127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128", ["127.0.0.0/8", "::1/128", "::ffff:7f00:0/104"]],
    ["10.0.1", []],
    ["inline:{10.0.2.20=x}", ["10.0.2.20/32"]],
    ["", []],
  ])("mynetworks = %s relays for %j", (value, expected) => {
    expect(networks(value)).toEqual(expected);
  });

  test("host bits fail for every client of the family that comes to them", () => {
    expect(networks("10.0.1.5/8")).toEqual([]);
    expect(networks("192.0.2.1 10.0.1.5/8 198.51.100.0/24")).toEqual(["192.0.2.1/32"]);
    expect(networks("10.0.1.5/8 [::1]/128")).toEqual(["::1/128"]);
  });

  test("a host name trusts whoever controls its DNS; `unknown` everybody without a PTR record", () => {
    expect(networks("127.0.0.0/8 partner.example.org")).toEqual(may(everybody, ["127.0.0.0/8"]));
    const { relays: clients } = answer(`${base}${debian}mynetworks = 127.0.0.0/8 unknown\n`);
    expect(toCidrs(clients.may)).toEqual(everybody);
    expect(toCidrs(clients.must)).toContain("8.0.0.0/7");
    expect(toCidrs(clients.must)).not.toContain("10.0.0.0/8");
  });

  test("excluding `unknown` keeps nobody out: a client chooses its name", () => {
    expect(networks("!unknown, 203.0.113.0/24")).toEqual(may(["203.0.113.0/24"]));
  });

  test("tables and files that are not in the program", () => {
    for (const value of [
      "hash:/etc/postfix/networks",
      "/etc/postfix/networks",
      "regexp:/etc/postfix/networks",
      "ldap:x",
    ])
      expect(networks(`127.0.0.0/8 ${value}`)).toEqual(may(everybody, ["127.0.0.0/8"]));
  });

  test("not set: the style decides, by the compatibility level", () => {
    const unset = (level: string) => relays(`${level}mydestination =\n${debian}`);
    expect(unset("compatibility_level = 3.6\n")).toEqual(["127.0.0.0/8", "::1/128"]);
    expect(unset("compatibility_level = 2\n")).toEqual(["127.0.0.0/8", "::1/128"]);
    for (const level of ["", "compatibility_level = 0\n", "compatibility_level = 1\n"])
      expect(unset(level)).toEqual(may(everybody, ["127.0.0.0/8", "::1/128"]));
    expect(unset("compatibility_level = 3.6\nmynetworks_style = class\n")).toEqual(
      may(everybody, ["127.0.0.0/8", "::1/128"]),
    );
    expect(unset("mynetworks_style = host\n")).toEqual(["127.0.0.0/8", "::1/128"]);
  });

  test("only the protocols that are spoken count", () => {
    expect(relays(`${base}${debian}inet_protocols = ipv4\nmynetworks = static:all\n`)).toEqual(["0.0.0.0/0"]);
    expect(relays(`${base}${debian}inet_protocols = ipv6\nmynetworks = static:all\n`)).toEqual(["::/0"]);
  });
});

describe("access tables", () => {
  test.each([
    ["check_client_access static:OK, reject_unauth_destination", everybody],
    ["check_client_access static:1, reject_unauth_destination", everybody],
    ["check_client_access static:550, reject_unauth_destination", everybody],
    ["check_client_access static:RELAY, reject_unauth_destination", everybody],
    ["check_client_access static:{permit text}, reject_unauth_destination", everybody],
    ["check_client_access static:DUNNO, reject_unauth_destination", []],
    ["check_client_access static:{550 no}, permit_mynetworks, reject_unauth_destination", []],
    ["check_client_access static:permit_auth_destination, reject_unauth_destination", []],
    ["check_client_access static:permit_mynetworks, reject_unauth_destination", closed],
    ["check_client_access cidr:{{198.51.100.0/24 1}}, reject_unauth_destination", ["198.51.100.0/24"]],
    ["check_client_access cidr:{{10.0.2.20/32 permit}, {10.0.2.21 OK}}, reject_unauth_destination", ["10.0.2.20/31"]],
    ["check_client_access cidr:{{10.0.2.0/25 REJECT}, {10.0.2.0/24 OK}}, reject", ["10.0.2.128/25"]],
    ["check_client_access cidr:{{10.0.2.5/24 OK}}, reject", []],
    ["check_client_access cidr:{{2001:db8::/32 OK}}, reject", ["2001:db8::/32"]],
    [
      "check_client_access inline:{10.0.2.20=OK, 10.1=OK, {10.1.2 = REJECT no}}, reject",
      [
        "10.0.2.20/32",
        "10.1.0.0/23",
        "10.1.3.0/24",
        "10.1.4.0/22",
        "10.1.8.0/21",
        "10.1.16.0/20",
        "10.1.32.0/19",
        "10.1.64.0/18",
        "10.1.128.0/17",
      ],
    ],
    ["check_client_access fail:x, permit_mynetworks, reject", []],
    ["check_client_access regexp:{{/./ OK}}, reject", everybody],
    ["check_client_access pcre:{{/^192/ REJECT}}, permit_mynetworks, reject", may(closed)],
  ])("%s", (value, expected) => {
    expect(list(value)).toEqual(expected);
  });

  test("what a table of unknown content does is not known, until a refusal settles it", () => {
    expect(list("check_client_access hash:/etc/postfix/clients, reject_unauth_destination")).toEqual(may(everybody));
    expect(list("permit_mynetworks, reject_unauth_destination, check_client_access hash:/etc/postfix/clients")).toEqual(
      closed,
    );
  });

  test.each([
    "check_helo_access inline:{localhost.localdomain=OK}",
    "check_sender_access inline:{example.com=OK}",
    "check_sender_access inline:{test=OK}",
    "check_sender_access inline:{<>=OK}",
    "check_sender_access static:OK",
    "check_recipient_access static:OK",
    "check_recipient_access inline:{com=OK}",
  ])("%s opens to anybody who says so", (check) => {
    expect(list(`${check}, reject_unauth_destination`)).toEqual(everybody);
  });

  test("identity that several lists judge is not certain", () => {
    const sender = "smtpd_sender_restrictions = check_sender_access inline:{example.com=REJECT}\n";
    expect(list("check_sender_access inline:{example.com=OK}, reject", sender)).toEqual(may(everybody));
    expect(
      list(
        "check_sender_access inline:{example.com=OK}, reject",
        "smtpd_sender_restrictions = reject_unknown_sender_domain\n",
      ),
    ).toEqual(everybody);
  });

  test("recipients that are permitted: the host's own are no matter, others may be a relay", () => {
    expect(list("check_recipient_access inline:{probe.test=OK}, reject_unauth_destination")).toEqual(may(everybody));
    expect(list("check_recipient_access inline:{postmaster@=OK}, reject_unauth_destination")).toEqual(may(everybody));
    expect(list("check_recipient_access inline:{{info@example.com=OK}}, reject_unauth_destination")).toEqual([]);
    expect(list("inline:{probe.test=OK}, reject_unauth_destination")).toEqual(may(everybody));
  });

  test("tables that Postfix forbids to say OK are safe", () => {
    for (const check of ["check_sender_mx_access", "check_helo_ns_access", "check_recipient_a_access"])
      expect(list(`${check} cidr:{{0.0.0.0/0 OK}}, permit_mynetworks, reject_unauth_destination`)).toEqual(closed);
    expect(list("check_reverse_client_hostname_access static:OK, reject_unauth_destination")).toEqual([]);
  });
});

describe("restrictions", () => {
  test.each([
    ["permit_mynetworks, reject_unauth_destination", closed],
    ["permit_mynetworks, defer_unauth_destination", closed],
    ["PERMIT_MYNETWORKS Reject_Unauth_Destination", closed],
    ["permit_mynetworks, permit_sasl_authenticated, reject", closed],
    ["permit_sasl_authenticated, reject_unauth_destination", []],
    ["permit_auth_destination, permit_mynetworks, reject", closed],
    ["reject_unauth_destination, permit_mynetworks", []],
    ["permit_mynetworks, defer_if_permit", closed],
    ["defer_if_permit, permit_mynetworks", []],
    ["permit_mynetworks, reject_non_fqdn_recipient, reject_rbl_client zen.example, reject_unauth_destination", closed],
    ["permit_dnswl_client list.example, reject_unauth_destination", []],
    ["warn_if_reject reject_unauth_destination, permit_mynetworks, reject", closed],
    ["reject_unknown_recipient_domain, permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination", closed],
    ["permit_tls_all_clientcerts, permit_mynetworks, reject_unauth_destination", closed],
    ["permit_mx_backup, reject_unauth_destination", may(everybody)],
    ["check_policy_service unix:private/policy, reject_unauth_destination", may(everybody)],
    ["reject_unauth_destination, check_policy_service unix:private/policy", []],
    ["permit_inet_interfaces, reject", may(everybody)],
    ["permit_mynetwork, reject", may(everybody)],
    ["check_ccert_access hash:/etc/postfix/certs, reject_unauth_destination", []],
  ])("%s", (value, expected) => {
    expect(list(value)).toEqual(expected);
  });

  test("relay is closed if either list refuses", () => {
    expect(list("permit", "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n")).toEqual(
      closed,
    );
    expect(list("", "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n")).toEqual(closed);
    expect(list("permit_mynetworks, reject_unauth_destination", "smtpd_recipient_restrictions = permit\n")).toEqual(
      closed,
    );
    expect(list("", "smtpd_recipient_restrictions = permit_sasl_authenticated,reject\n")).toEqual([]);
  });

  test("the lists before it can refuse, and never grant", () => {
    const restriction = "permit_mynetworks, check_client_access static:OK, reject_unauth_destination";
    expect(list(restriction, "smtpd_client_restrictions = permit_mynetworks, reject\n")).toEqual(closed);
    expect(list(restriction, "smtpd_sender_restrictions = reject\n")).toEqual([]);
    expect(list("permit_mynetworks, reject", "smtpd_client_restrictions = static:OK\n")).toEqual(closed);
    // Without a HELO, its list is never asked.
    expect(list(restriction, "smtpd_helo_restrictions = reject\n")).toEqual(may(everybody));
    expect(list(restriction, "smtpd_helo_required = yes\nsmtpd_helo_restrictions = reject\n")).toEqual([]);
  });

  test("restriction classes", () => {
    const more =
      "smtpd_restriction_classes = friends, strict\nfriends = check_client_access cidr:{{10.0.2.20/32 OK}}\nstrict = permit\n";
    expect(list("friends, reject_unauth_destination", more)).toEqual(["10.0.2.20/32"]);
    expect(list("check_client_access static:strict, reject_unauth_destination", more)).toEqual(everybody);
    expect(list("check_client_access cidr:{{10.9.0.0/16 strict}}, reject_unauth_destination", more)).toEqual([
      "10.9.0.0/16",
    ]);
  });

  test("anonymous logins", () => {
    const sasl = "smtpd_sasl_auth_enable = yes\n";
    expect(list("permit_sasl_authenticated, reject", sasl)).toEqual([]);
    expect(list("permit_sasl_authenticated, reject", `${sasl}smtpd_sasl_security_options =\n`)).toEqual(may(everybody));
    expect(list("permit_sasl_authenticated, reject", `${sasl}smtpd_sasl_tls_security_options = noplaintext\n`)).toEqual(
      may(everybody),
    );
    expect(list("permit_tls_all_clientcerts, reject", "smtpd_tls_ask_ccert = yes\n")).toEqual(may(everybody));
  });
});

describe("no service", () => {
  test.each([
    ["", ""],
    ["permit_mynetworks, permit", "smtpd_recipient_restrictions = reject_non_fqdn_recipient\n"],
    ["warn_if_reject reject_unauth_destination", ""],
    ["permit, reject", ""],
    ["check_client_access static:REJECT", ""],
  ])("a list without a working refusal: %j %j", (value, more) => {
    const found = answer(`${base}smtpd_relay_restrictions = ${value}\n${more}`);
    expect(found.outage?.text).toContain("does not start");
    expect(toCidrs(found.relays.may)).toEqual([]);
  });
});

describe("domains", () => {
  const domains = (text: string) =>
    relays(`compatibility_level = 3.6\nmydestination =\nmynetworks =\n${debian}${text}\n`);
  test.each([
    ["relay_domains = static:all", everybody],
    ["relay_domains = regexp:{{/./ x}}", everybody],
    ["relay_domains = com", everybody],
    ["relay_domains = co.uk", everybody],
    ["relay_domains = inline:{com=x}", everybody],
    ["relay_domains = com\nparent_domain_matches_subdomains =", []],
    ["relay_domains = .com\nparent_domain_matches_subdomains =", everybody],
    ["relay_domains = .com", may(everybody)],
    ["relay_domains = *", []],
    ["relay_domains = example.com, $mydestination", []],
    ["relay_domains = hash:/etc/postfix/relay", may(everybody)],
    ["virtual_mailbox_domains = static:all", []],
    ["virtual_mailbox_domains = static:all\nvirtual_transport = smtp", everybody],
    ["virtual_mailbox_domains = static:all\nvirtual_transport = lmtp:unix:private/dovecot", []],
    ["virtual_mailbox_domains = static:all\ntransport_maps = hash:/etc/postfix/transport", may(everybody)],
    ["virtual_alias_domains = hash:/etc/postfix/virtual", []],
    ["virtual_mailbox_domains = proxy:mysql:/etc/postfix/domains.cf", []],
    ["allow_untrusted_routing = yes", may(everybody)],
  ])("%s", (text, expected) => {
    expect(domains(text)).toEqual(expected);
  });
});
