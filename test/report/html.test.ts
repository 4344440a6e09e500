import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { renderHtml } from "../../cli/report/html";
import { type Box, narrow, type Picture, wide } from "../../cli/report/html/geometry";
import { SCRIPT } from "../../cli/report/html/script";
import { STYLE } from "../../cli/report/html/style";
import { perimeterMap } from "../../cli/report/perimeter-map";
import type { Report } from "../../policies/analysis/verdict/report";
import { hostile, many, passing, sample } from "./sample";

/** The page without its style sheet and script, an element to a line. */
function body(report: Report): string {
  return renderHtml(report)
    .replace(STYLE, "")
    .replace(SCRIPT, "")
    .replace(/'sha256-[^']+'/g, "'sha256-…'")
    .replace(/(?<=>)(?=<(?!\/))/g, "\n");
}

const policyOf = (page: string) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";

describe("the HTML report", () => {
  it("is the golden one", async () => {
    await expect(body(sample)).toMatchFileSnapshot("golden/report.html.txt");
  });

  it("allows no style and no script but its own, and loads nothing", () => {
    const page = renderHtml(hostile);
    const hash = (text: string) => `&#39;sha256-${createHash("sha256").update(text).digest("base64")}&#39;`;
    expect(policyOf(page)).toBe(
      `default-src &#39;none&#39;; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;`,
    );
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page.match(/<style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/ (?:style|on\w+|src|srcset|action)=/);
    expect([...page.matchAll(/ href="([^"]*)"/g)].filter(([, target = ""]) => !/^(?:#|data:,$)/.test(target))).toEqual(
      [],
    );
  });

  it("holds no element that the report did not choose, whatever the names are", () => {
    const tags = new Set([...body(hostile).matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    const expected = new Set([...body(sample).matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    expect([...tags].filter((tag) => !expected.has(tag))).toEqual([]);
  });

  it("says first what is open, or that nothing is", () => {
    const says = (report: Report) =>
      (/<header>([\s\S]*?)<\/header>/.exec(renderHtml(report))?.[1] ?? "")
        .replace(/<[^>]+>/g, " ")
        .replace(/\s+/g, " ");
    expect(says(sample)).toMatch(/^ fail dev 1 violation, .* open Any address of the Internet can relay/);
    expect(says(passing)).toMatch(/^ pass prod no findings\. No mandatory finding/);
    expect(says(many(500))).toContain("and 495 more");
  });

  it("gives every link a target", () => {
    const page = renderHtml(many(40));
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of page.matchAll(/ href="#([^"]*)"/g)) expect(ids).toContain(target);
  });
});

describe.each<[string, (report: Report) => Picture]>([
  ["wide", (report) => wide(perimeterMap(report), () => ["", "", ""])],
  ["narrow", (report) => narrow(perimeterMap(report), () => ["", "", ""])],
])("the %s picture", (_, draw) => {
  const pictures = [sample, passing, many(3), many(500)].map(draw);

  it("stays small, however many hosts there are", () => {
    for (const { boxes, height } of pictures) {
      expect(boxes.length).toBeLessThanOrEqual(17);
      expect(height).toBeLessThan(1500);
    }
  });

  it("has no box over another, and all of them inside", () => {
    for (const { boxes, width, height } of pictures) {
      boxes.forEach((a, i) => {
        expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
        expect(boxes.slice(i + 1).filter((b) => overlap(a, b))).toEqual([]);
      });
    }
  });

  it("draws every way in and out past the hosts that it does not touch", () => {
    for (const { boxes, lines } of pictures) {
      for (const { link, path } of lines) {
        const others = boxes.filter((box) => box.end !== link.from && box.end !== link.to);
        for (const segment of straight(path)) expect(others.filter((box) => overlap(box, segment))).toEqual([]);
      }
    }
  });
});

type Area = Pick<Box, "x" | "y" | "width" | "height">;

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The straight parts of a path as thin areas. */
function straight(path: string): Area[] {
  const areas: Area[] = [];
  let [x, y] = [0, 0];
  for (const [, command, numbers = ""] of path.matchAll(/([MHVC])([^MHVC]*)/g)) {
    const values = numbers.trim().split(/[ ,]+/).map(Number);
    const [nextX, nextY] = [
      command === "V" ? x : (values[command === "H" ? 0 : values.length - 2] ?? 0),
      command === "H" ? y : (values[values.length - 1] ?? 0),
    ];
    if (command === "H" || command === "V")
      areas.push({
        x: Math.min(x, nextX),
        y: Math.min(y, nextY),
        width: Math.abs(nextX - x) + 0.1,
        height: Math.abs(nextY - y) + 0.1,
      });
    [x, y] = [nextX, nextY];
  }
  return areas;
}
