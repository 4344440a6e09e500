import type { Provenance, Reason } from "../model/provenance";
import { concernsPostfix, isOtherMta, isPostfixPackage } from "./carrier/signs";
import { Files } from "./files";
import { debianMainCf, packageMasterCf, redHatMainCf } from "./postfix/defaults";
import { appendLines, type SourceLine, sourceLines } from "./postfix/lines";
import { editMainCf } from "./postfix/main-cf";

export type Distribution = "debian" | "redhat";
export const mainCfPath = "/etc/postfix/main.cf";
export const masterCfPath = "/etc/postfix/master.cf";

/**
 * A machine as far as Postfix is concerned: the files that the program writes, and whether the package is installed. Effects
 * are applied in the order in which they happen.
 */
export class Machine {
  readonly host: string;
  readonly disk: Files;
  /** Scripts that were run, with their effects. */
  readonly ran: Set<string>;
  private readonly unfollowed: Reason[];
  /** Changes to files whose content is not known, until they are written as a whole. */
  private readonly unfounded: Map<string, readonly Reason[]>;
  /** Other mail servers than Postfix that are installed. */
  readonly others: Reason[];
  /** Every text that was read on the way, unpacked. */
  readonly texts: string[];
  /** What is fetched or packed so that nobody can tell what it holds. */
  readonly hidden: Reason[];
  installed = false;
  /** True if the result depends on the distribution that was assumed. */
  guessed = false;
  private readonly distribution: Distribution;
  private selections: string;

  /** @param before the machine that this one begins as */
  constructor(host: string, distribution: Distribution, before?: Machine) {
    this.host = host;
    this.distribution = distribution;
    this.disk = new Files(before?.disk);
    this.ran = new Set(before?.ran);
    this.unfollowed = [...(before?.unfollowed ?? [])];
    this.unfounded = new Map(before?.unfounded);
    this.others = [...(before?.others ?? [])];
    this.texts = [...(before?.texts ?? [])];
    this.hidden = [...(before?.hidden ?? [])];
    this.installed = before?.installed ?? false;
    this.guessed = before?.guessed ?? false;
    this.selections = before?.selections ?? "";
  }

  /** The same machine, whose further fate is its own. */
  clone(): Machine {
    return new Machine(this.host, this.distribution, this);
  }

  /** What tells this machine from others that began as the same one. */
  fingerprint(): string {
    return `${this.disk.fingerprint()} ${this.rest()} ${[...this.ran].join(" ")}`;
  }

  /** The same, for what Postfix reads: the rest of the disk left aside. */
  core(): string {
    const home = this.disk.resolve("/etc/postfix") ?? "/etc/postfix";
    return `${this.disk.fingerprint((path) => path.startsWith("/etc/postfix") || path.startsWith(home))} ${this.rest()}`;
  }

  private rest(): string {
    const reasons = [...this.unfollowed, ...[...this.unfounded.values()].flat(), ...this.others, ...this.hidden];
    return JSON.stringify([reasons, this.installed, this.guessed, this.selections]);
  }

  /** Loses sight of whatever is different on another machine that has the same core. */
  blur(other: Machine): void {
    this.disk.blur(other.disk);
    for (const path of [...this.ran]) if (!other.ran.has(path)) this.ran.delete(path);
  }

  /** Whether something else than losing sight of files has happened since. */
  hasChanged(before: Machine): boolean {
    if (!this.disk.onlyLost(before.disk)) return true;
    return (
      this.problems.length !== before.problems.length ||
      this.installed !== before.installed ||
      this.selections !== before.selections
    );
  }

  /** Content of files; null if it is not known. A path that is absent was not touched, or is gone. */
  get files(): ReadonlyMap<string, readonly SourceLine[] | null> {
    return this.disk.view();
  }

  /** Files that postmap(1) was run on, and that did not change since. */
  get compiled(): ReadonlySet<string> {
    return this.disk.compiled;
  }

  /** What is not followed, and may change the mail server. */
  get problems(): readonly Reason[] {
    return [...this.unfollowed, ...[...this.unfounded.values()].flat()];
  }

  problem(text: string, at: Provenance): void {
    this.unfollowed.push({ text, at });
  }

  private unfound(path: string, text: string, at: Provenance): void {
    this.unfounded.set(path, [...(this.unfounded.get(path) ?? []), { text, at }]);
  }

  /** What happened so far happens again later: what is written in between does not undo it. */
  repeats(): void {
    this.unfollowed.push(...[...this.unfounded.values()].flat());
    this.unfounded.clear();
  }

  /** Something cannot be read at all: it is a problem even if nothing else speaks of a mail server. */
  hide(text: string, at: Provenance): void {
    this.hidden.push({ text, at });
    this.problem(text, at);
  }

  /** A file is written; `lines` is null for content that is not known. */
  write(path: string, lines: readonly SourceLine[] | null, append: boolean, at: Provenance): void {
    const before = this.disk.read(path);
    if (append && before === undefined) {
      // What the image holds is not known; a file that the program has to do without is not known either.
      this.disk.write(path, null);
      if (this.isMain(path))
        this.unfound(path, `${path} is appended to, and what it holds before is not in the program`, at);
      return;
    }
    if (lines !== null && !append) this.unfounded.delete(path);
    const content = append && before !== "gone" ? before : [];
    this.disk.write(path, lines === null || content == null ? null : appendLines(content, lines));
  }

  /** A file is edited by a program that writes another one and renames it: postconf(1), sed(1). */
  replace(path: string, lines: readonly SourceLine[] | null): void {
    if (lines !== null) this.unfounded.delete(path);
    this.disk.replace(path, lines);
  }

  /** Whether a file of Postfix decides by itself, under the name that Postfix finds it by. */
  isMain(path: string): boolean {
    return path === mainCfPath || path === masterCfPath;
  }

  /** main.cf of a directory gets a parameter, or loses it. */
  edit(name: string, value: string | null, at: Provenance, path = mainCfPath, comment = false): void {
    const lines = this.disk.read(path);
    if (lines === undefined || lines === null || lines === "gone") {
      this.unfound(path, `main.cf is edited (${name}), and what it holds before is not in the program`, at);
      return;
    }
    this.disk.replace(path, editMainCf(lines, name, value, at, comment));
  }

  preseed(text: string): void {
    this.selections += `${text}\n`;
  }

  /** Answers to debconf questions, the last one of each. */
  answers(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const line of this.selections.split("\n")) {
      const match = /^\s*\S+\s+(\S+)\s+\S+[ \t]?(.*)$/.exec(line);
      if (match?.[1] !== undefined) found.set(match[1], (match[2] ?? "").trim());
    }
    return found;
  }

  /** Packages are installed; `manager` is null if the distribution's own is used, whichever it is. */
  install(packages: readonly string[], manager: Distribution | "unknown" | null, at: Provenance): void {
    for (const name of packages) {
      if (isOtherMta(name))
        this.others.push({ text: `the package ${name} is installed, which is another mail server`, at });
      if (!isPostfixPackage(name) || this.installed) continue;
      this.installed = true;
      // The packages leave files alone that are there already.
      const { disk } = this;
      disk.makeFolder("/etc/postfix");
      if (!Array.isArray(disk.read(masterCfPath)) && disk.read(masterCfPath) !== null)
        disk.write(masterCfPath, sourceLines(packageMasterCf, this.host, "the package's master.cf"));
      if (Array.isArray(disk.read(mainCfPath)) || disk.read(mainCfPath) === null) continue;
      this.guessed ||= manager === null;
      disk.write(mainCfPath, this.packageMainCf(manager ?? this.distribution, at));
    }
  }

  /** What the package's scripts write; null where that is not known. */
  private packageMainCf(distribution: Distribution | "unknown", at: Provenance): readonly SourceLine[] | null {
    if (distribution === "unknown") return null;
    if (distribution === "redhat") return sourceLines(redHatMainCf, this.host, "Red Hat's main.cf");
    let lines: readonly SourceLine[] = sourceLines(debianMainCf, this.host, "Debian's main.cf");
    const parameters: Record<string, string> = {
      mynetworks: "mynetworks",
      relayhost: "relayhost",
      destinations: "mydestination",
      protocols: "inet_protocols",
    };
    for (const line of this.selections.split("\n")) {
      const match = /^\s*\S+\s+postfix\/(\S+)\s+\S+/.exec(line);
      if (match === null) continue;
      const question = match[1] ?? "";
      const answer = line.slice(match[0].length).trim();
      // The types of mailer differ in the default transport and the interfaces: they only close more.
      if (question === "main_mailer_type" && answer === "No configuration") return null;
      const parameter = Object.hasOwn(parameters, question) ? parameters[question] : undefined;
      if (parameter !== undefined) lines = editMainCf(lines, parameter, answer, at);
    }
    return lines;
  }

  /** What may touch Postfix in a way that is not read. */
  opaque(text: string, at: Provenance): void {
    this.problem(`this is not read, and may change the mail server: ${text}`, at);
  }

  /** Script files that were written and that may run at any time. */
  executables(): [string, readonly SourceLine[]][] {
    const { files } = this;
    // A folder with a main.cf holds what Postfix reads, and nobody runs.
    const isConfiguration = (path: string) => files.has(path.replace(/[^/]*$/, "main.cf"));
    return [...files].flatMap(([path, lines]): [string, readonly SourceLine[]][] =>
      lines !== null &&
      !path.startsWith("/etc/postfix/") &&
      !isConfiguration(path) &&
      lines.some((line) => concernsPostfix(line.text))
        ? [[path, lines]]
        : [],
    );
  }
}
