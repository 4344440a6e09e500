import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { escapeMermaid } from "../../cli/report/escape-markdown";
import { renderMarkdown } from "../../cli/report/markdown";
import { LONGEST_COMMENT } from "../../cli/report/markdown-blocks";
import { renderMermaid } from "../../cli/report/mermaid";
import { perimeterMap } from "../../cli/report/perimeter-map";
import type { Finding, Report } from "../../policies/analysis/verdict/report";
import { hostile, hostileName, many, passing, sample } from "./sample";

/** The comment as a reader sees it. */
function html(report: Report): string {
  return micromark(renderMarkdown(report), {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  });
}

const allowed = "blockquote br code details em h2 li ol p pre strong summary table tbody td th thead tr ul".split(" ");

describe("the Markdown report", () => {
  it("is the golden one", async () => {
    await expect(renderMarkdown(sample)).toMatchFileSnapshot("golden/report.md.txt");
  });

  it("says of a clean stack that it passes, in a few lines", async () => {
    await expect(renderMarkdown(passing)).toMatchFileSnapshot("golden/report-pass.md.txt");
  });

  it("begins with the verdict, and has one line for each finding", () => {
    const lines = renderMarkdown(sample).split("\n");
    expect(lines[0]).toBe("## ❌ Relayproof: fail");
    expect(
      lines.filter((line) => line.startsWith("- ") && / · \*\*(critical|high|medium|low)\*\* · /.test(line)),
    ).toHaveLength(sample.findings.length);
  });

  it("says first what is open, and of that whole relay paths", () => {
    const [relay, undetermined, , advice] = sample.findings as [Finding, Finding, Finding, Finding];
    const part = { ...relay, policy: "mta-trust-list", message: "A part of it." };
    const report = { ...sample, findings: [undetermined, part, relay, { ...advice, severity: "critical" as const }] };
    const lines = renderMarkdown(report)
      .split("\n")
      .filter((line) => / · \*\*critical\*\* · /.test(line));
    expect(lines.map((line) => /: ([^:]*)$/.exec(line)?.[1])).toEqual(
      [relay, part, undetermined, advice].map((finding) => finding.message),
    );
  });

  it("holds no markup that the report did not choose, whatever the names are", () => {
    const page = html(hostile);
    const tags = [...page.matchAll(/<\/?([a-z0-9]+)([^>]*)>/gi)];
    expect([...new Set(tags.map(([, tag]) => tag))].filter((tag) => !allowed.includes(tag ?? ""))).toEqual([]);
    expect([...new Set(tags.map(([, , attributes = ""]) => attributes.trim()))].sort()).toEqual([
      "",
      'class="language-mermaid"',
    ]);
    // No mention, no reference to an issue and no bare link in what the finished page says.
    expect(page.replace(/<(code|pre)[\s\S]*?<\/\1>/g, "")).not.toMatch(/@\w|#\d|\bGH-\d|http:\/\//);
    expect(page).not.toMatch(/@you/);
  });

  it("shows a hostile name as it is, invisible breaks and escapes aside", () => {
    const seen = html(hostile)
      .replace(/&lt;/g, "<")
      .replace(/&gt;/g, ">")
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, "&")
      .replaceAll("\u200b", "");
    expect(seen).toContain(hostileName.slice(0, hostileName.indexOf("\u0000")));
  });

  it.each([1, 50, 500, 5000])("is never longer than a comment may be: %i findings", (n) => {
    const text = renderMarkdown(many(n));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    if (n >= 500) expect(text).toMatch(/_Left out for want of room: .*details of \d+ findings/);
  });

  it("is never longer than a comment may be, whatever the texts are", () => {
    const long = "](".repeat(5_000);
    const findings = many(300).findings.map((finding): Finding => ({ ...finding, message: long, resource: long }));
    const report = {
      ...many(300),
      stack: long,
      findings,
      waivers: sample.waivers.map((one) => ({ ...one, reason: long })),
    };
    expect(Buffer.byteLength(renderMarkdown(report))).toBeLessThanOrEqual(LONGEST_COMMENT);
  });
});

describe("the diagram", () => {
  const diagram = (report: Report) => renderMermaid(perimeterMap(report));

  it("marks the open path", () => {
    expect(diagram(sample)).toMatch(/internet ==>\|"25 open relay"\| (h\d)\n {2}\1 ==>\|"25 open relay"\| outbound\n/);
  });

  it("names the hosts that take part, and counts the others", () => {
    expect(diagram(sample)).toContain('internal_rest["and 1 other host"]');
    expect(diagram(many(500)).match(/^ {4}h\d+\[/gm)?.length).toBeLessThanOrEqual(20);
    expect(diagram(many(500))).toMatch(/and \d+ other hosts, \d+ of them open/);
  });

  it("leaves no character of a name to Mermaid or to the fence around it", () => {
    for (const line of diagram(hostile).split("\n")) {
      const quoted = line.match(/"[^"]*"/g) ?? [];
      expect(line.replace(/"[^"]*"/g, "")).not.toMatch(/script|alert|`|@/);
      for (const text of quoted)
        expect(text.replaceAll("<br/>", "").replace(/#\d+;/g, "")).not.toMatch(/[<>`#;&|[\]{}]/);
    }
    expect(escapeMermaid("1. list")).toBe("#49;. list");
    expect(escapeMermaid("x".repeat(100))).toHaveLength(60);
  });
});
