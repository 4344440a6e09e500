import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Unknown } from "../../../policies/analysis/model/snapshot";
import { evaluateHost, type HostMta, readCarrier } from "../../../policies/analysis/mta";
import { toCidrs } from "../../../policies/analysis/net/cidr";
import { ask } from "../ask";
import type { Input, Inputs, Resource } from "../stack";
import { type AzureStack, edge } from "./stack";

const postfix = (networks: string) =>
  [
    "#!/bin/sh",
    "apt-get install -y postfix",
    "cat > /etc/postfix/main.cf <<END",
    "compatibility_level = 3.6",
    "mydestination =",
    `mynetworks = ${networks}`,
    "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
    "END",
  ].join("\n");
const world = postfix("0.0.0.0/0");
const closed = postfix("127.0.0.0/8");
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const linux = { linuxConfiguration: { disablePasswordAuthentication: true } };
const windows = { windowsConfiguration: {} };

/** A machine with what configures it. */
function configured(inputs: Inputs, more: (stack: AzureStack, host: Resource) => void = () => {}): HostMta {
  const { stack } = edge();
  const host = stack.azure(
    "compute:VirtualMachine",
    { networkProfile: { networkInterfaces: [] }, ...inputs },
    { name: "vm" },
  );
  more(stack, host);
  return judged(stack, host);
}

function judged(stack: AzureStack, host: Resource): HostMta {
  return evaluateHost(
    ask(stack)
      .host(host)
      .carriers.flatMap((source) => readCarrier(host.urn, source) ?? []),
  );
}

/** Whom port 25 relays for: certainly, and at most; or that it cannot be told. */
function relays(mta: HostMta): readonly (readonly string[])[] | string {
  if (mta.kind !== "known") return mta.kind;
  const answer = mta.answers.find((item) => item.port === 25);
  return answer === undefined ? "silent" : [toCidrs(answer.relays.must), toCidrs(answer.relays.may)];
}

const everybody = [["0.0.0.0/0"], ["0.0.0.0/0"]];
const itself = [["127.0.0.0/8"], ["127.0.0.0/8"]];

const command = (inputs: Inputs) => (stack: AzureStack, host: Resource) => {
  stack.azure("compute:VirtualMachineRunCommandByVirtualMachine", { vmName: host, ...inputs });
};
const extension = (inputs: Inputs) => (stack: AzureStack, host: Resource) => {
  stack.azure("compute:VirtualMachineExtension", {
    ...{ vmName: host, publisher: "Microsoft.Azure.Extensions", type: "CustomScript" },
    ...inputs,
  });
};

describe("the first boot", () => {
  test("custom data is what cloud-init runs, in base64", () => {
    expect(relays(configured({ osProfile: { customData: base64(world) } }))).toEqual(everybody);
    expect(relays(configured({ osProfile: { customData: base64(gzipSync(world)) } }))).toEqual(everybody);
  });

  test("user data is run only where there is no custom data", () => {
    expect(relays(configured({ userData: base64(world) }))).toEqual(everybody);
    expect(relays(configured({ osProfile: { customData: base64(closed) }, userData: base64(world) }))).toEqual(itself);
  });

  test("user data that is not known is not taken for none", () => {
    expect(relays(configured({ userData: new Unknown([], "a secret") }))).toBe("undetermined");
    expect(relays(configured({ osProfile: new Unknown([], "a secret") }))).toBe("undetermined");
  });
});

describe("managed run commands", () => {
  test("a shell script on Linux, by the machine's name", () => {
    expect(relays(configured({ osProfile: linux }, command({ source: { script: world } })))).toEqual(everybody);
    const named = (vmName: string) =>
      configured({ vmName: "mail-1", osProfile: linux }, command({ vmName, source: { script: world } }));
    expect(relays(named("MAIL-1"))).toEqual(everybody);
    expect(relays(named("mail-2"))).toBe("none");
  });

  test("a command for a machine that cannot be told may be for any of them", () => {
    const mta = configured({ osProfile: linux }, command({ vmName: new Unknown([]), source: { script: world } }));
    expect(relays(mta)).not.toBe("none");
    expect(relays(mta)).not.toEqual(itself);
  });

  test("either the custom data or the command may be the last", () => {
    const mta = configured(
      { osProfile: { ...linux, customData: base64(closed) } },
      command({ source: { script: world } }),
    );
    expect(relays(mta)).toEqual([["127.0.0.0/8"], ["0.0.0.0/0"]]);
  });

  test("named parameters are variables of the script, and unknown ones are not known", () => {
    const script = world.replace("0.0.0.0/0", "$NETWORKS");
    const given = (value: Input) =>
      relays(
        configured({ osProfile: linux }, command({ source: { script }, parameters: [{ name: "NETWORKS", value }] })),
      );
    expect(given("0.0.0.0/0")).toEqual(everybody);
    expect(given("127.0.0.0/8")).toEqual(itself);
    expect(given(new Unknown([]))).not.toEqual(itself);
  });

  test("parameters without a name go by their place", () => {
    const script = world.replace("0.0.0.0/0", `\${1:-127.0.0.0/8}`);
    const given = (value: Input) =>
      relays(configured({ osProfile: linux }, command({ source: { script }, parameters: [{ name: "", value }] })));
    expect(given("0.0.0.0/0")).toEqual(everybody);
    expect(given(new Unknown([]))).not.toEqual(itself);
  });

  test("a protected parameter is used, and nothing of the text is shown", () => {
    const script = world.replace("0.0.0.0/0", "$NETWORKS");
    const mta = configured(
      { osProfile: linux },
      command({ source: { script }, protectedParameters: [{ name: "NETWORKS", value: "0.0.0.0/0" }] }),
    );
    expect(relays(mta)).toEqual(everybody);
    expect(JSON.stringify(mta)).not.toContain("mynetworks = ");
  });

  test.each([
    ["a script by its address", { source: { scriptUri: "https://example.blob.core.windows.net/s/mail.sh" } }],
    ["a script of a gallery", { source: { galleryScriptReferenceId: "/subscriptions/s/galleries/g/scripts/x" } }],
    ["a source that is not known", { source: new Unknown([]) }],
  ])("%s cannot be read", (_, inputs) => {
    expect(relays(configured({ osProfile: linux }, command(inputs)))).toBe("undetermined");
  });

  test("a built-in command that only reports decides nothing", () => {
    expect(relays(configured({ osProfile: linux }, command({ source: { commandId: "ifconfig" } })))).toBe("none");
  });

  test("a known violation stands beside a command that cannot be read", () => {
    const mta = configured({ osProfile: linux }, (stack, host) => {
      command({ source: { script: world } })(stack, host);
      command({ source: { scriptUri: "https://example.com/x.sh" } })(stack, host);
    });
    expect(relays(mta)).toMatchObject([["0.0.0.0/0"], ["0.0.0.0/0", "::/0"]]);
  });

  test("one machine of a scale set may have what the others do not", () => {
    const { stack } = edge();
    const set = stack.azure(
      "compute:VirtualMachineScaleSet",
      { virtualMachineProfile: { osProfile: { ...linux, customData: base64(closed) } } },
      { name: "set" },
    );
    const script = { script: "postconf -e 'mynetworks = 0.0.0.0/0'\n" };
    stack.azure("compute:VirtualMachineScaleSetVMRunCommand", { vmScaleSetName: set, instanceId: "0", source: script });
    const [must, may] = relays(judged(stack, set)) as readonly (readonly string[])[];
    expect(must).toEqual(["127.0.0.0/8"]);
    expect(may).toContain("0.0.0.0/0");
  });
});

describe("Exchange by run command", () => {
  const relay = (ranges: string) =>
    [
      `New-ReceiveConnector -Name Relay -TransportRole FrontendTransport -Usage Custom -Bindings 0.0.0.0:25 -RemoteIPRanges ${ranges}`,
      "Get-ReceiveConnector Relay | Add-ADPermission -User 'NT AUTHORITY\\ANONYMOUS LOGON' -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient",
      "Set-ReceiveConnector Relay -PermissionGroups AnonymousUsers",
    ].join("\n");

  test.each([
    ["by the login configuration", { osProfile: windows }],
    ["by the disk", { storageProfile: { osDisk: { osType: "Windows" } } }],
    ["by the image's publisher", { storageProfile: { imageReference: { publisher: "MicrosoftWindowsServer" } } }],
    ["by the script itself", {}],
  ])("is PowerShell where the machine runs Windows, %s", (_, inputs) => {
    expect(relays(configured(inputs, command({ source: { script: relay("10.0.0.1") } })))).toEqual([
      ["10.0.0.1/32"],
      ["10.0.0.1/32"],
    ]);
  });

  test("a parameter that is given beats the default in the script", () => {
    const script = `param([string]$Ranges = "10.0.0.1")\n${relay("$Ranges")}`;
    const given = (parameters: Input) =>
      relays(configured({ osProfile: windows }, command({ source: { script }, parameters })));
    expect(given([])).toEqual([["10.0.0.1/32"], ["10.0.0.1/32"]]);
    expect(given([{ name: "ranges", value: "0.0.0.0-255.255.255.255" }])).toEqual(everybody);
    expect(given([{ name: "ranges", value: new Unknown([]) }])).not.toEqual([["10.0.0.1/32"], ["10.0.0.1/32"]]);
  });

  test("a command line of the custom script extension", () => {
    const encoded = Buffer.from(relay("10.0.0.1"), "utf16le").toString("base64");
    const mta = configured(
      { osProfile: windows },
      extension({
        publisher: "Microsoft.Compute",
        type: "CustomScriptExtension",
        settings: { commandToExecute: `powershell.exe -ExecutionPolicy Bypass -EncodedCommand ${encoded}` },
      }),
    );
    expect(relays(mta)).toEqual([["10.0.0.1/32"], ["10.0.0.1/32"]]);
  });
});

describe("extensions", () => {
  test.each([
    ["a script in base64", { settings: { script: base64(world) } }],
    ["a script in gzip", { settings: { script: base64(gzipSync(world)) } }],
    ["a command", { settings: { commandToExecute: world } }],
    ["settings that are secret", { protectedSettings: { script: base64(world) } }],
    ["settings as text", { settings: JSON.stringify({ script: base64(world) }) }],
    ["the names in another case", { type: "customScript", settings: { script: base64(world) } }],
  ])("%s", (_, inputs) => {
    expect(relays(configured({ osProfile: linux }, extension(inputs)))).toEqual(everybody);
  });

  test("what is secret is judged and never shown", () => {
    const mta = configured({ osProfile: linux }, extension({ protectedSettings: { commandToExecute: world } }));
    expect(JSON.stringify(mta)).not.toContain("mynetworks = ");
  });

  test.each([
    [
      "files that are fetched",
      { settings: { fileUris: ["https://example.com/install.sh"], commandToExecute: "sh install.sh" } },
    ],
    ["settings that are not known", { protectedSettings: new Unknown([]) }],
    ["settings in a key vault", { protectedSettingsFromKeyVault: { secretUrl: "https://v/secrets/x" } }],
    ["desired state configuration", { publisher: "Microsoft.Powershell", type: "DSC", settings: {} }],
    ["an extension of somebody else's", { publisher: "Puppet", type: "PuppetAgent", settings: {} }],
  ])("%s cannot be read", (_, inputs) => {
    expect(relays(configured({ osProfile: linux }, extension(inputs)))).toBe("undetermined");
  });

  test("what monitors or protects the machine changes no mail server", () => {
    const monitor = { publisher: "Microsoft.Azure.Monitor", type: "AzureMonitorLinuxAgent", settings: {} };
    expect(relays(configured({ osProfile: linux }, extension(monitor)))).toBe("none");
  });

  test("in the profile of a scale set, and as a resource of its own for one", () => {
    const script = {
      publisher: "Microsoft.Azure.Extensions",
      type: "CustomScript",
      settings: { script: base64(world) },
    };
    const { stack } = edge();
    const inline = stack.azure(
      "compute:VirtualMachineScaleSet",
      { virtualMachineProfile: { osProfile: linux, extensionProfile: { extensions: [{ name: "mail", ...script }] } } },
      { name: "inline" },
    );
    const apart = stack.azure(
      "compute:VirtualMachineScaleSet",
      { virtualMachineProfile: { osProfile: linux } },
      { name: "apart" },
    );
    stack.azure("compute:VirtualMachineScaleSetExtension", { vmScaleSetName: apart, ...script });
    expect(relays(judged(stack, inline))).toEqual(everybody);
    expect(relays(judged(stack, apart))).toEqual(everybody);
  });
});
