import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Report } from "../../policies/analysis/verdict/report";
import { didYouMean } from "../../policies/config/suggest";
import { wantsColor } from "../report/layout";
import type { Origin } from "../report/origin";
import { InputError } from "../sources/input-error";
import { systemError } from "../sources/text-file";

export const formats = ["pretty", "json", "sarif", "junit", "markdown", "html"] as const;
export type Format = (typeof formats)[number];

/** A report that goes to a file. */
export interface OutputFile<Known extends Format = Format> {
  readonly format: Known;
  readonly path: string;
}

/** How a report looks where it goes. */
export interface Surface {
  readonly color: boolean;
  readonly width: number;
}

/** What standard output is: a terminal with colour and a width of its own, or a file. */
export function standardOutput(): Surface {
  return {
    color: wantsColor(process.stdout, process.env),
    width: process.stdout.isTTY ? Math.min(100, Math.max(60, process.stdout.columns)) : 80,
  };
}

export async function render(report: Report, format: Format, surface: Surface, origin: Origin): Promise<string> {
  switch (format) {
    case "json": {
      const { renderJson } = await import("../report/json.js");
      return renderJson(report);
    }
    case "pretty": {
      const { renderPretty } = await import("../report/pretty.js");
      return renderPretty(report, surface);
    }
    case "sarif": {
      const { renderSarif } = await import("../report/sarif.js");
      const { version } = await import("../version.js");
      return renderSarif(report, origin, version);
    }
    case "junit": {
      const { renderJunit } = await import("../report/junit.js");
      return renderJunit(report);
    }
    case "markdown": {
      const { renderMarkdown } = await import("../report/markdown.js");
      return renderMarkdown(report);
    }
    case "html": {
      const { renderHtml } = await import("../report/html/index.js");
      return renderHtml(report);
    }
  }
}

/** @throws InputError if there is no such format. */
export function parseFormat(text: string, option: string): Format;
export function parseFormat<Known extends Format>(text: string, option: string, among: readonly Known[]): Known;
export function parseFormat(text: string, option: string, among: readonly Format[] = formats): Format {
  const format = among.find((known) => known === text);
  if (format === undefined)
    throw new InputError(`${option}: unknown format ${JSON.stringify(text)}${didYouMean(text, among)}`);
  return format;
}

/** Reads `FORMAT=FILE`, and looks early whether the file can be written: nobody waits for a run whose result has no place. */
export function parseOutput(text: string): OutputFile;
export function parseOutput<Known extends Format>(text: string, among: readonly Known[]): OutputFile<Known>;
export function parseOutput(text: string, among: readonly Format[] = formats): OutputFile {
  const separator = text.indexOf("=");
  if (separator <= 0 || separator === text.length - 1)
    throw new InputError(`--output: expected FORMAT=FILE such as json=report.json, got ${JSON.stringify(text)}`);
  const format = parseFormat(text.slice(0, separator), "--output", among);
  const path = text.slice(separator + 1);
  if (path === "-") throw new InputError("--output: standard output is chosen with --format");
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new InputError(`--output ${text}: cannot write ${path}: ${systemError(error)}`);
  }
  return { format, path };
}

/** @throws InputError naming the file if it cannot be written after all. */
export function writeOutput(output: OutputFile, content: string): void {
  try {
    writeFileSync(output.path, content);
  } catch (error) {
    throw new InputError(`--output ${output.format}=${output.path}: cannot write: ${systemError(error)}`);
  }
}
