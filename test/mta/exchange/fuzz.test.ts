import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render } from "../../../components";
import { evaluateHost } from "../../../policies/analysis/mta";
import type { Carrier, HostMta } from "../../../policies/analysis/mta/answer";
import { equal, isSubset } from "../../../policies/analysis/net/addr";
import { command, relayFor, userData } from "./support";

/**
 * No text makes the reader fail, run away, or call closed what it has not read. A defect of the evaluator would end as undetermined too,
 * so its message is looked for.
 */
function sound(mta: HostMta): void {
  expect(JSON.stringify(mta, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain(
    "evaluation failed",
  );
  if (mta.kind === "undetermined") expect(mta.why.length).toBeGreaterThan(0);
  if (mta.kind !== "known") return;
  for (const { relays } of mta.answers) {
    expect(isSubset(relays.must, relays.may)).toBe(true);
    expect(relays.why.length === 0).toBe(equal(relays.must, relays.may));
  }
}

const evaluate = (...carriers: Carrier[]) => {
  const mta = evaluateHost(carriers);
  sound(mta);
  return mta;
};

const pieces = [
  ...[
    "$x",
    "$_",
    "$env:COMPUTERNAME",
    `$${"{a b}"}`,
    "$($x)",
    "$(",
    ")",
    "@(",
    "@{",
    "{",
    "}",
    "(",
    "[",
    "]",
    "[string]",
    "[ref]",
  ],
  ...[
    '"',
    "'",
    '@"\n',
    '\n"@',
    "@'\n",
    "\n'@",
    "`",
    "`\n",
    "#",
    "<#",
    "#>",
    "\n",
    "\n\n",
    ";",
    " ",
    ",",
    "|",
    "||",
    "&&",
    "&",
    ".",
  ],
  ...[
    "=",
    "+=",
    "-eq",
    "-match",
    "-like",
    "-f",
    "-join",
    "-split",
    "-not",
    "!",
    "..",
    "::",
    ".Name",
    ".Split(',')",
    "[0]",
    "%",
    "?",
  ],
  ...[
    "if (",
    "else {",
    "elseif (",
    "foreach ($x in ",
    "while (",
    "do {",
    "switch (",
    "try {",
    "catch {",
    "function f {",
    "param(",
    "return",
  ],
  ...[
    "exit",
    "break",
    "New-ReceiveConnector",
    "Set-ReceiveConnector",
    "Get-ReceiveConnector",
    "Remove-ReceiveConnector",
    "Add-ADPermission",
  ],
  ...[
    "-Name",
    "-Identity",
    "-RemoteIPRanges",
    "-Bindings",
    "-PermissionGroups",
    "-User",
    "-ExtendedRights",
    "-WhatIf",
    "-Custom",
    "-Enabled:$false",
  ],
  ...[
    "Relay",
    "10.0.0.1",
    "10.0.0.0/8",
    "0.0.0.0-255.255.255.255",
    "[::]:25",
    "0.0.0.0:25",
    "AnonymousUsers",
    "S-1-5-7",
    "*",
    "EX01\\Relay",
  ],
  ...[
    "powershell -e QQA=",
    "iex",
    "iwr http://x | iex",
    "& $x",
    "ForEach-Object",
    "Where-Object",
    "Invoke-Command",
    "Start-Process",
    "@p",
    "1kb",
  ],
  ...["\ue000", "\u2013Name", "\u201cx\u201d", "\0", "é", "\ufeff"],
];
const soup = fc
  .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom("", " ", " ", "\n")), { maxLength: 60 })
  .map((parts) => parts.flat().join(""));

const corpus = [
  relayFor("10.0.0.0/8,10.1.0.1-10.1.0.9"),
  `foreach ($n in 'A','B') {\n  if (-not (Get-ReceiveConnector "$env:COMPUTERNAME\\$n" -ea 0)) {\n    ${relayFor("10.0.0.1", "$n")}\n  }\n}`,
  `$p = @{\n  Name = 'R'; Usage = 'Custom'\n  Bindings = '0.0.0.0:25'\n  RemoteIPRanges = @('10.0.0.1', "10.0.0.$(1 + 1)")\n}\n$c = New-ReceiveConnector @p\nAdd-ADPermission $c.Identity -User 'S-1-5-7' -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient`,
  `function Add-Relay {\n  param([Parameter(Mandatory=$true)][string]$Name, [string[]]$Ip = @('10.0.0.1'), [switch]$Open)\n  try { New-ReceiveConnector -Name $Name -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges $Ip | Out-Null } catch { throw }\n}\nAdd-Relay 'X' -Open\n@'\nGet-ReceiveConnector\n'@ | Set-Content C:\\x.ps1\npowershell -File C:\\x.ps1`,
  render.exchangeHardening({
    frontEnds: ["10.0.1.10"],
    approvedSenders: ["10.0.3.0/28"],
    relaySenders: ["10.0.2.30"],
    anonymousDefaultFrontend: false,
    banner: "mail",
    recipientLimit: 200,
    organisationRecipientLimit: 500,
    tarpitSeconds: 5,
  }),
];

/** A script of the corpus with pieces taken out, put in, doubled and exchanged. */
const mutated = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.integer({ min: 0, max: 30 }),
        by: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 }), fc.constant("")),
        doubled: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([script, changes]) =>
    changes.reduce((text, { at, length, by, doubled }) => {
      const start = Math.floor(at * text.length);
      const part = text.slice(start, start + length);
      return text.slice(0, start) + by + (doubled ? part + part : "") + text.slice(start + length);
    }, script),
  );

describe("no input makes it fail", () => {
  it("words in any order", () => {
    fc.assert(
      fc.property(soup, (text) => void evaluate(command(text))),
      { numRuns: 400 },
    );
  });

  it("real scripts with changes", () => {
    fc.assert(
      fc.property(mutated, (text) => void evaluate(command(text))),
      { numRuns: 400 },
    );
  });

  it("any text as user data", () => {
    const tagged = fc.tuple(
      fc.constantFrom("<powershell>", "<script>", "version: 1.1\ntasks:\n- ", "#ps1\n", ""),
      fc.oneof(soup, mutated),
      fc.constantFrom("</powershell>", "</script>", ""),
    );
    fc.assert(
      fc.property(tagged, (parts) => void evaluate(userData(parts.join("")))),
      { numRuns: 300 },
    );
  });
});

it("what is certainly open stays certain, whatever words stand behind it that change no connector", () => {
  const open = relayFor("10.0.0.0/8");
  const harmless = soup.filter(
    (text) => !/Connector|ADPermission|exit|return|break|iex|powershell|[{}()]|#|["'`@&|]|\$x|=/i.test(text),
  );
  fc.assert(
    fc.property(harmless, (text) => {
      const mta = evaluate(command(`${open}\n${text}`));
      if (mta.kind !== "known") throw new Error(mta.kind);
      const answer = mta.answers.find((it) => it.port === 25);
      expect(answer?.relays.must.v4).toEqual([[0x0a000000, 0x0affffff]]);
    }),
    { numRuns: 150 },
  );
});

describe("it gives up in time", () => {
  const many = (count: number, text: string) => text.repeat(count);
  it.each<[string, string]>([
    ["brackets", many(5000, "(")],
    ["blocks", many(5000, "if ($x) {")],
    ["subexpressions", many(3000, '"$(')],
    ["half a subexpression each", `${many(40, '$("')}x${many(40, '")y')}`],
    ["hashtables", many(5000, "@{a=")],
    ["types", many(5000, "[")],
    ["a function that calls itself", "function f { f; f }\nf"],
    ["code that makes code", "$x = 'iex $x'\niex $x"],
    ["loops in loops", "foreach ($a in 1..2000) { foreach ($b in 1..2000) { foreach ($c in 1..2000) { $d = $c } } }"],
    ["a text that doubles", `$x = 'aaaaaaaa'\n${many(200, "$x = $x + $x\n")}`],
    ["a list that doubles", `$x = @(1,2,3)\n${many(60, "$x = $x + $x\n")}`],
    ["a list that grows", "$x = @()\nforeach ($i in 1..2000) { foreach ($j in 1..50) { $x += $i } }"],
    ["a table that grows", '$x = @{}\nforeach ($i in 1..2000) { foreach ($j in 1..50) { $x["$i $j"] = $x } }'],
    ["conditions", many(3000, "if ($a) { $b = $c }\n")],
    [
      "connectors",
      'foreach ($i in 1..2000) { New-ReceiveConnector -Name "R$i" -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges "10.0.0.$i" }',
    ],
    ["a long line", `Get-ReceiveConnector ${many(100_000, "x,")}`],
    ["a long script", many(20_000, "Write-Host 'x'\n")],
    ["wildcards", `Get-ReceiveConnector '${many(200, "*a")}'`],
    ["a long comment", `<#${many(200_000, "x ")}`],
  ])(
    "%s",
    (_, text) => {
      const mta = evaluate(command(`${text}\nGet-ReceiveConnector`));
      expect(["known", "undetermined"]).toContain(mta.kind);
    },
    30_000,
  );
});
