import { describe, expect, it } from "vitest";
import { evaluateHost } from "../../../policies/analysis/mta";
import { toCidrs } from "../../../policies/analysis/net/cidr";
import { command, host, known, relayFor, userData } from "./support";

const on25 = (...carriers: Parameters<typeof known>) => {
  const answer = known(...carriers).answers.find((it) => it.port === 25);
  return answer === undefined ? [] : [toCidrs(answer.relays.must), toCidrs(answer.relays.may)];
};
const one = [["10.0.0.1/32"], ["10.0.0.1/32"]];

describe("user data of Windows", () => {
  const relay = relayFor("10.0.0.1");
  const encoded = Buffer.from(relay, "utf16le").toString("base64");
  it.each([
    ["<powershell>", `<powershell>\n${relay}\n</powershell>\n<persist>true</persist>`],
    ["in any case, with a batch script", `<script>\nnet start w32time\n</script>\n<PowerShell>${relay}</PowerShell>`],
    [
      "a batch script that runs PowerShell",
      `<script>\n@echo off\nrem setup\npowershell.exe -EncodedCommand ${encoded}\n</script>`,
    ],
    [
      "tasks of EC2Launch",
      `version: 1.1\ntasks:\n- task: executeScript\n  inputs:\n  - frequency: once\n    type: powershell\n    runAs: admin\n    content: |-\n${relay
        .split("\n")
        .map((line) => `      ${line}`)
        .join("\n")}\n`,
    ],
    ["cloudbase-init", `#ps1_sysnative\n${relay}`],
  ])("%s", (_, text) => expect(on25(userData(text))).toEqual(one));

  it("the places of lines are those of the user data", () => {
    const { exchange } = known(userData(`<persist>true</persist>\n<powershell>\n\n${relay}\n</powershell>`));
    expect(exchange?.connectors.find((it) => it.name === "Relay")?.at).toEqual({ urn: host, path: "userData:4" });
  });

  it("batch scripts run first", () => {
    const made = Buffer.from(relayFor("10.0.0.1"), "utf16le").toString("base64");
    const text = `<powershell>Set-ReceiveConnector Relay -RemoteIPRanges 10.0.0.2</powershell><script>\npowershell -e ${made}\n</script>`;
    expect(on25(userData(text))).toEqual([["10.0.0.2/32"], ["10.0.0.2/32"]]);
  });

  it.each([
    ["a tag without its end", "<powershell>\nNew-ReceiveConnector x\n"],
    ["tasks that are no YAML", "version: 1.0\ntasks:\n- task: executeScript\n  inputs: [\nNew-ReceiveConnector"],
    [
      "a batch script of its own logic",
      "<script>\nif exist x powershell -File C:\\exchange.ps1\n</script>\n<powershell>Get-ReceiveConnector</powershell>",
    ],
  ])("%s is undetermined", (_, text) => {
    const mta = evaluateHost([userData(text)]);
    if (mta.kind === "known") expect(on25(userData(text))[1]).toEqual(["0.0.0.0/0", "::/0"]);
    else expect(mta).toMatchObject({ kind: "undetermined" });
  });

  it("without a word about mail it is no mail server", () => {
    expect(evaluateHost([userData("<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>")])).toEqual({
      kind: "none",
    });
    expect(evaluateHost([userData("<powershell>\niwr https://example.com/a.ps1 | iex\n</powershell>")])).toMatchObject({
      kind: "undetermined",
      signs: false,
    });
  });

  it("another mail server is undetermined by its name", () => {
    const mta = evaluateHost([userData("<powershell>\nInstall-WindowsFeature SMTP-Server\n</powershell>")]);
    expect(mta).toMatchObject({ kind: "undetermined", signs: true, why: [{ text: expect.stringMatching(/IIS/) }] });
  });
});

describe("commands that are sent", () => {
  it("follow user data, and each other in an order that is not known", () => {
    const made = userData(`<powershell>${relayFor("10.0.0.1")}</powershell>`);
    const set = (range: string) => command(`Set-ReceiveConnector Relay -RemoteIPRanges ${range}`);
    expect(on25(set("10.0.0.2"), made)).toEqual([["10.0.0.2/32"], ["10.0.0.2/32"]]);
    expect(on25(made, set("10.0.0.2"), set("10.0.0.3"))).toEqual([[], ["0.0.0.0/0"]]);
    expect(on25(made, set("10.0.0.2"), set("10.0.0.2"))).toEqual([["10.0.0.2/32"], ["10.0.0.2/32"]]);
  });

  it("may be for another machine", () => {
    expect(on25(command(relayFor("10.0.0.1"), { perhaps: true }))).toEqual([[], ["10.0.0.1/32"]]);
  });

  it("what cannot be seen may open it, and hides nothing", () => {
    const open = command(relayFor("10.0.0.1"));
    expect(on25(open, command("", { kind: "command", text: null, unknown: "the document is elsewhere" }))).toEqual([
      ["10.0.0.1/32"],
      ["0.0.0.0/0", "::/0"],
    ]);
    expect(on25(open, command("", { text: null, unknown: "known only after the update" }))[0]).toEqual(["10.0.0.1/32"]);
    expect(on25(open, userData("", { text: null, unknown: "the user data is not known" }))[0]).toEqual(["10.0.0.1/32"]);
  });

  it("PowerShell does nothing on a machine that shows to run Linux", () => {
    expect(evaluateHost([userData("#!/bin/sh\ntrue\n"), command(relayFor("10.0.0.1"))])).toEqual({ kind: "none" });
  });
});

it("of a secret nothing is quoted", () => {
  const mta = known(
    userData(`<powershell>${relayFor("10.0.0.1,$x")}\nFoo-Bar hunter2\n</powershell>`, { secret: true }),
  );
  expect(mta.exchange?.secret).toBe(true);
  const { connectors, ...shown } = mta.exchange ?? { connectors: [] };
  expect(JSON.stringify([mta.answers.map((it) => [it.trace, it.relays.why]), shown])).not.toMatch(/Relay|hunter2/);
  expect(connectors.length).toBeGreaterThan(0);
});
