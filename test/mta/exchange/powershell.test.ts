import { describe, expect, it } from "vitest";
import { anonymous, connectors, problems, relayFor, relays, unknown } from "./support";

/** The ranges that the one connector of a script ends with. */
const ranges = (script: string) => connectors(script)[0]?.ranges.has;
const made = (ranges: string) => `New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges ${ranges}`;

describe("words of a command", () => {
  it.each<[string, string[]]>([
    ["10.0.0.1", ["10.0.0.1"]],
    ["10.0.0.1,10.0.0.2", ["10.0.0.1", "10.0.0.2"]],
    ["10.0.0.1, 10.0.0.2", ["10.0.0.1", "10.0.0.2"]],
    ["10.0.0.1 , 10.0.0.2", ["10.0.0.1", "10.0.0.2"]],
    ["10.0.0.1,\n  10.0.0.2", ["10.0.0.1", "10.0.0.2"]],
    ["10.0.0.1, `\n  10.0.0.2", ["10.0.0.1", "10.0.0.2"]],
    ["'10.0.0.1','10.0.0.2'", ["10.0.0.1", "10.0.0.2"]],
    ['"10.0.0.1", 10.0.0.0/8', ["10.0.0.1", "10.0.0.0/8"]],
    ['"10.0.0.1,10.0.0.2"', ["10.0.0.1", "10.0.0.2"]],
    ["10.0.0.1-10.0.0.9", ["10.0.0.1-10.0.0.9"]],
    ["@('10.0.0.1','10.0.0.2')", ["10.0.0.1", "10.0.0.2"]],
    ["('10.0.0.1','10.0.0.2')", ["10.0.0.1", "10.0.0.2"]],
    ["fd00::1,fd00::2", ["fd00::1", "fd00::2"]],
    ["10.0.0.1 # , 10.0.0.2", ["10.0.0.1"]],
    ["10.0.0.1 <# a\nb #> -Banner '220 x'", ["10.0.0.1"]],
    ["“10.0.0.1”", ["10.0.0.1"]],
    ["$('10.0.0.1')", ["10.0.0.1"]],
    ["@'\n10.0.0.1\n'@", ["10.0.0.1"]],
  ])("%j", (written, expected) => {
    expect(ranges(made(written))).toEqual(expected);
    expect(problems(made(written))).toEqual([]);
  });

  it("names may be cut short, take a colon, a dash of a word processor, any case", () => {
    expect(ranges("new-receiveconnector –NAME R –Custom -Bind:0.0.0.0:25 -RemoteIPRange:10.0.0.1")).toEqual([
      "10.0.0.1",
    ]);
    expect(connectors(`${made("10.0.0.1")} -Enabled:$false`)[0]?.enabled).toEqual({ value: false });
  });

  it("an unclear or unknown name is a problem with its line", () => {
    expect(problems(`\n${made("10.0.0.1")} -Max 5`)[0]).toMatch(/^script:2 -Max is no parameter/);
    expect(relays(`${made("10.0.0.1")} -RelayControlEnabled $true`)).toEqual(unknown);
  });

  it("-WhatIf does nothing", () => {
    expect(connectors(`${made("10.0.0.1")} -WhatIf`)).toEqual([]);
    expect(connectors(`${made("10.0.0.1")} -WhatIf:$false`)).toHaveLength(1);
  });
});

describe("values", () => {
  const set = (text: string, value = "$x") => ranges(`${text}\n${made(value)}`);
  it.each<[string, string, string[]]>([
    ["a variable", "$x = '10.0.0.1'", ["10.0.0.1"]],
    ["a list in a variable", "$x = '10.0.0.1','10.0.0.2'", ["10.0.0.1", "10.0.0.2"]],
    ["a typed variable", "[string[]]$x = '10.0.0.1'", ["10.0.0.1"]],
    ["one that grows", "$x = @()\n$x += '10.0.0.1'\n$x += '10.0.0.2'", ["10.0.0.1", "10.0.0.2"]],
    ["a sum", "$n = '10.0.0.'\n$x = $n + '1'", ["10.0.0.1"]],
    ["an expansion", '$n = 4\n$x = "10.0.0.$n"', ["10.0.0.4"]],
    ["an expression in a string", "$h = @{ ip = '10.0.0.1' }\n$x = \"$($h.ip)-10.0.0.9\"", ["10.0.0.1-10.0.0.9"]],
    ["a format", "$x = '{0}.{1}' -f '10.0', '0.1'", ["10.0.0.1"]],
    ["a join and a split", "$x = ('10.0.0.1','10.0.0.2' -join ';') -split ';'", ["10.0.0.1", "10.0.0.2"]],
    ["a method", "$x = '10.0.0.1, 10.0.0.2'.Split(',').Trim()", ["10.0.0.1", "10.0.0.2"]],
    ["a pipeline", '$x = 1..3 | ForEach-Object { "10.0.0.$_" }', ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    ["a filter", "$x = '10.0.0.1','x' | Where-Object { $_ -like '10.*' }", ["10.0.0.1"]],
    ["an index", "$x = ('a','10.0.0.1')[1]", ["10.0.0.1"]],
    ["a here-string", '$n = 7\n$x = @"\n10.0.0.$n\n"@', ["10.0.0.7"]],
    ["lines of one", "$x = @'\n10.0.0.1\n10.0.0.2\n'@ -split \"`n\"", ["10.0.0.1", "10.0.0.2"]],
    ["an array list", "$x = New-Object System.Collections.ArrayList\n$x.Add('10.0.0.1') | Out-Null", ["10.0.0.1"]],
    ["an if", "$x = if ($true) { '10.0.0.1' } else { '10.0.0.2' }", ["10.0.0.1"]],
    [
      "a file that the script writes",
      "'10.0.0.1','10.0.0.2' | Set-Content C:\\ips.txt\n$x = Get-Content C:\\ips.txt",
      ["10.0.0.1", "10.0.0.2"],
    ],
  ])("%s", (_, text, expected) => expect(set(text)).toEqual(expected));

  it("splatting", () => {
    const script = `$p = @{
      Name = 'R'; Custom = $true
      Bindings = '0.0.0.0:25'
      RemoteIPRanges = '10.0.0.1', '10.0.0.2'
    }
    New-ReceiveConnector @p -PermissionGroups AnonymousUsers`;
    expect(connectors(script)).toMatchObject([
      { name: "R", ranges: { has: ["10.0.0.1", "10.0.0.2"] }, groups: { has: ["AnonymousUsers"] } },
    ]);
  });

  it("what is not set in the script is not known, and what is listed beside it stays known", () => {
    expect(connectors(made("10.0.0.0/8,$other"))[0]?.ranges).toMatchObject({ has: ["10.0.0.0/8"], open: [{}] });
    expect(relays(relayFor("10.0.0.0/8,$other"))).toEqual({ must: ["10.0.0.0/8"], may: ["0.0.0.0/0"] });
  });
});

describe("control flow", () => {
  it("follows a loop over literals, and functions with parameters", () => {
    expect(relays(`foreach ($n in 'A','B') { ${relayFor("10.0.0.1", "$n")} }`)).toEqual(["10.0.0.1/32"]);
    const script = `function Add-Relay([string]$Name, [string[]]$Ip, [switch]$Relay) {
      New-ReceiveConnector -Name $Name -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges $Ip -PermissionGroups AnonymousUsers
      if ($Relay) { Add-ADPermission $Name ${anonymous} }
    }
    Add-Relay Apps 10.0.0.1,10.0.0.2 -Relay
    Add-Relay -Ip 10.0.0.3 -Name Printers`;
    expect(relays(script)).toEqual(["10.0.0.1/32", "10.0.0.2/32"]);
  });

  it("knows which connectors are there", () => {
    const guarded = `if (-not (Get-ReceiveConnector "$env:COMPUTERNAME\\Relay" -ErrorAction SilentlyContinue)) { ${relayFor("10.0.0.1")} } else { throw 'there' }`;
    expect(relays(guarded)).toEqual(["10.0.0.1/32"]);
    expect(relays(`${guarded}\n${guarded}`)).toEqual(["10.0.0.1/32"]);
  });

  it("joins both ways of a condition that is not known", () => {
    expect(relays(`if ($x) { ${relayFor("10.0.0.1")} }`)).toEqual({ must: [], may: ["10.0.0.1/32"] });
    expect(relays(`if ($x) { ${relayFor("10.0.0.1")} } else { ${relayFor("10.0.0.1")} }`)).toEqual(["10.0.0.1/32"]);
    expect(relays(`if ($x) { ${relayFor("10.0.0.1")} } else { ${relayFor("10.0.0.2")} }`)).toEqual({
      must: [],
      may: ["0.0.0.0/0"],
    });
  });

  it("an end that may come early closes nothing that would follow, and keeps what was open before", () => {
    expect(relays(`if ($x) { exit 1 }\n${relayFor("10.0.0.1")}`)).toEqual(["10.0.0.1/32"]);
    const closed = `${relayFor("10.0.0.1")}\nif ($x) { exit }\nRemove-ReceiveConnector Relay`;
    expect(relays(closed)).toEqual({ must: [], may: ["10.0.0.1/32"] });
    expect(relays(`exit\n${relayFor("10.0.0.1")}`)).toEqual([]);
  });

  it("an error that is caught is an exception, which may end it early", () => {
    const script = `try { ${relayFor("10.0.0.1")} } catch { Write-Warning $_; return }
    Set-ReceiveConnector Relay -RemoteIPRanges 10.0.0.2`;
    expect(relays(script)).toEqual({ must: ["10.0.0.2/32"], may: ["10.0.0.1/32", "10.0.0.2/32"] });
  });

  it("a loop runs nobody knows how often", () => {
    expect(relays(`while ($x) { ${relayFor("10.0.0.1")} }`)).toEqual({ must: [], may: ["10.0.0.1/32"] });
    expect(
      relays(
        `Import-Csv a.csv | ForEach-Object { New-ReceiveConnector -Name $_.n -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges $_.ip -PermissionGroups AnonymousUsers; Add-ADPermission $_.n ${anonymous} }`,
      ),
    ).toEqual(unknown);
  });
});

describe("other scripts", () => {
  const encoded = (text: string) => Buffer.from(text, "utf16le").toString("base64");
  it.each([
    ["-EncodedCommand", `powershell.exe -NoProfile -EncodedCommand ${encoded(relayFor("10.0.0.1"))}`],
    ["-e and a policy", `powershell -ep bypass -e ${encoded(relayFor("10.0.0.1"))}`],
    ["-Command", `powershell -Command "${relayFor("10.0.0.1").replace("\n", "; ")}"`],
    [
      "Start-Process",
      `Start-Process powershell.exe -ArgumentList '-EncodedCommand ${encoded(relayFor("10.0.0.1"))}' -Wait`,
    ],
    ["Invoke-Expression", `$c = @'\n${relayFor("10.0.0.1")}\n'@\nInvoke-Expression $c`],
    ["a block", `& { ${relayFor("10.0.0.1")} }`],
    ["Invoke-Command", `Invoke-Command -ScriptBlock { ${relayFor("10.0.0.1")} }`],
    ["a file", `@'\n${relayFor("10.0.0.1")}\n'@ | Out-File C:\\relay.ps1\n& C:\\relay.ps1`],
    [
      "a file by powershell",
      `Set-Content -Path C:\\relay.ps1 -Value @'\n${relayFor("10.0.0.1")}\n'@\npowershell -File C:\\relay.ps1`,
    ],
  ])("%s is followed", (_, script) => {
    expect(relays(script)).toEqual(["10.0.0.1/32"]);
    expect(problems(script)).toEqual([]);
  });

  it.each([
    ["downloads", "iwr https://example.com/x.ps1 -UseBasicParsing | iex", /not in the program/],
    ["a script from elsewhere", "& \\\\share\\relay.ps1", /not in the program/],
    ["a program", "C:\\tools\\relay.exe /all", /may change the mail server/],
    ["an unknown command", "Install-Relay -All", /may change the mail server/],
    ["another code", "powershell -EncodedCommand $x", /not in the program/],
    ["base64 that is none", "powershell -EncodedCommand ???", /not in the program/],
    ["what runs is a value", "& $tool /x", /not known/],
  ])("%s may open it for anybody", (_, line, why) => {
    const script = `${relayFor("10.0.0.1")}\n${line}`;
    expect(relays(script)).toEqual({ must: ["10.0.0.1/32"], may: ["0.0.0.0/0", "::/0"] });
    expect(problems(script).join("\n")).toMatch(why);
    expect(problems(script).join("\n")).toMatch(/^script:3/m);
  });

  it("a script that is written and not run may be run", () => {
    expect(relays(`@'\n${relayFor("10.0.0.1")}\n'@ | Set-Content C:\\relay.ps1\nGet-ReceiveConnector`)).toEqual({
      must: [],
      may: ["10.0.0.1/32"],
    });
  });

  it("the management shell's own preamble is none of it", () => {
    const preamble = [
      "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn -ErrorAction SilentlyContinue",
      ". 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\bin\\RemoteExchange.ps1'",
      "Connect-ExchangeServer -auto -ClientApplication:ManagementShell",
      '$s = New-PSSession -ConfigurationName Microsoft.Exchange -ConnectionUri "http://$env:COMPUTERNAME/PowerShell/"',
      "Import-PSSession $s -DisableNameChecking | Out-Null",
      "Set-TransportConfig -MaxRecipientEnvelopeLimit 500",
      "Get-OwaVirtualDirectory | Set-OwaVirtualDirectory -ExternalUrl https://mail.example.com/owa",
      "Restart-Service MSExchangeTransport -Force",
      'Write-Host "done: $(Get-Date)" -ForegroundColor Green > C:\\log.txt 2>&1',
    ].join("\n");
    expect(problems(`${preamble}\n${relayFor("10.0.0.1")}`)).toEqual([]);
  });
});

describe("text that is not understood", () => {
  it.each([
    ["a string without an end", "$x = 'abc"],
    ["a comment without an end", "<# abc"],
    ["a bracket without its half", "}"],
    ["a ternary", "$x = $a ? 1 : 2"],
    ["a class", "class A { [string]$B }"],
    ["DSC", "Configuration C { xExchReceiveConnector R { Ensure = 'Present' } }"],
  ])("%s is a problem, and what stands before it is known", (_, text) => {
    expect(relays(`${relayFor("10.0.0.1")}\n${text}`)).toEqual({ must: ["10.0.0.1/32"], may: ["0.0.0.0/0", "::/0"] });
  });

  it("what stands behind it is read too", () => {
    expect(relays(`$x = $a ? 1 : 2\n${relayFor("10.0.0.1")}`)).toMatchObject({ must: ["10.0.0.1/32"] });
  });
});
