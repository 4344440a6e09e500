import { describe, expect, test } from "vitest";
import { readAddresses, readPorts, type Scope } from "../../policies/analysis/lower/aws/network-firewall/sets";
import { parseSuricata } from "../../policies/analysis/lower/aws/network-firewall/suricata";
import { exactly } from "../../policies/analysis/net/bounds";
import { cidr, toCidrs } from "../../policies/analysis/net/cidr";

const scope: Scope = {
  addresses: (name) => (name === "NET" ? exactly(cidr("10.0.0.0/8")) : undefined),
  ports: (name) => (name === "MAIL" ? [[25, 25]] : undefined),
};

test("a rule's words, with lists that hold spaces, comments, continuations and quoted semicolons", () => {
  const [rule, second] = parseSuricata(
    '# a comment\n\npass TCP [10.0.0.0/8, !10.1.0.0/16] any <> ! $NET [25,\\\n 587] (msg:"a; b) \\" c"; sid:1;)\r\nDROP ip any any -> any any',
  );
  expect(rule).toMatchObject({
    action: "pass",
    protocol: "tcp",
    source: "[10.0.0.0/8, !10.1.0.0/16]".replace(/ /g, ""),
    bothWays: true,
    destination: "!$NET",
    options: [{ keyword: "msg" }, { keyword: "sid", value: "1" }],
  });
  expect(second).toMatchObject({ action: "drop", protocol: "ip", options: [] });
});

test.each([
  "pass",
  "drop tcp any any",
  "pass tcp any any => any 25 (sid:1;)",
  "pass tcp any any -> any 25 (sid:1;",
  ")(",
  "pass tcp any any -> any 25 x (sid:1;)",
])("%s is no rule", (line) => expect(parseSuricata(line)).toMatchObject([{ unreadable: true }]));

describe("sets", () => {
  test.each<[string, string[]]>([
    ["$NET", ["10.0.0.0/8"]],
    ["[10.0.0.0/8,!10.128.0.0/9]", ["10.0.0.0/9"]],
    ["[$NET,[192.0.2.0/24,!192.0.2.128/25]]", ["10.0.0.0/8", "192.0.2.0/25"]],
    ["![0.0.0.0/1,::/0]", ["128.0.0.0/1"]],
    ["[!0.0.0.0/1,!::/0]", ["128.0.0.0/1"]],
  ])("%s", (text, expected) => {
    const set = readAddresses(text, scope);
    expect(set.why).toEqual([]);
    expect(toCidrs(set.must)).toEqual(expected);
  });

  test("what is not defined may be anything, and negated too", () => {
    for (const text of ["$NOT_DEFINED", "!$NOT_DEFINED", "nonsense", "[", "@LIST"]) {
      const set = readAddresses(text, scope);
      expect(toCidrs(set.must), text).toEqual([]);
      expect(set.why.length, text).toBeGreaterThan(0);
    }
  });

  test.each<[string, unknown]>([
    ["any", [[0, 65535]]],
    ["25", [[25, 25]]],
    ["1024:", [[1024, 65535]]],
    [":1023", [[0, 1023]]],
    [
      "[25,587:589,!588]",
      [
        [25, 25],
        [587, 587],
        [589, 589],
      ],
    ],
    [
      "!25",
      [
        [0, 24],
        [26, 65535],
      ],
    ],
    ["$MAIL", [[25, 25]]],
    ["$OTHER", null],
    ["70000", null],
    ["", null],
    [":", null],
  ])("ports %s", (text, expected) => expect(readPorts(text, scope)).toEqual(expected));
});

test("whatever the text, reading never throws", () => {
  const alphabet = [
    "pass",
    "drop",
    "tcp",
    "any",
    "->",
    "<>",
    "[",
    "]",
    "!",
    "$NET",
    "(",
    ")",
    ";",
    ":",
    '"',
    "\\",
    ",",
    "25",
    " ",
    "\n",
    "flow",
    "10.0.0.0/8",
    "#",
  ];
  let state = 7;
  const dice = (sides: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % sides;
  };
  for (let run = 0; run < 5000; run++) {
    const text = Array.from({ length: dice(25) }, () => alphabet[dice(alphabet.length)]).join(dice(2) === 0 ? " " : "");
    for (const rule of parseSuricata(text)) {
      if ("unreadable" in rule) continue;
      readAddresses(rule.source, scope);
      readAddresses(rule.destination, scope);
      readPorts(rule.ports, scope);
    }
  }
});
