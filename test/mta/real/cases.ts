// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Postfix itself
import { type Configuration, localServices } from "./postfix-files";

/**
 * Configurations written by hand, with what they come to: each way to relay, what looks like one and is none, and whatever was once
 * evaluated wrongly. The evaluator is held to `relays` everywhere, and the real Postfix to the evaluator where it can be run.
 */
export interface Case {
  readonly name: string;
  readonly main: string;
  readonly master?: string;
  readonly files?: { readonly [path: string]: string };
  readonly compiled?: readonly string[];
  /** By port: the prefixes that relay, or those that certainly and those that perhaps do. */
  readonly relays: { readonly [port: number]: readonly string[] | { must: readonly string[]; may: readonly string[] } };
  /** Peers that choose the address that they are judged by, and how they say it. */
  readonly claims?: { readonly peers: readonly string[]; readonly by: "PROXY" | "XCLIENT" };
  /** The port has no working service. */
  readonly outage?: true;
}

const everybody = ["0.0.0.0/0", "::/0"];
const base = "compatibility_level = 3.6\nmyhostname = mx.example.org\nmydestination =\nrelay_domains = example.com\n";
const debian = "smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination\n";
const one = (name: string, more: string, relays: Case["relays"][number], rest: Partial<Case> = {}): Case => ({
  name,
  main: base + more,
  relays: { 25: relays },
  ...rest,
});
const networks = (value: string, relays: Case["relays"][number], rest: Partial<Case> = {}) =>
  one(`mynetworks = ${value}`, `${debian}mynetworks = ${value}\n`, relays, rest);
const list = (value: string, relays: Case["relays"][number], rest: Partial<Case> = {}) =>
  one(value, `mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = ${value}\n`, relays, rest);
const services = (name: string, lines: string, relays: Case["relays"], more = "", rest: Partial<Case> = {}): Case => ({
  name,
  main: `${base}${debian}mynetworks = 127.0.0.0/8\n${more}`,
  master: `${lines}\n${localServices}`,
  relays,
  ...rest,
});
const loopback = ["127.0.0.0/8"];
const open = { must: [], may: everybody };

export function configurationOf({ main, master, files, compiled }: Case): Configuration {
  return {
    main,
    master: master ?? `smtp inet n - n - - smtpd\n${localServices}`,
    ...(files === undefined ? {} : { files }),
    ...(compiled === undefined ? {} : { compiled }),
  };
}

export const cases: readonly Case[] = [
  networks("0.0.0.0/0", ["0.0.0.0/0"]),
  networks("0.0.0.0/1 128.0.0.0/1", ["0.0.0.0/0"]),
  networks("static:all", everybody),
  networks("cidr:{{0.0.0.0/0 x}}", ["0.0.0.0/0"]),
  networks("[::]/0", ["::/0"]),
  networks("10.0.0.0/8 !10.0.2.20", ["10.0.0.0/8"]),
  networks("!10.0.2.20 10.0.2.0/24", [
    "10.0.2.0/28",
    "10.0.2.16/30",
    "10.0.2.21/32",
    "10.0.2.22/31",
    "10.0.2.24/29",
    "10.0.2.32/27",
    "10.0.2.64/26",
    "10.0.2.128/25",
  ]),
  networks("10.0.1.5/8", []),
  networks("[::ffff:10.0.2.20]", ["::ffff:a00:214/128"]),
  networks("127.0.0.0/8 10.0.2", ["127.0.0.0/8"]),
  networks("127.0.0.0/8\n# a comment\n\n   10.0.2.20", ["10.0.2.20/32", "127.0.0.0/8"]),
  networks("10.0.2.20 # no comment here", { must: ["10.0.2.20/32"], may: everybody }),
  networks("partner.example.org", open),
  networks("hash:/etc/postfix/nets", ["10.0.2.20/32"], {
    files: { "/etc/postfix/nets": "10.0.2.20 x\n" },
    compiled: ["/etc/postfix/nets"],
  }),
  one("the subnet of the host, by the level", `${debian}compatibility_level = 1\n`, {
    must: ["127.0.0.0/8", "::1/128"],
    may: everybody,
  }),
  one("the host alone", debian, ["127.0.0.0/8", "::1/128"]),
  one(
    "no relay list below level 1",
    "compatibility_level = 0\nmynetworks = 10.0.2.20\nsmtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n",
    ["10.0.2.20/32"],
  ),
  one("neither list refuses", "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions =\n", [], { outage: true }),
  one("only behind warn_if_reject", "smtpd_relay_restrictions = warn_if_reject reject_unauth_destination\n", [], {
    outage: true,
  }),
  list("permit", [], { outage: true }),
  list("check_client_access static:OK, reject_unauth_destination", everybody),
  list("check_client_access static:1, reject_unauth_destination", everybody),
  list("check_client_access static:550, reject_unauth_destination", everybody),
  list("check_client_access static:RELAY, reject_unauth_destination", everybody),
  list("check_client_access static:{550 no}, permit_mynetworks, reject_unauth_destination", []),
  list("check_client_access static:permit_auth_destination, reject_unauth_destination", []),
  list("check_client_access cidr:{{10.0.2.20/32 permit}}, reject_unauth_destination", ["10.0.2.20/32"]),
  list("check_client_access cidr:{{10.0.2.5/24 OK}}, reject", []),
  list("check_client_access inline:{10.0.2.20=OK, {10.0 = REJECT no}}, reject", ["10.0.2.20/32"]),
  list("check_client_access hash:/etc/postfix/clients, reject", ["10.0.2.0/24"], {
    files: { "/etc/postfix/clients": "# some\n10.0.2\n   OK\n" },
    compiled: ["/etc/postfix/clients"],
  }),
  list("check_client_access cidr:/etc/postfix/clients, reject", ["10.0.2.128/25"], {
    files: { "/etc/postfix/clients": "10.0.2.0/25 REJECT\n10.0.2.0/24 OK\n" },
  }),
  list("check_helo_access inline:{localhost.localdomain=OK}, reject_unauth_destination", everybody),
  list("check_sender_access inline:{example.com=OK}, reject_unauth_destination", everybody),
  list("check_sender_access inline:{<>=OK}, reject_unauth_destination", everybody),
  list("check_sender_access inline:{test=OK}, reject_unauth_destination", everybody),
  list("check_recipient_access static:OK, reject_unauth_destination", everybody),
  list("check_sender_mx_access static:OK, reject_unauth_destination", []),
  list("check_policy_service unix:private/none, reject_unauth_destination", open),
  list("permit_mynetworks\n# no end\n  , reject_unauth_destination", loopback),
  one(
    "a class that permits",
    "smtpd_restriction_classes = mine\nmine = permit\nsmtpd_relay_restrictions = check_client_access cidr:{{10.0.2.0/24 mine}}, reject\n",
    ["10.0.2.0/24"],
  ),
  one(
    "a list that others keep, for destinations that are all the host's own",
    "relay_domains = static:all\nmynetworks =\nsmtpd_relay_restrictions = permit_dnswl_client list.example, reject\n",
    open,
  ),
  list("permit_dnswl_client list.example, reject", []),
  one(
    "OK in the client list grants nothing",
    `${debian}mynetworks = 127.0.0.0/8\nsmtpd_client_restrictions = check_client_access static:OK\n`,
    loopback,
  ),
  one(
    "a refusal in the client list counts",
    `${debian}mynetworks = 10.0.0.0/8\nsmtpd_client_restrictions = check_client_access cidr:{{10.0.2.0/24 OK}}, reject\n`,
    ["10.0.2.0/24"],
  ),
  one("relay_domains = static:all", `${debian}mynetworks = 127.0.0.0/8\nrelay_domains = static:all\n`, everybody),
  one("relay_domains = com test", `${debian}mynetworks = 127.0.0.0/8\nrelay_domains = com test\n`, everybody),
  one("relay_domains = *", `${debian}mynetworks = 127.0.0.0/8\nrelay_domains = *\n`, loopback),
  one(
    "virtual mailboxes of everybody, sent on",
    `${debian}mynetworks = 127.0.0.0/8\nvirtual_mailbox_domains = static:all\nvirtual_transport = smtp\n`,
    everybody,
  ),
  one(
    "the later setting of two, and a parameter",
    `${debian}mynetworks = 0.0.0.0/0\noffice = 10.0.2.20\nmynetworks = $office $(office) \${office}\n`,
    ["10.0.2.20/32"],
  ),
  one(
    "a conditional",
    `${debian}office = 10.0.2.20\nmynetworks = \${office?{$office}:{0.0.0.0/0}}\${nothing:,10.0.2.21}\nnothing =\n`,
    ["10.0.2.20/31"],
  ),

  services("-o", "smtp inet n - n - - smtpd -o mynetworks=10.0.2.20", { 25: ["10.0.2.20/32"] }),
  services(
    "-o with braces and blanks",
    "smtp inet n - n - - smtpd\n # a comment\n  -o { mynetworks = 10.0.2.20, 10.0.2.21 }",
    { 25: ["10.0.2.20/31"] },
  ),
  services(
    "-o of a parameter that another names",
    "smtp inet n - n - - smtpd -o office=10.0.2.20",
    { 25: ["10.0.2.20/32"] },
    "office = 127.0.0.1\nmynetworks = $office\n",
  ),
  services("-o relay_domains: smtpd does not route", "smtp inet n - n - - smtpd -o relay_domains=static:all", {
    25: loopback,
  }),
  {
    ...services("-o relay_domains where it counts", "smtp inet n - n - - smtpd", { 25: everybody }),
    master: `smtp inet n - n - - smtpd\n${localServices.replace(/^rewrite.*$/m, "rewrite unix - - n - - trivial-rewrite -o relay_domains=static:all")}`,
  },
  services("the last of two lines", "smtp inet n - n - - smtpd -o mynetworks=0.0.0.0/0\nsmtp inet n - n - - smtpd", {
    25: loopback,
  }),
  services("25 is smtp", "smtp inet n - n - - smtpd -o mynetworks=0.0.0.0/0\n25 inet n - n - - smtpd", {
    25: loopback,
  }),
  services(
    "one family",
    "0.0.0.0:smtp inet n - n - - smtpd -o mynetworks=static:all\n[::]:2525 inet n - n - - smtpd -o mynetworks=static:all",
    { 25: ["0.0.0.0/0"], 2525: ["::/0"] },
  ),
  services("two on one port", "10.0.1.4:smtp inet n - n - - smtpd -o mynetworks=10.0.2.20\nsmtp inet n - n - - smtpd", {
    25: { must: [], may: ["10.0.2.20/32", "127.0.0.0/8"] },
  }),
  services("a word that is no option", "smtp inet n - n - - smtpd -o mynetworks=0.0.0.0/0 x", { 25: [] }, "", {
    outage: true,
  }),
  services(
    "Debian's submission",
    "smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd\n  -o smtpd_relay_restrictions=\n  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
    { 25: loopback, 587: [] },
  ),
  services("postscreen", "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd -o mynetworks=10.0.2.20", {
    25: ["10.0.2.20/32"],
  }),
  services(
    "PROXY",
    "smtp inet n - n - - smtpd -o smtpd_upstream_proxy_protocol=haproxy -o mynetworks=10.0.2.20",
    { 25: ["10.0.2.20/32"] },
    "",
    { claims: { peers: everybody, by: "PROXY" } },
  ),
  services(
    "XCLIENT",
    "smtp inet n - n - - smtpd -o smtpd_authorized_xclient_hosts=203.0.113.0/24",
    { 25: loopback },
    "",
    { claims: { peers: ["203.0.113.0/24"], by: "XCLIENT" } },
  ),
];
