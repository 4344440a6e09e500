import { expect } from "vitest";
import { type Carrier, evaluateHost, type HostMta, readUserData } from "../../policies/analysis/mta";
import type { RelayAnswer } from "../../policies/analysis/mta/answer";
import { toCidrs } from "../../policies/analysis/net/cidr";

export const host = "urn:pulumi:dev::test::aws:ec2/instance:Instance::mx";

/** The carrier that user data in plain text becomes. */
export function readable(text: string): Carrier {
  const carrier = readUserData(host, { urn: host, path: "userData" }, text, "plain", false);
  if (carrier === null) throw new Error("no carrier");
  return carrier;
}

export function known(...carriers: Carrier[]): Extract<HostMta, { kind: "known" }> {
  const mta = evaluateHost(carriers);
  if (mta.kind !== "known") {
    expect.fail(
      `${mta.kind}: ${mta.kind === "undetermined" ? mta.why.map((it) => `${it.text} (${it.at?.path})`).join("; ") : ""}`,
    );
  }
  return mta;
}

/** User data that installs Postfix and gives it this main.cf and, if there is one, this master.cf. */
export function cloudConfig(mainCf: string, masterCf?: string): string {
  const file = (path: string, text: string) =>
    `  - path: ${path}\n    content: |\n${text
      .split("\n")
      .map((line) => `      ${line}`)
      .join("\n")}\n`;
  const files =
    file("/etc/postfix/main.cf", mainCf) + (masterCf === undefined ? "" : file("/etc/postfix/master.cf", masterCf));
  return `#cloud-config\nwrite_files:\n${files}packages: [postfix]\n`;
}

/** The answer on port 25 of a host with this main.cf. */
export function answer(mainCf: string, masterCf?: string): RelayAnswer {
  const found = known(readable(cloudConfig(mainCf, masterCf))).answers.find((it) => it.port === 25);
  if (found === undefined) throw new Error("no listener on 25");
  return found;
}

/** Bounds of the clients that may relay, as prefixes: one list if they are known, else both. */
export function relays(mainCf: string, masterCf?: string): string[] | { must: string[]; may: string[] } {
  const { relays: bounds } = answer(mainCf, masterCf);
  const [must, may] = [toCidrs(bounds.must), toCidrs(bounds.may)];
  expect(bounds.why.length === 0).toBe(JSON.stringify(must) === JSON.stringify(may));
  return bounds.why.length === 0 ? must : { must, may };
}

export const everybody = ["0.0.0.0/0", "::/0"];

/** Networks that may relay on 25; or the kind of the answer. */
export function verdict(text: string): string {
  return summary(evaluateHost([readable(text)]));
}

export function summary(mta: HostMta): string {
  if (mta.kind !== "known") return mta.kind;
  return mta.answers
    .map((it) => `${it.port}: ${toCidrs(it.relays.must).join(" ")}${it.relays.why.length > 0 ? " …" : ""}`)
    .join("; ");
}

/** Why the answer is not known; its kind if it is. */
export const why = (text: string) => {
  const mta = evaluateHost([readable(text)]);
  return mta.kind === "undetermined" ? mta.why.map((it) => `${it.text} [${it.at?.path}]`).join("\n") : mta.kind;
};
