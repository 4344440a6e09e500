import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderHtml } from "../../cli/report/html";
import type { Report } from "../../policies/analysis/verdict/report";
import { hostile, many, passing, sample } from "../report/sample";

const skip = process.env.RELAYPROOF_BROWSER !== "1";
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
const phone: BrowserContextOptions = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };
const reports: Readonly<Record<string, Report>> = { sample, passing, hostile, many: many(500) };

describe.skipIf(skip)("the HTML report in Chromium (npm run test:browser)", () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "relayproof-html-"));
    for (const [name, report] of Object.entries(reports))
      writeFileSync(join(folder, `${name}.html`), renderHtml(report));
    browser = await chromium.launch({
      executablePath: process.env.RELAYPROOF_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
        ...["--disable-background-networking", "--disable-component-update"],
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page, and fails on whatever it asks for, complains about or pops up. */
  async function visit(
    name: string,
    options: BrowserContextOptions,
    test: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("request", (request) => {
      if (request.url().startsWith("file:") ? !request.isNavigationRequest() : !request.url().startsWith("data:"))
        complaints.push(`asked for ${request.url()}`);
    });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    await test(page);
    await context.close();
    expect(complaints).toEqual([]);
  }

  async function problems(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>("axe.run()");
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  }

  // Hundreds of hosts take axe a while: once is enough.
  const looksOf = (name: string) => (name === "many" ? looks.slice(-1) : looks);
  const looks: [string, BrowserContextOptions][] = [
    ["light", desk],
    ["dark", { ...desk, colorScheme: "dark" }],
    ["on a phone", phone],
  ];

  it.each(
    Object.keys(reports).flatMap((name) => looksOf(name).map(([look, options]) => [name, look, options] as const)),
  )("%s, %s: axe finds nothing, nothing is asked for, nothing sticks out", async (name, _, options) => {
    await visit(name, options, async (page) => {
      if (name !== "many")
        await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      expect(await problems(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    });
  });

  it("shows one picture: zones side by side on a screen and on paper, one below the other on a phone", async () => {
    const shown = async (page: Page) => [
      await page.locator("svg.wide").isVisible(),
      await page.locator("svg.narrow").isVisible(),
    ];
    await visit("sample", desk, async (page) => expect(await shown(page)).toEqual([true, false]));
    await visit("sample", phone, async (page) => {
      expect(await shown(page)).toEqual([false, true]);
      await page.emulateMedia({ media: "print" });
      expect(await shown(page)).toEqual([true, false]);
    });
  });

  it("opens a host that is chosen in the picture, by keyboard too, with its rules and configuration lines", async () => {
    await visit("sample", desk, async (page) => {
      const host = page.locator("svg.wide a.node").first();
      await host.focus();
      await page.keyboard.press("Enter");
      const details = page.locator("details.host[open]");
      expect(await details.count()).toBe(1);
      const text = await details.textContent();
      for (const part of ["0.0.0.0/0", "ingress[0] allows TCP 25", "mynetworks = 0.0.0.0/0", "/etc/postfix/main.cf:12"])
        expect(text).toContain(part);
      expect(await page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
      const name = "edge-front-end front end · 10.0.1.10 25 from the Internet open";
      expect(await page.getByRole("link", { name, exact: true }).count()).toBe(1);
      await page.goBack();
      await page.getByRole("link", { name: "Skip to the findings" }).focus();
      await page.keyboard.press("Enter");
      expect(page.url()).toMatch(/#findings$/);
    });
  });

  it("finds one of 500 hosts", async () => {
    await visit("many", desk, async (page) => {
      expect(await page.locator("#host-count").textContent()).toBe("502 of 502");
      await page.locator("#host-search").fill("worker-499");
      expect(await page.locator("details.host:visible").count()).toBe(1);
      expect(await page.locator("#host-count").textContent()).toBe("1 of 502");
      await page.locator("svg.wide a.node", { hasText: "worker-3" }).click();
      expect(await page.locator("details.host[open]:visible").textContent()).toContain("worker-3");
    });
  });

  it("prints what is found, and folds it again", async () => {
    await visit("sample", desk, async (page) => {
      const open = () => page.locator("details.finding[open]").count();
      expect(await open()).toBe(1);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      expect(await open()).toBe(sample.findings.length);
      expect(await page.locator("details.host[open]").count()).toBe(2);
      await page.evaluate('dispatchEvent(new Event("afterprint"))');
      expect(await open()).toBe(1);
      expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(10_000);
    });
  });

  it("can be read without its script", async () => {
    await visit("sample", { ...desk, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator(".filter").isVisible()).toBe(false);
      const text = await page.locator("body").textContent();
      for (const finding of sample.findings) expect(text).toContain(finding.message);
      await page.locator("details.host summary").first().click();
      expect(await page.locator("details.host[open]").textContent()).toContain("mynetworks = 0.0.0.0/0");
    });
  });
});

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}
