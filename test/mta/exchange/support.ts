import { expect } from "vitest";
import { evaluateHost } from "../../../policies/analysis/mta";
import type { Carrier, HostMta, RelayAnswer } from "../../../policies/analysis/mta/answer";
import type { Connector } from "../../../policies/analysis/mta/exchange/connector";
import { toCidrs } from "../../../policies/analysis/net/cidr";

export const host = "urn:pulumi:dev::test::aws:ec2/instance:Instance::exchange";

/** A script as a run command sends it. */
export function command(text: string, more: Partial<Carrier> = {}): Carrier {
  return { host, kind: "powershell", at: { urn: host, path: "script" }, text, ...more };
}

export function userData(text: string, more: Partial<Carrier> = {}): Carrier {
  return { host, kind: "user-data", at: { urn: host, path: "userData" }, text, ...more };
}

export function known(...carriers: Carrier[]): Extract<HostMta, { kind: "known" }> {
  const mta = evaluateHost(carriers);
  if (mta.kind !== "known") expect.fail(`${mta.kind}: ${JSON.stringify(mta)}`);
  return mta;
}

export function answerOn(port: number, ...carriers: Carrier[]): RelayAnswer {
  const found = known(...carriers).answers.find((it) => it.port === port);
  if (found === undefined) expect.fail(`no listener on ${port}`);
  return found;
}

/** Who may relay on a port: one list of prefixes if it is known, else both bounds. */
export function relays(
  script: string,
  port = 25,
): readonly string[] | { must: readonly string[]; may: readonly string[] } {
  const { relays: bounds } = answerOn(port, command(script));
  const [must, may] = [toCidrs(bounds.must), toCidrs(bounds.may)];
  expect(bounds.why.length === 0).toBe(JSON.stringify(must) === JSON.stringify(may));
  return bounds.why.length === 0 ? must : { must, may };
}

/** What a script leaves undetermined, with the lines. */
export function problems(script: string): string[] {
  return (known(command(script)).exchange?.problems ?? []).map(({ text, at }) => `${at?.path} ${text}`);
}

/** The connectors that a script makes or names, beside those of setup. */
export function connectors(script: string): readonly Connector[] {
  return (known(command(script)).exchange?.connectors ?? []).filter((it) => !it.builtIn);
}

export const everybody = ["0.0.0.0/0", "::/0"];
export const unknown = { must: [], may: everybody };

export const anonymous = "-User 'NT AUTHORITY\\ANONYMOUS LOGON' -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient";

/** A connector that relays for these ranges. */
export function relayFor(ranges: string, name = "Relay"): string {
  return [
    `New-ReceiveConnector -Name ${name} -TransportRole FrontendTransport -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges ${ranges} -PermissionGroups AnonymousUsers`,
    `Get-ReceiveConnector ${name} | Add-ADPermission ${anonymous}`,
  ].join("\n");
}
