// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Postfix itself
import fc from "fast-check";
import type { Identities } from "./host";
import { type Configuration, localServices } from "./postfix-files";

/** What the client says about itself in the generated configurations: everything that their tables have entries for. */
export const identities: Identities = {
  greetings: ["mx.foreign.test", "localhost.localdomain", "192.0.2.7", null],
  senders: ["b@foreign.test", "", "a@example.com", "postmaster@sub.com"],
  recipients: ["TAG@foreign.test", "TAG@stranger.com"],
};

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const separator = fc.oneof(
  { weight: 6, arbitrary: pick(" ", ", ", ",") },
  { weight: 2, arbitrary: pick("\n    ", "\n\t", ",\n# a comment\n    ", "\n\n  ", " ,\n ", "\n   # another\n ") },
);
const joined = (item: fc.Arbitrary<string>, min: number, max: number) =>
  fc
    .array(fc.tuple(item, separator), { minLength: min, maxLength: max })
    .map((items) => items.map(([text, between], i) => (i === 0 ? text : between + text)).join(""));

const network = pick(
  ..."127.0.0.0/8 10.0.0.0/8 10.0.2.20 10.0.2.20/32 10.0.2.0/24 0.0.0.0/0 0.0.0.0/1 128.0.0.0/1 [::1]/128 [::]/0 [2001:db8::]/32 [fd00::9] 203.0.113.0/24 198.51.100.9 10.0.1.5/8 10.0.2 10.0 [fd00::1]/8 !10.0.2.20 !10.0.0.0/8 !!10.1.2.3 !127.0.0.1 static:all inline:{10.0.2.20=x} inline:{{10.0.2.20=x},203.0.113.9=y} [10.0.0.0]/8 10.0.0.0/33 10.0.0.0/ 10/8 192.0.2.7/32 unknown !unknown partner.example.org .example.org hostname.example [::ffff:10.0.2.20] 2001:db8::/32 ::1 10.0.2.20/31 $mine ${mine} $(mine) /etc/postfix/nets !/etc/postfix/nets texthash:/etc/postfix/clients hash:/etc/postfix/compiled !static:all 010.0.2.20 10.0.2.20/032 10.0.2.20/ [10.0.2.20 10.0.2.20] 0/0 *".split(
    " ",
  ),
  "cidr:{{10.0.2.0/24 x}}",
  "cidr:{{0.0.0.0/0 x}, {::/0 x}}",
  "cidr:{ {10.0.2.20 x}, {!10.0.0.0/8 x} }",
  "regexp:{{/^10/ x}}",
  "pcre:{{/./ x}}",
  "unionmap:{static:a,inline:{10.0.2.20=x}}",
);

/** Right-hand sides of an access table. */
const result = pick(
  ..."OK,ok,RELAY,DUNNO,REJECT,reject go away,1,550,550 5.7.1 no,450 later,permit,permit_mynetworks,reject_unauth_destination,cls1,cls2,static:OK,HOLD,permit_auth_destination,DEFER_IF_PERMIT,DEFER,WARN hm,INFO,500 x,foo,FILTER smtp:[127.0.0.1]:9,0,permit text,PREPEND X-A: b,DISCARD,BCC x@example.com,REDIRECT x@example.com,DEFER_IF_REJECT,2,OK but,421 bye,HANGUP".split(
    ",",
  ),
  "permit_mynetworks, reject",
  "check_client_access static:OK",
);
const bare = result.filter((text) => !/[{}]/.test(text));
const clientTable = fc.oneof(
  fc.tuple(bare).map(([it]) => (/[\s,]/.test(it) ? `static:{${it}}` : `static:${it}`)),
  fc
    .tuple(
      pick(
        "10.0.2.20/32",
        "10.0.2.0/24",
        "0.0.0.0/0",
        "10.0.2.5/24",
        "203.0.113.9",
        "!10.0.0.0/8",
        "2001:db8::/32",
        "::/0",
      ),
      bare,
    )
    .map(([net, it]) => `cidr:{{${net} ${it}}}`),
  fc.tuple(bare, bare).map(([a, b]) => `cidr:{{10.0.2.20 ${a}}, {10.0.0.0/8 ${b}}}`),
  fc
    .tuple(
      bare,
      bare,
      pick(
        "203",
        "203.0.113.9",
        "unknown",
        "2001:db8:0:0:0:0:0:5",
        "2001:db8::5",
        "example.org",
        "partner.example.org",
      ),
      bare,
    )
    .map(([a, b, key, c]) => `inline:{{10.0.2.20=${a}},{10.0=${b}},{${key}=${c}}}`),
  bare.map((it) => `regexp:{{/./ ${it}}}`),
  bare.map((it) => `regexp:{{/^10\\./ ${it}}}`),
  pick(
    "texthash:/etc/postfix/clients",
    "hash:/etc/postfix/compiled",
    "cidr:/etc/postfix/clients.cidr",
    "fail:x",
    "hash:/etc/postfix/none",
    "inline:{}",
  ),
  pick("unionmap:{static:OK}", "pipemap:{static:a,static:OK}", "randmap:{OK,OK}"),
);
const key = pick(
  ..."example.com foreign.test <> test com a@ postmaster@ localhost.localdomain probe.test a@example.com b@foreign.test stranger.com sub.com .test 192.0.2.7 192.0".split(
    " ",
  ),
);
const identityTable = fc.oneof(
  fc.tuple(bare).map(([it]) => (/[\s,]/.test(it) ? `static:{${it}}` : `static:${it}`)),
  fc.tuple(key, bare).map(([name, it]) => `inline:{{${name}=${it}}}`),
  bare.map((it) => `regexp:{{/foreign/ ${it}}}`),
  bare.map((it) => `cidr:{{0.0.0.0/0 ${it}}}`),
  pick("texthash:/etc/postfix/identities"),
);

const plainWord = pick(
  ..."permit_mynetworks permit_mynetworks reject_unauth_destination defer_unauth_destination reject permit permit_sasl_authenticated permit_auth_destination warn_if_reject reject_non_fqdn_recipient reject_unlisted_recipient defer_if_permit defer_if_reject cls1 cls2 permit_inet_interfaces reject_unauth_pipelining Permit_MyNetworks REJECT permit_tls_all_clientcerts permit_tls_clientcerts inline:{example.com=OK} static:OK permit_naked_ip_address check_relay_domains unknown_word reject_plaintext_session permit_mx_backup reject_multi_recipient_bounce reject_sender_login_mismatch reject_unknown_sender_domain reject_unknown_client_hostname reject_unknown_reverse_client_hostname reject_invalid_helo_hostname reject_non_fqdn_helo_hostname reject_unknown_helo_hostname reject_unknown_recipient_domain defer permit_dnswl_client reject_rbl_client".split(
    " ",
  ),
  "sleep 0",
  "reject_rbl_client zen.invalid",
  "permit_dnswl_client list.invalid",
  "check_sasl_access static:OK",
);
const word = fc.oneof(
  { weight: 6, arbitrary: plainWord },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        pick(
          "check_client_access",
          "check_client_access",
          "check_reverse_client_hostname_access",
          "check_ccert_access",
          "CHECK_CLIENT_ACCESS",
        ),
        clientTable,
      )
      .map((it) => it.join(" ")),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        pick(
          "check_sender_access",
          "check_helo_access",
          "check_recipient_access",
          "check_sender_mx_access",
          "check_recipient_ns_access",
        ),
        identityTable,
      )
      .map((it) => it.join(" ")),
  },
);
const list = fc
  .tuple(joined(word, 0, 4), separator, pick("", "reject_unauth_destination", "reject_unauth_destination", "reject"))
  .map(([words, between, end]) => (words === "" || end === "" ? words + end : words + between + end));

const domain = pick(
  ..."example.com test static:all com .com .test * $mydestination inline:{com=x} inline:{.test=x} !foreign.test foreign.test.example $mine /etc/postfix/domains texthash:/etc/postfix/domains.map !com".split(
    " ",
  ),
  "regexp:{{/./ x}}",
  "regexp:{{/example/ x}}",
);

/** `name = value`, in the spellings that there are; `odds` of it being there at all, in ten. */
const setting = (name: string, value: fc.Arbitrary<string>, odds: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), pick(" = ", " = ", "=", " =", "= ", "\t=\t", " =\n "), value)
    .map(([dice, equals, text]) => (dice <= odds ? [`${name}${equals}${text}`] : []));

const comment = pick(
  [],
  [],
  [],
  ["# a comment"],
  ["  "],
  ["#"],
  ["   # an indented comment"],
  [" permit_mynetworks"],
  ["mynetworks"],
  ["{ x = y }"],
);

const lines = fc.tuple(
  setting("compatibility_level", pick("3.6", "3.6", "2", "1", "0", "3.9", "3.10", "3", "1.5"), 8),
  setting(
    "mine",
    pick("10.0.0.0/8", "", "$others", "192.0.2.7", "${others:10.0.2.20}", "${others?{10.1.2.3}:{10.0.2.21}}"),
    4,
  ),
  setting(
    "others",
    pick("203.0.113.0/24", "", "${{$compatibility_level} >=level {3.6} ? {10.0.2.0/24} : {0.0.0.0/0}}"),
    4,
  ),
  setting("mynetworks", joined(network, 0, 3), 9),
  comment,
  setting("mynetworks", network, 1),
  setting("mynetworks_style", pick("host", "subnet", "class", "Host", "bogus"), 2),
  setting("smtpd_relay_restrictions", list, 7),
  comment,
  setting("smtpd_recipient_restrictions", list, 5),
  setting("smtpd_client_restrictions", list, 2),
  setting("smtpd_sender_restrictions", list, 1),
  setting("smtpd_helo_restrictions", list, 1),
  setting("smtpd_helo_required", pick("yes", "no", "YES"), 2),
  setting("smtpd_data_restrictions", list, 1),
  setting("smtpd_end_of_data_restrictions", list, 1),
  setting("smtpd_delay_reject", pick("yes", "no"), 1),
  setting("relay_domains", joined(domain, 0, 2), 3),
  setting(
    "parent_domain_matches_subdomains",
    pick("", "relay_domains", "smtpd_access_maps", "relay_domains,smtpd_access_maps"),
    2,
  ),
  pick<string[]>(
    ...Array.from({ length: 8 }, () => []),
    ["virtual_mailbox_domains = static:all", "virtual_transport = smtp"],
    ["virtual_mailbox_domains = test", "virtual_transport = relay"],
    ["virtual_alias_domains = foreign.test", "virtual_alias_maps = static:x@example.com"],
    ["allow_untrusted_routing = yes"],
    ["smtpd_tls_ask_ccert = yes"],
    ["smtpd_null_access_lookup_key = null"],
    ["smtpd_reject_unlisted_recipient = no"],
    ["smtpd_permit_mynetworks_is_no_parameter = 1"],
  ),
  setting("mydestination", pick("", "example.com", "$myhostname, localhost", "static:all"), 5),
  setting("inet_protocols", pick("ipv4", "all", "ipv4, ipv6", "ipv6", ""), 2),
  setting("inet_interfaces", pick("all", "loopback-only", "localhost", "10.0.1.4", "$myhostname", "127.0.0.1, ::1"), 1),
  setting(
    "cls1",
    joined(
      word.map((it) => it.replaceAll(/\bcls[12]\b/g, "permit")),
      1,
      2,
    ),
    10,
  ),
  setting(
    "cls2",
    pick(
      "permit",
      "reject",
      "permit_mynetworks",
      "check_client_access cidr:{{10.0.2.20 OK}}",
      "warn_if_reject reject",
      "",
      "cls1",
    ),
    10,
  ),
);

/** Spellings of options behind the command of a service. */
const options = pick(
  ...Array.from({ length: 10 }, () => ""),
  "\n  -o mynetworks=10.0.0.0/8",
  "\n  -o smtpd_relay_restrictions=",
  " -o smtpd_relay_restrictions=permit_mynetworks,reject",
  "\n -o {smtpd_client_restrictions = permit_mynetworks, reject}",
  "\n  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n# x\n -v",
  " -osmtpd_relay_restrictions=check_client_access,cidr:{{10.0.2.20 permit}},reject",
  "\n  -o { smtpd_relay_restrictions = check_client_access cidr:{{10.0.2.20 permit}}, reject }",
  "\n  -o smtpd_relay_restrictions=$mine",
  "\n  -o mine=203.0.113.9\n",
  "\n  -o mynetworks=$mine",
  " -o mynetworks=10.0.2.20 -o mynetworks=10.0.2.21",
  "\n  -o smtpd_recipient_restrictions=\n  -o smtpd_relay_restrictions=permit_mynetworks,reject",
  " -o {mynetworks=0.0.0.0/0}",
  "\n  -o syslog_name=postfix/x\n  -o smtpd_helo_required=yes",
  " -o smtpd_relay_restrictions=permit_mynetworks reject",
  "\n  -o relay_domains=static:all",
  " -v -v",
  "\n  -o compatibility_level=0",
  "\n  -o inet_protocols=ipv4",
  "\n  -o smtpd_delay_reject=no",
);
const master = fc
  .tuple(
    pick(
      "smtp inet n - n - - smtpd",
      "smtp      inet  n       -       n       -       -       smtpd",
      "25 inet n - n - - smtpd",
      "0.0.0.0:25 inet n - n - - smtpd",
      "10.0.1.4:smtp inet n - n - - smtpd",
    ),
    options,
    pick("", "", "\n2525 inet n - n - - smtpd", "\nsmtp inet n - n - - smtpd"),
    options,
  )
  .map(([first, a, second, b]) => `${first}${a}${second}${second === "" ? "" : b}\n`);

/** Files that tables and lists of the generated configurations name. */
const files = {
  "/etc/postfix/nets": "# networks\n10.0.2.0/24\n192.0.2.7 !203.0.113.9\n",
  "/etc/postfix/domains": "example.com\n# x\nexample.net\n",
  "/etc/postfix/domains.map": "example.com x\n.foreign.test x\n",
  "/etc/postfix/clients": "10.0.2.20 OK\n10 REJECT\n",
  "/etc/postfix/clients.cidr": "# first match\n10.0.2.0/25 OK\nif 10.0.0.0/8\n10.1.2.3 OK\nendif\n0.0.0.0/0 DUNNO\n",
  "/etc/postfix/compiled": "10.0.2.21 OK\n10.0.2 permit_mynetworks\npartner.example.org OK\n",
  "/etc/postfix/identities": "foreign.test DUNNO\nexample.com\n    OK\n",
};

/** Says only what makes the host start whatever comes after it. */
const fixed = `myhostname = mx.example.org
smtpd_restriction_classes = cls1, cls2
virtual_alias_domains =
virtual_alias_maps =
local_recipient_maps =
alias_maps =
smtpd_reject_unlisted_recipient = no
`;

export const configuration: fc.Arbitrary<Configuration> = fc.tuple(lines, master).map(([settings, services]) => ({
  main: `${fixed}${settings.flat().join("\n")}\n`,
  master: services + localServices,
  files,
  compiled: ["/etc/postfix/compiled"],
}));

/**
 * What the evaluator leaves open, as it says in its reasons: only a configuration with one of these may be undetermined, and only an
 * answer with one of these may have bounds that differ.
 */
export const undecided: readonly RegExp[] = [
  /regexp:|pcre:|pipemap:|unionmap:|randmap:|hash:\/etc\/postfix\/none|\bunknown\b|example\.org/,
];
