// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Postfix itself
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateHost } from "../../policies/analysis/mta";
import { allAddresses, isSubset } from "../../policies/analysis/net/addr";
import { parseCidr, toCidrs } from "../../policies/analysis/net/cidr";
import { answer, cloudConfig, readable } from "./support";

describe("properties", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const network = fc
    .tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }))
    .map(([a, b, c, d, length]) => toCidrs(parseCidr(`${a}.${b}.${c}.${d}/${length}`) ?? allAddresses)[0] ?? "");
  const element = fc.tuple(fc.boolean(), network);

  test("a list of networks is decided by the first match, for every address", () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 6 }), fc.tuple(octet, octet, octet, octet), (list, [a, b, c, d]) => {
        const text = list.map(([negated, it]) => `${negated ? "!" : ""}${it}`).join(" ");
        const client = parseCidr(`${a}.${b}.${c}.${d}`) ?? allAddresses;
        const first = list.find(([, it]) => isSubset(client, parseCidr(it) ?? allAddresses));
        const { relays: found } = answer(`compatibility_level = 3.6\nmydestination =\nmynetworks = ${text}\n`);
        expect(isSubset(client, found.must)).toBe(first !== undefined && !first[0]);
        expect(found.why).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  const word = fc.constantFrom(
    ..."permit_mynetworks reject_unauth_destination reject permit warn_if_reject permit_sasl_authenticated defer_if_permit odd_word check_client_access static:OK static:REJECT cidr:{{10.0.0.0/8 OK}} hash:/x check_sender_access check_policy_service unix:x cls $mynetworks { } , # = ${x?y} !".split(
      " ",
    ),
  );
  const list = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));

  test("no configuration makes the evaluation fail, and must is always within may", () => {
    fc.assert(
      fc.property(list, list, list, fc.array(word, { maxLength: 4 }), (relay, recipient, cls, networks) => {
        const main = `compatibility_level = 3.6\nsmtpd_restriction_classes = cls\ncls = ${cls}\nmynetworks = ${networks.join(" ")}\nsmtpd_relay_restrictions = ${relay}\nsmtpd_recipient_restrictions = ${recipient}\n`;
        const mta = evaluateHost([readable(cloudConfig(main))]);
        expect(mta.kind).not.toBe("none");
        if (mta.kind === "undetermined") expect(mta.why.map((it) => it.text).join()).not.toContain("evaluation failed");
        if (mta.kind === "known") {
          for (const it of mta.answers) {
            expect(isSubset(it.relays.must, it.relays.may)).toBe(true);
            expect(it.relays.why.length === 0).toBe(isSubset(it.relays.may, it.relays.must));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("no text makes the reading fail, and none that names Postfix is passed over", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."#!/bin/sh\n|#cloud-config\n|postconf -e |mynetworks=0.0.0.0/0|\n|runcmd:\n|- |packages: [postfix]\n|<<EOF|EOF\n|\"|'|$(|`|)|}|{|if |then |fi\n|;|&&|\\|\\||\\||>|/etc/postfix/main.cf|cat |\\\\|$x|Content-Type: multipart/mixed; boundary=b\n|--b\n|case x in|function f|[[ |]]|write_files:\n|  path: |    content: \\||&x |*x |<<-E|&"
          .split(/(?<!\\)\|/)
          .map((it) => it.replaceAll("\\|", "|")),
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const mta = evaluateHost([readable(text === "" ? " " : text)]);
        if (mta.kind === "undetermined") expect(mta.why.map((it) => it.text).join()).not.toContain("evaluation failed");
        if (/\bpostfix\b/.test(text)) expect(mta.kind).not.toBe("none");
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["spaces in a value", cloudConfig(`mynetworks = x${" ".repeat(300_000)}y\n`)],
    [
      "many networks",
      cloudConfig(
        `mynetworks =${Array.from({ length: 20_000 }, (_, i) => ` 10.${i >> 8}.${i & 255}.0/25`).join("")}\n`,
      ),
    ],
    [
      "many exclusions",
      cloudConfig(
        `mynetworks =${Array.from({ length: 20_000 }, (_, i) => ` ${i % 2 === 0 ? "!" : ""}10.${i >> 8}.${i & 255}.0/25`).join("")}\n`,
      ),
    ],
    [
      "a large table",
      cloudConfig(
        `smtpd_relay_restrictions = check_client_access cidr:{${Array.from({ length: 20_000 }, (_, i) => `{10.${i >> 8}.${i & 255}.0/25 ${i % 2 === 0 ? "OK" : "REJECT"}}`).join(",")}}, reject\n`,
      ),
    ],
    [
      "a large list of keys",
      cloudConfig(
        `smtpd_relay_restrictions = check_client_access inline:{${Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1=OK`).join(",")}}, reject\n`,
      ),
    ],
    [
      "many restrictions",
      cloudConfig(`smtpd_relay_restrictions =${" check_client_access cidr:{{10.0.0.0/8 OK}}".repeat(10_000)} reject\n`),
    ],
    [
      "classes of classes",
      cloudConfig(
        `smtpd_restriction_classes = a b\na = ${"b ".repeat(50)}\nb = ${"a ".repeat(50)}\nsmtpd_relay_restrictions = a, reject\n`,
      ),
    ],
    [
      "parameters of parameters",
      cloudConfig(
        Array.from({ length: 40 }, (_, i) => `p${i} = $p${i + 1} $p${i + 1}`)
          .join("\n")
          .concat("\np40 = x\nmynetworks = $p0\n"),
      ),
    ],
    ["a parameter of itself", cloudConfig("a = $b\nb = $a\nmynetworks = $a\n")],
    ["braces", `#!/bin/sh\npostconf ${"{,".repeat(100_000)}\n`],
    ["brackets", `#!/bin/sh\npostconf ${"$(".repeat(50_000)}\n`],
    ["quotes", `#!/bin/sh\npostconf ${"'x\" ".repeat(50_000)}\n`],
    ["here-documents", `#!/bin/sh\npostconf ${"<<E ".repeat(20_000)}\n`],
    ["substitutions in substitutions", `#!/bin/sh\npostconf ${"$(echo ".repeat(200)}x${")".repeat(200)}\n`],
    [
      "a script that runs itself",
      "#!/bin/sh\ncat > /root/x.sh <<'E'\n/root/x.sh\n/root/x.sh\npostconf -e a=b\nE\nsh /root/x.sh\n",
    ],
    [
      "aliases",
      `#cloud-config\npackages: [postfix]\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d]\n`,
    ],
    ["nested YAML", `#cloud-config\npackages: [postfix]\na: ${"[".repeat(20_000)}\n`],
    [
      "preseeding",
      `#cloud-config\npackages: [postfix]\ndebconf_selections: "x postfix/mynetworks string a${" ".repeat(200_000)}b"\n`,
    ],
    ["edits", `#!/bin/sh\napt-get install postfix\n${"postconf -e a=b\n".repeat(5_000)}`],
  ])("%s take bounded time", (_, text) => {
    const start = performance.now();
    const mta = evaluateHost([readable(text)]);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(mta.kind).not.toBe("none");
    if (mta.kind === "undetermined") expect(mta.why.map((it) => it.text).join()).not.toContain("evaluation failed");
  });
});
