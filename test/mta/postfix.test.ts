// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Postfix itself
import { describe, expect, test } from "vitest";
import { evaluateHost } from "../../policies/analysis/mta";
import { actionOf } from "../../policies/analysis/mta/postfix/access";
import { addressPattern } from "../../policies/analysis/mta/postfix/addresses";
import { View } from "../../policies/analysis/mta/postfix/config";
import { appendLines, logicalLines, sourceLines } from "../../policies/analysis/mta/postfix/lines";
import { editMainCf, parseMainCf } from "../../policies/analysis/mta/postfix/main-cf";
import { parseMasterCf } from "../../policies/analysis/mta/postfix/master-cf";
import { nextHop } from "../../policies/analysis/mta/postfix/next-hops";
import { splitQuoted } from "../../policies/analysis/mta/postfix/words";
import { allAddresses } from "../../policies/analysis/net/addr";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { cloudConfig, everybody, known, readable, relays } from "./support";

const lines = (text: string) => sourceLines(text, "host", "main.cf");
const view = (text: string) => {
  const { parameters } = parseMainCf(lines(text));
  return new View({ host: "host", parameters, services: [], files: new Map(), compiled: new Set() });
};

describe("main.cf", () => {
  test.each([
    ["a = 1\n# comment\n\n  2\n   # indented comment\n\t3\nb = 4\n", ["a = 1  2\t3", "b = 4"]],
    ["  a continuation of nothing\na = 1", ["a = 1"]],
    ["a = 1\n \n b\n", ["a = 1 b"]],
    ["# only\n\n", []],
  ])("logical lines of %j", (text, expected) => {
    expect(logicalLines(lines(text)).map((line) => line.text)).toEqual(expected);
  });

  test("the last setting counts, with its line; a line without `=` stops Postfix", () => {
    const parsed = parseMainCf(lines("a=1\nb = 2\na  =  3 = 4  \n"));
    expect(parsed.parameters.get("a")).toEqual({ value: "3 = 4", at: { urn: "host", path: "main.cf:3" } });
    expect(parseMainCf(lines("a = 1\noops\n")).broken?.at.path).toBe("main.cf:2");
  });

  test("editing replaces every setting and keeps the comments", () => {
    const edited = editMainCf(lines("# c\na = 1,\n  2\nb = 3\na = 4"), "a", "5", { urn: "host", path: "runcmd" });
    expect(edited.map((line) => line.text)).toEqual(["# c", "a = 5", "b = 3", "a = 5"]);
    expect(editMainCf(lines("a = 1\nb = 2"), "a", null, { urn: "host" }).map((line) => line.text)).toEqual(["b = 2"]);
  });

  test("text goes on in a last line without a line feed", () => {
    expect(appendLines(lines("a = 1"), lines("b = 2\n")).map((line) => line.text)).toEqual(["a = 1b = 2"]);
    expect(appendLines(lines("a = 1\n"), lines("b = 2")).map((line) => line.text)).toEqual(["a = 1", "b = 2"]);
  });
});

describe("expansion", () => {
  const set = "foo = F\nempty =\nnested = $foo and ${foo}\n";
  test.each([
    ["$foo", "F"],
    ["${foo}$(foo)", "FF"],
    ["$foo.x", "F.x"],
    ["$$foo", "$foo"],
    ["$nested", "F and F"],
    ["${foo?yes}${empty?no}", "yes"],
    ["${foo:no}${empty:yes}", "yes"],
    ["${foo?{y $foo}:{n}}", "y F"],
    ["${empty?{y}:{n}}", "n"],
    ["${{$foo} == {F} ? {t} : {f}}", "t"],
    ["${{ F } == {F} ? {t} : {f}}", "f"],
    ["${{$foo} != {F} ? {t} : {f}}", "f"],
    ["${{$compatibility_level} <level {2} ? {old} : {new}}", "old"],
    ["${{3.9} <level {3.10} ? {a} : {b}}", "a"],
    ["${{3.10} >=level {3.9} ? {a} : {b}}", "a"],
    ["$mynetworks_style", "subnet"],
    ["$mydomain", "this-domain.invalid"],
  ])("%s is %j", (text, expected) => {
    expect(view(`${set}x = ${text}\n`).find("x")).toBe(expected);
  });

  test.each(["$unheard_of", "${foo", "$-", "${foo-x}", "${{x}?{t}:{f}}", "${{a} ~ {b} ? {t} : {f}}", "$x"])(
    "%s cannot be told",
    (text) => {
      expect(() => view(`${set}x = ${text}\n`).find("x")).toThrow();
      expect(
        relays(`mynetworks = ${text}\nx = $x\nfoo = 10.0.0.0/8\ncompatibility_level = 3.6\nmydestination =\n`),
      ).toEqual({ must: [], may: everybody });
    },
  );

  test("mydomain comes from myhostname", () => {
    expect(view("myhostname = mx.example.com\n").get("mydomain")).toBe("example.com");
    expect(view("myhostname = mx\n").get("mydomain")).toBe("localdomain");
  });
});

describe("words", () => {
  test.each([
    ["a, b\tc", ["a", "b", "c"]],
    ["cidr:{{10.0.0.1/32 permit}, {x y}} b", ["cidr:{{10.0.0.1/32 permit}, {x y}}", "b"]],
    ["{a b} c", ["{a b}", "c"]],
    ["", []],
    [" , ,", []],
  ])("%j", (text, expected) => {
    expect(splitQuoted(text)).toEqual(expected);
  });

  test("results of access tables", () => {
    const kinds = (values: string[]) => values.map((value) => actionOf(value).kind);
    expect(kinds(["OK", "ok text", "RELAY", "1", "1700000000", "550", ""])).toEqual(Array(7).fill("permit"));
    expect(kinds(["DUNNO", "dunno x", "HOLD", "FILTER a:b", "REDIRECT a@b", "PREPEND X: y", "WARN"])).toEqual(
      Array(7).fill("pass"),
    );
    expect(kinds(["REJECT", "reject no", "DEFER", "450 later", "550 5.7.1 no", "DISCARD", "DEFER_IF_PERMIT"])).toEqual(
      Array(7).fill("refuse"),
    );
    expect(kinds(["hash:/x", "static:OK"])).toEqual(["error", "error"]);
    expect(kinds(["permit", "friends, reject", "5500 x", "okay"])).toEqual(Array(4).fill("restrictions"));
  });

  test("address patterns refuse host bits and odd forms", () => {
    for (const text of ["10.0.1.5/8", "10.0.0.0/33", "10/8", "10.0.0.0/", "[fd00::1]/8", "01.2.3.4/32", "[10.0.0.0/8"])
      expect(addressPattern(text).kind).toBe("error");
    for (const text of ["10.0.0.0/8", "[10.0.0.0]/8", "10.0.0.1", "[::1]", "2001:db8::/32", "0.0.0.0/0"])
      expect(addressPattern(text).kind).toBe("addresses");
  });
});

describe("master.cf", () => {
  test("services, continuations, options", () => {
    const { services } = parseMasterCf(
      lines(
        "# c\nsmtp inet n - y - - smtpd\n  -o a=1,2 -ob=2\n\n  -o { c = x y }\n# d\n  -v\n127.0.0.1:10026 inet n - - - - smtpd\nsmtp unix - - - - - smtp\nmaildrop unix - n n - - pipe\n  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n",
      ),
    );
    expect(services.map((it) => `${it.name} ${it.type} ${it.command}`)).toEqual([
      "smtp inet smtpd",
      "127.0.0.1:10026 inet smtpd",
      "smtp unix smtp",
      "maildrop unix pipe",
    ]);
    expect([...(services[0]?.overrides ?? [])].map(([name, it]) => [name, it.value])).toEqual([
      ["a", "1,2"],
      ["b", "2"],
      ["c", "x y"],
    ]);
    expect(services[0]?.unclear).toBeUndefined();
  });

  test("the last of two equal services counts", () => {
    expect(
      relays(
        "mynetworks = 10.0.0.0/8\ncompatibility_level=3.6\n",
        "smtp inet n - y - - smtpd\nsmtp inet n - y - - smtpd -o mynetworks=192.0.2.0/24\n",
      ),
    ).toEqual(["192.0.2.0/24"]);
  });

  test("ports by name and number; a name that is not known leaves the host undetermined", () => {
    const main = "compatibility_level = 3.6\nmynetworks =\n";
    const master =
      "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\nsmtps inet n - y - - smtpd\n2525 inet n - y - - smtpd\n[::1]:10025 inet n - y - - smtpd\n";
    expect(known(readable(cloudConfig(main, master))).answers.map((it) => `${it.port} ${it.loopbackOnly}`)).toEqual([
      "25 false",
      "587 false",
      "465 false",
      "2525 false",
      "10025 true",
    ]);
    expect(evaluateHost([readable(cloudConfig(main, "odd inet n - y - - smtpd\n"))]).kind).toBe("undetermined");
  });

  test("qmqpd relays for its authorised clients", () => {
    const found = known(readable(cloudConfig("qmqpd_authorized_clients = 10.0.0.0/8\n", "628 inet n - y - - qmqpd\n")))
      .answers[0];
    expect(toCidrs(found?.relays.must ?? allAddresses)).toEqual(["10.0.0.0/8"]);
  });
});

test("next hops", () => {
  const hop = (text: string) =>
    nextHop(text, { urn: "host" })?.map(
      (it) => `${it.destination.kind} ${it.destination.kind === "name" ? it.destination.name : ""} ${it.ports.join()}`,
    ) ?? null;
  expect(hop("[smtp.example.com]:587")).toEqual(["name smtp.example.com 587,587"]);
  expect(hop("smtp.example.com:submission")).toEqual(["name smtp.example.com 587,587"]);
  expect(hop("[10.0.2.20]")).toEqual(["address  25,25"]);
  expect(hop("[IPv6:2001:db8::1]:25")).toEqual(["address  25,25"]);
  expect(hop("[10.0.2.20]:odd")).toBeNull();
  const base = "compatibility_level = 3.6\nmydestination =\nmynetworks =\n";
  const hops = (more: string) => {
    const mta = known(readable(cloudConfig(`${base}${more}`)));
    return [
      ...mta.nextHops.map((it) => (it.destination.kind === "name" ? it.destination.name : it.destination.kind)),
      ...(mta.unknownHops === undefined ? [] : ["?"]),
    ];
  };
  expect(hops("")).toEqual(["mx"]);
  expect(hops("relayhost = [smtp.example.com]:587\n")).toEqual(["smtp.example.com"]);
  expect(hops("transport_maps = inline:{{example.com = smtp:[10.0.2.20]}, x=error:no}\n")).toEqual(["mx", "address"]);
  expect(hops("transport_maps = hash:/etc/postfix/transport\n")).toEqual(["mx", "?"]);
});
