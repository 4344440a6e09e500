import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { type Answer, answers, type Comparable, difference } from "../../cli/report/difference";
import { renderDifferenceMarkdown } from "../../cli/report/difference-markdown";
import { renderDifference } from "../../cli/report/difference-pretty";
import { LONGEST_COMMENT } from "../../cli/report/markdown-blocks";
import { safeJson } from "../../cli/report/safe-json";
import type { ExposureSets, Finding, Report } from "../../policies/analysis/verdict/report";
import { exchange, frontEnd, hostile, hostileName, many, passing, sample } from "./sample";

const plain = { color: false, width: 80 };

/** The sample after a change that opens, closes and alters something of everything. */
const changed: Report = {
  ...sample,
  findings: sample.findings.flatMap((finding): Finding[] => {
    if (finding.policy === "open-relay-path") return [];
    if (finding.policy === "smtp-egress-through-gateway") {
      const { waiver: _, ...rest } = finding;
      return [{ ...rest, outcome: "violation" }];
    }
    if (finding.policy === "mail-flow-logging")
      return [
        finding,
        { ...finding, policy: "mail-vm-hardening", enforcement: "mandatory", message: "Passwords log in." },
      ];
    return [{ ...finding, message: "Whether addresses of 10.8.0.0/15 can open SMTP to exchange-1 is not known." }];
  }),
  exposure: [
    row(frontEnd, 25, { internet: ["198.51.100.0/24"], internal: ["10.0.0.0/24"] }),
    row(exchange, 25, {
      internal: ["10.0.1.10/32"],
      undetermined: [{ side: "internet", sources: ["192.0.2.0/24"], reason: "the source is an output", at: null }],
    }),
  ],
  hosts: sample.hosts.map((host) => ({ ...host, role: host.resource === exchange ? null : host.role })),
  approvedSenders: [{ ports: [25, 465, 587, 2525], sources: ["10.0.1.10/31"] }],
  policies: sample.policies.map((policy, i) => (i === 0 ? { ...policy, enforcement: "disabled" } : policy)),
};

function row(resource: string, port: number, sets: Partial<ExposureSets> = {}): Report["exposure"][number] {
  return { resource, port, internet: [], internal: [], undetermined: [], paths: [], ...sets };
}

function report(exposure: readonly Report["exposure"][number][], stack = "dev"): Comparable {
  return { ...passing, stack, exposure, hosts: [] };
}

describe("the difference of two reports", () => {
  it("is the golden one, both ways", async () => {
    await expect(renderDifference(difference(sample, changed), plain)).toMatchFileSnapshot("golden/diff.txt");
    await expect(renderDifference(difference(changed, sample), plain)).toMatchFileSnapshot("golden/diff-back.txt");
    await expect(renderDifferenceMarkdown(difference(sample, changed))).toMatchFileSnapshot("golden/diff.md.txt");
  });

  it("is empty for one report, in whatever stack", () => {
    for (const one of [sample, changed, passing]) {
      const renamed = JSON.parse(JSON.stringify(one).replaceAll("urn:pulumi:dev::", "urn:pulumi:prod::"));
      for (const other of [one, { ...renamed, stack: "prod" }]) {
        expect(difference(one, other)).toMatchObject({
          opens: false,
          exposure: [],
          findings: { new: [], gone: [], changed: [] },
          roles: [],
          approvedSenders: [],
          policies: [],
          notCompared: [],
        });
      }
    }
  });

  it("fits its published schema, both ways", () => {
    const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/difference.schema.json"), "utf8"));
    const valid = new Ajv({ strict: true }).compile(schema);
    for (const [before, after] of [
      [sample, changed],
      [changed, sample],
      [{ stack: "dev", findings: [], exposure: [] }, sample],
    ] as const) {
      valid(JSON.parse(safeJson(difference(before, after))));
      expect(valid.errors).toBeNull();
    }
    expect(valid({ ...difference(sample, changed), opens: "no" })).toBe(false);
  });

  it("says who may open SMTP to internal mail servers now, and who no longer", () => {
    const senders = (ports: number[], ...sources: string[]) => ({ ...passing, approvedSenders: [{ ports, sources }] });
    expect(difference(senders([25, 587], "10.0.0.0/30"), senders([25], "10.0.0.2/31")).approvedSenders).toEqual([
      { change: "withdrawn", ports: [25], sources: ["10.0.0.0/31"] },
      { change: "withdrawn", ports: [587], sources: ["10.0.0.0/30"] },
    ]);
    // A name and the address that the other report knows it by are one and the same.
    const named = { ...senders([25], exchange), hosts: [] };
    const hosts = [{ resource: exchange, role: null, addresses: ["10.0.2.4"] }];
    expect(difference(named, { ...senders([25], "10.0.2.4/32"), hosts }).approvedSenders).toEqual([]);
  });

  it("is text alone in a comment, and never longer than one, whatever the names are", () => {
    const text = renderDifferenceMarkdown(difference({ ...passing, stack: hostileName }, hostile));
    const page = micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    for (const tag of ["script", "a", "img"]) expect(tags).not.toContain(tag);
    for (const n of [1, 500, 5000]) {
      const long = renderDifferenceMarkdown(difference(passing, many(n)));
      expect(Buffer.byteLength(long)).toBeLessThanOrEqual(LONGEST_COMMENT);
      expect(long.match(/<details>/g)?.length).toBe(long.match(/<\/details>/g)?.length);
      expect(long.startsWith("## 🔓")).toBe(true);
    }
  });

  it("takes lines that moved for no change", () => {
    const moved = sample.findings.map((finding) => ({ ...finding, location: { file: "b.ts", line: 1, column: 1 } }));
    expect(difference(sample, { ...sample, findings: moved }).findings).toEqual({ new: [], gone: [], changed: [] });
  });

  it("opens by a mandatory finding that is new, back from a waiver, or certain now, and by no other", () => {
    const [violation] = sample.findings as [Finding];
    const none = { ...passing, findings: [] };
    const with_ = (finding: Partial<Finding>) => ({ ...none, findings: [{ ...violation, ...finding }] });
    const open = (a: Comparable, b: Comparable) => difference(a, b).opens;
    expect(open(none, with_({}))).toBe(true);
    expect(open(none, with_({ outcome: "undetermined" }))).toBe(true);
    expect(open(none, with_({ outcome: "waived" }))).toBe(false);
    expect(open(none, with_({ enforcement: "advisory" }))).toBe(false);
    expect(open(with_({ outcome: "waived" }), with_({}))).toBe(true);
    expect(open(with_({ outcome: "undetermined" }), with_({}))).toBe(true);
    expect(open(with_({}), with_({ outcome: "undetermined" }))).toBe(false);
    expect(open(with_({}), with_({ message: "otherwise" }))).toBe(false);
    expect(open(with_({}), none)).toBe(false);
  });

  it("tells one finding more or less among several of one fingerprint", () => {
    const [finding] = sample.findings as [Finding];
    const [a, b, c] = ["a", "b", "c"].map((message) => ({ ...finding, message })) as [Finding, Finding, Finding];
    const found = (old: Finding[], now: Finding[]) =>
      difference({ ...passing, findings: old }, { ...passing, findings: now }).findings;
    expect(found([b, c], [a, b, c])).toEqual({ new: [a], gone: [], changed: [] });
    expect(found([a, b, c], [b, c])).toEqual({ new: [], gone: [a], changed: [] });
    expect(found([a, b], [b, c])).toEqual({ new: [], gone: [], changed: [{ before: a, after: c }] });
  });

  it("knows nothing of roles where a report has no hosts", () => {
    const { hosts: _, ...older } = sample;
    const found = difference(older, sample);
    expect(found).toMatchObject({ opens: false, roles: [], notCompared: ["roles"] });
    expect(renderDifference(found, plain)).toContain("does not have it: roles.");
  });

  it("takes an interface whose address only one report knows for the same source", () => {
    const unknown = { ...report([row(frontEnd, 25, { internal: [exchange] })]), hosts: [] };
    const hosts = [{ resource: exchange, role: null, addresses: ["10.0.2.4"] }];
    const known = { ...report([row(frontEnd, 25, { internal: ["10.0.2.4/32"] })]), hosts };
    expect(difference(unknown, known).exposure).toEqual([]);
    expect(difference(known, unknown).exposure).toEqual([]);
    const both = { ...unknown, hosts: [{ resource: exchange, role: null, addresses: ["2001:db8::4"] }] };
    expect(difference(both, known).exposure).toHaveLength(2);
  });

  it("does not call closed what may still be open", () => {
    const internet = ["192.0.2.0/24"];
    const undetermined = [{ side: "internet", sources: internet, reason: "it is an output", at: null }] as const;
    const found = difference(report([row(frontEnd, 25, { internet })]), report([row(frontEnd, 25, { undetermined })]));
    expect(found).toMatchObject({ opens: false, exposure: [{ before: "open", after: "undetermined" }] });
    expect(renderDifference(found, plain)).toBe(
      "NOTHING OPENS  dev: 1 exposure no longer certain\n\nNo longer certain\n" +
        "  edge-front-end:25  internet  192.0.2.0/24 (undetermined: it is an output)\n",
    );
  });

  it("names what is left out of nearly everything", () => {
    const [all, few] = [
      ["0.0.0.0/0", "::/0"],
      ["192.0.2.0/24", "2001:db8::/32"],
    ].map((internet) => report([row(frontEnd, 25, { internet })])) as [Comparable, Comparable];
    const text = renderDifference(difference(few, all), plain);
    expect(text.replace(/\s+/g, " ")).toContain("0.0.0.0/0 without 192.0.2.0/24, ::/0 without 2001:db8::/32");
  });
});

/** A naive model: the 16 subnets of a documentation block of either family, one by one. */
const blocks = Array.from({ length: 16 }, (_, i) => [
  `203.0.113.${i * 16}/28`,
  `2001:db8::${i.toString(16)}000/116`,
]).flat();
const decided = fc.array(fc.constantFrom(...answers), { minLength: 32, maxLength: 32 });

function exposed(states: readonly Answer[]): Comparable {
  const those = (answer: Answer) => blocks.filter((_, i) => states[i] === answer);
  const sets = (["internet", "internal"] as const).map((side) => ({ side, reason: "?", at: null }));
  const undetermined = sets.map((set) => ({ ...set, sources: those("undetermined") }));
  return report([row(frontEnd, 25, { internet: those("open"), internal: those("open"), undetermined })]);
}

describe("what opens and closes", () => {
  it("is exactly the difference of the sets", () => {
    fc.assert(
      fc.property(decided, decided, (before, after) => {
        const found = difference(exposed(before), exposed(after));
        for (const side of ["internet", "internal"]) {
          blocks.forEach((block, i) => {
            const hits = found.exposure.filter((change) => change.side === side && covers(change.sources, block));
            const expected = before[i] === after[i] ? [] : [{ before: before[i], after: after[i] }];
            expect(hits.map((hit) => ({ before: hit.before, after: hit.after }))).toEqual(expected);
          });
        }
        const size = found.exposure.flatMap(({ sources }) => sources).reduce((sum, cidr) => sum + sizeOf(cidr), 0);
        expect(size).toBe(2 * blocks.filter((_, i) => before[i] !== after[i]).length);
        const more = blocks.some((_, i) => rank(after[i]) > rank(before[i]));
        expect(found.opens).toBe(more);
      }),
    );
  });

  it("swaps when the reports are swapped", () => {
    fc.assert(
      fc.property(decided, decided, (a, b) => {
        const key = (one: object) => JSON.stringify(one);
        const there = difference(exposed(a), exposed(b)).exposure.map((change) => ({ ...change, reasons: [] }));
        const back = difference(exposed(b), exposed(a)).exposure.map(({ before, after, ...rest }) => ({
          ...rest,
          before: after,
          after: before,
          reasons: [],
        }));
        const order = (list: readonly { before: Answer; after: Answer }[]) =>
          list.map(({ before, after, ...rest }) => key({ ...rest, before, after })).sort();
        expect(order(there)).toEqual(order(back));
      }),
    );
  });
});

function rank(answer: Answer | undefined): number {
  return answers.indexOf(answer as Answer);
}

/** The number of blocks that a prefix of their own range holds. */
function sizeOf(prefix: string): number {
  const [address = "", length = ""] = prefix.split("/");
  return 2 ** ((address.includes(":") ? 116 : 28) - Number(length));
}

function covers(prefixes: readonly string[], block: string): boolean {
  const at = indexOf(block);
  return prefixes.some((prefix) => {
    const first = indexOf(prefix);
    return prefix.includes(":") === block.includes(":") && first <= at && at < first + sizeOf(prefix);
  });
}

function indexOf(prefix: string): number {
  const [address = ""] = prefix.split("/");
  return address.includes(":")
    ? Number.parseInt(address.split(":").at(-1) || "0", 16) / 0x1000
    : Number(address.split(".").at(-1)) / 16;
}
