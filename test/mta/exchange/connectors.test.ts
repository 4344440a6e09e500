import { describe, expect, it } from "vitest";
import {
  anonymous,
  answerOn,
  command,
  connectors,
  everybody,
  known,
  problems,
  relayFor,
  relays,
  unknown,
} from "./support";

const any = "0.0.0.0-255.255.255.255";

describe("what setup makes relays for nobody", () => {
  it.each([25, 465, 587, 717, 2525])("on %i", (port) => {
    expect(relays("Get-ReceiveConnector", port)).toEqual([]);
  });

  it("nor on an Edge server", () => {
    expect(known(command("Setup.exe /mode:Install /roles:EdgeTransport")).answers).toMatchObject([
      { port: 25, loopbackOnly: false, relays: { must: { v4: [], v6: [] }, why: [] } },
    ]);
  });
});

describe("anonymous relaying (X1)", () => {
  it.each<[string, string[]]>([
    ["10.0.0.1", ["10.0.0.1/32"]],
    ["10.0.0.1-10.0.0.2", ["10.0.0.1/32", "10.0.0.2/32"]],
    ["10.0.0.0/8", ["10.0.0.0/8"]],
    ["'10.0.0.0(255.0.0.0)'", ["10.0.0.0/8"]],
    [`10.0.0.1,${any}`, ["0.0.0.0/0"]],
    [any, ["0.0.0.0/0"]],
  ])("for %s", (ranges, expected) => expect(relays(relayFor(ranges))).toEqual(expected));

  it("IPv6 needs a binding of its family", () => {
    expect(relays(relayFor("fd00::/8"))).toEqual([]);
    expect(relays(relayFor("fd00::/8").replace("0.0.0.0:25", "'[::]:25'"))).toEqual(["fd00::/8"]);
    expect(relays(relayFor("::/0,0.0.0.0/0").replace("0.0.0.0:25", "0.0.0.0:25,[::]:25"))).toEqual(everybody);
  });

  it("takes the right and the permission to submit", () => {
    const custom = "New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges 10.0.0.0/8";
    expect(relays(custom)).toEqual([]);
    expect(relays(`${custom} -PermissionGroups AnonymousUsers`)).toEqual([]);
    expect(relays(`${custom}\nAdd-ADPermission R ${anonymous}`)).toEqual([]);
    expect(relays(`${custom}\nAdd-ADPermission R ${anonymous},ms-Exch-SMTP-Submit`)).toEqual(["10.0.0.0/8"]);
    expect(relays(`${custom}\nAdd-ADPermission R -User 'ANONYMOUS LOGON' -AccessRights GenericAll`)).toEqual([
      "10.0.0.0/8",
    ]);
    expect(
      relays(`${custom}\nAdd-ADPermission R ${anonymous}\nSet-ReceiveConnector R -PermissionGroups AnonymousUsers`),
    ).toEqual(["10.0.0.0/8"]);
  });

  it.each([
    "NT AUTHORITY\\ANONYMOUS LOGON",
    "nt authority\\anonymous logon",
    "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG",
    "NT-Authority\\Anonymous-Logon",
    "AUTORITE NT\\ANONYMOUS LOGON",
    "NT AUTHORITY\\INICIO DE SESIÓN ANÓNIMO",
    "AUTORIDADE NT\\LOGON ANÔNIMO",
    "NT AUTHORITY\\ACCESSO ANONIMO",
    "NT AUTHORITY\\АНОНИМНЫЙ ВХОД",
    "ANONYMOUS LOGON",
    "S-1-5-7",
  ])("the anonymous user by the name %s", (user) => {
    expect(relays(relayFor("10.0.0.1").replace("NT AUTHORITY\\ANONYMOUS LOGON", user))).toEqual(["10.0.0.1/32"]);
  });

  it("is nothing of other users, and perhaps of Everyone", () => {
    const by = (user: string) => relays(relayFor("10.0.0.1").replace("'NT AUTHORITY\\ANONYMOUS LOGON'", user));
    expect(by("'EXAMPLE\\svc-mail'")).toEqual([]);
    expect(by("'NT AUTHORITY\\Authenticated Users'")).toEqual([]);
    expect(by("Everyone")).toEqual({ must: [], may: ["10.0.0.1/32"] });
    expect(by("$user")).toEqual({ must: [], may: ["10.0.0.1/32"] });
  });

  it("ends with the right, the group, the connector, or a denial", () => {
    const then = (line: string) => relays(`${relayFor("10.0.0.1")}\n${line}`);
    expect(then(`Remove-ADPermission Relay ${anonymous} -Confirm:$false`)).toEqual([]);
    expect(then(`Get-ReceiveConnector Relay | Remove-ADPermission ${anonymous} -Confirm:$false`)).toEqual([]);
    expect(then(`Add-ADPermission Relay ${anonymous} -Deny`)).toEqual([]);
    expect(then("Set-ReceiveConnector Relay -PermissionGroups ExchangeUsers")).toEqual([]);
    expect(then("Set-ReceiveConnector Relay -Enabled $false")).toEqual([]);
    expect(then("Remove-ReceiveConnector Relay -Confirm:$false")).toEqual([]);
    expect(then("Set-ReceiveConnector Relay -Enabled $x")).toEqual({ must: [], may: ["10.0.0.1/32"] });
  });

  it("other rights and other objects are none of it", () => {
    expect(
      relays("Get-Mailbox Boss | Add-ADPermission -User Someone -ExtendedRights 'Send As'\nGet-ReceiveConnector"),
    ).toEqual([]);
    expect(relays(relayFor("10.0.0.1").replace("Accept-Any-Recipient", "Accept-Any-Sender"))).toEqual([]);
  });

  it("on a connector of setup", () => {
    expect(relays(`Add-ADPermission "$env:COMPUTERNAME\\Default Frontend $env:COMPUTERNAME" ${anonymous}`)).toEqual(
      everybody,
    );
    expect(relays(`Get-ReceiveConnector | Add-ADPermission ${anonymous}`)).toEqual(everybody);
    // Users only.
    expect(relays(`Get-ReceiveConnector | Add-ADPermission ${anonymous}`, 587)).toEqual([]);
  });
});

describe("externally secured (X2)", () => {
  const secured = (more: string) =>
    relays(`New-ReceiveConnector -Name R -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges 10.0.0.0/8 ${more}`);
  it("relays by itself", () => {
    expect(secured("-AuthMechanism ExternalAuthoritative -PermissionGroups ExchangeServers")).toEqual(["10.0.0.0/8"]);
    expect(
      secured("-AuthMechanism Tls,ExternalAuthoritative -PermissionGroups 'AnonymousUsers, ExchangeServers'"),
    ).toEqual(["10.0.0.0/8"]);
    expect(secured("-AuthMechanism Tls -PermissionGroups ExchangeServers")).toEqual([]);
  });

  it("is refused without its group, which may come later", () => {
    expect(secured("-AuthMechanism ExternalAuthoritative -PermissionGroups AnonymousUsers")).toEqual({
      must: [],
      may: ["10.0.0.0/8"],
    });
  });
});

describe("accepted domains (X4)", () => {
  it.each<[string, unknown]>([
    ["New-AcceptedDomain -Name all -DomainName * -DomainType ExternalRelay", everybody],
    ["New-AcceptedDomain -Name all -DomainName '*' -DomainType InternalRelay", everybody],
    ["New-AcceptedDomain -Name com -DomainName *.com -DomainType ExternalRelay", everybody],
    ["New-AcceptedDomain -Name all -DomainName * -DomainType $t", unknown],
    ["New-AcceptedDomain -Name x -DomainName $d -DomainType ExternalRelay", unknown],
    ["New-AcceptedDomain -Name x -DomainName *.example.com -DomainType ExternalRelay", []],
    ["New-AcceptedDomain -Name x -DomainName example.com", []],
    [
      "New-AcceptedDomain -Name all -DomainName * -DomainType ExternalRelay\nRemove-AcceptedDomain all -Confirm:$false",
      [],
    ],
    ["New-AcceptedDomain all -DomainName *\nSet-AcceptedDomain all -DomainType ExternalRelay", everybody],
  ])("%s", (script, expected) => expect(relays(script)).toEqual(expected));
});

describe("which connector takes a session", () => {
  const plain = (ranges: string) =>
    `New-ReceiveConnector -Name Plain -Usage Custom -Bindings 0.0.0.0:25 -RemoteIPRanges ${ranges} -PermissionGroups AnonymousUsers`;

  it("the one with the most specific range", () => {
    expect(relays(`${relayFor("10.0.0.0/8")}\n${plain("10.1.0.0/16")}`)).toEqual(
      expect.not.arrayContaining(["10.0.0.0/8"]),
    );
    expect(relays(`${relayFor("10.0.0.0-10.0.0.3")}\n${plain("10.0.0.1")}`)).toEqual(["10.0.0.0/32", "10.0.0.2/31"]);
    expect(relays(`${plain("10.0.0.0/8")}\n${relayFor("10.0.0.1")}`)).toEqual(["10.0.0.1/32"]);
  });

  it("on its own port and address", () => {
    const other = relayFor("10.0.0.1").replace("0.0.0.0:25", "0.0.0.0:26");
    expect(relays(other)).toEqual([]);
    expect(relays(other, 26)).toEqual(["10.0.0.1/32"]);
    expect(relays(relayFor("10.0.0.0/8").replace("0.0.0.0:25", "10.0.0.20:25"))).toEqual(["10.0.0.0/8"]);
    const loopback = relayFor("10.0.0.0/8").replace("0.0.0.0:25", "127.0.0.1:26");
    expect(answerOn(26, command(loopback)).loopbackOnly).toBe(true);
    expect(relays(loopback)).toEqual([]);
  });

  it("is not known where connectors are bound to different addresses", () => {
    const two = `${relayFor("10.0.0.0/8").replace("0.0.0.0:25", "10.0.0.20:25")}\n${plain("10.0.0.0/8").replace("0.0.0.0:25", "10.0.0.21:25")}`;
    expect(relays(two)).toEqual({ must: [], may: ["10.0.0.0/8"] });
  });

  it("is not known where one may be there or not", () => {
    expect(relays(`${relayFor("10.0.0.0/8")}\nif ($x) { ${plain("10.0.0.1")} }`)).toMatchObject({
      may: ["10.0.0.0/8"],
    });
    expect(relays(`${plain("10.0.0.0/8")}\nif ($x) { ${relayFor("10.0.0.1")} }`)).toEqual({
      must: [],
      may: ["10.0.0.1/32"],
    });
  });
});

describe("names of connectors", () => {
  it("SERVER\\NAME, a name, a pattern, a distinguished name, an object", () => {
    const then = (target: string) => relays(`${relayFor("10.0.0.1", "'My Relay'")}\n${target}`);
    const narrow = "-RemoteIPRanges 10.0.0.9";
    for (const line of [
      `Set-ReceiveConnector "$env:COMPUTERNAME\\My Relay" ${narrow}`,
      `Set-ReceiveConnector 'my relay' ${narrow}`,
      `Set-ReceiveConnector -Identity "$(hostname)\\My Relay" ${narrow}`,
      `Get-ReceiveConnector *Relay* | Set-ReceiveConnector ${narrow}`,
      `Get-ReceiveConnector | Where-Object { $_.Name -eq 'My Relay' } | Set-ReceiveConnector ${narrow}`,
      `Get-ReceiveConnector | ? Name -like 'My*' | % { Set-ReceiveConnector $_.Identity ${narrow} }`,
      `$c = Get-ReceiveConnector 'My Relay'\nSet-ReceiveConnector $c.DistinguishedName ${narrow}`,
      `$c = Get-ReceiveConnector 'My Relay'\nSet-ReceiveConnector $c ${narrow}`,
      `foreach ($c in (Get-ReceiveConnector | ? { $_.RemoteIPRanges -contains '10.0.0.1' })) { Set-ReceiveConnector $c.Identity ${narrow} }`,
      `Set-ReceiveConnector 'My Relay' -Name Other\nSet-ReceiveConnector Other ${narrow}`,
    ])
      expect(then(line), line).toEqual(["10.0.0.9/32"]);
  });

  it("an object keeps its properties, which a script adds to", () => {
    const grow = `${relayFor("10.0.0.1")}\n$c = Get-ReceiveConnector Relay\n$c.RemoteIPRanges += '10.0.0.2'\nSet-ReceiveConnector Relay -RemoteIPRanges $c.RemoteIPRanges`;
    expect(relays(grow)).toEqual(["10.0.0.1/32", "10.0.0.2/32"]);
    expect(
      relays(`${relayFor("10.0.0.1")}\nSet-ReceiveConnector Relay -RemoteIPRanges @{Add='10.0.0.3';Remove='10.0.0.1'}`),
    ).toEqual(["10.0.0.3/32"]);
  });

  it("a server by its own name is the machine where it is the only one", () => {
    expect(relays(`Add-ADPermission "EX01\\Default Frontend EX01" ${anonymous}`)).toEqual(everybody);
    expect(
      relays(
        `New-ReceiveConnector -Name R -Server EX01 -Custom -Bindings 0.0.0.0:25 -RemoteIPRanges 10.0.0.1 -PermissionGroups AnonymousUsers\nAdd-ADPermission 'EX01\\R' ${anonymous}`,
      ),
    ).toEqual(["10.0.0.1/32"]);
    const two = ["EX01", "EX02"].map((name, i) =>
      relayFor(`10.0.0.${i + 1}`, `R -Server ${name}`)
        .replace("Get-ReceiveConnector R -Server", "Get-ReceiveConnector -Identity ")
        .replace(`-Identity  ${name}`, `'${name}\\R'`),
    );
    expect(relays(two.join("\n"))).toEqual({ must: [], may: ["10.0.0.1/32", "10.0.0.2/32"] });
  });

  it("one that is not in the program is not known but for what is set", () => {
    expect(relays(`Add-ADPermission 'Old Relay' ${anonymous}`)).toEqual(unknown);
    expect(connectors(`Set-ReceiveConnector 'Old Relay' -RemoteIPRanges 10.0.0.1`)).toMatchObject([
      { name: "Old Relay", foreign: true, ranges: { has: ["10.0.0.1"], open: [] } },
    ]);
  });

  it("one that is not known may be any", () => {
    expect(relays(`${relayFor("10.0.0.1")}\nSet-ReceiveConnector $c -RemoteIPRanges 10.0.0.2`)).toMatchObject({
      must: [],
      may: ["0.0.0.0/0"],
    });
    expect(relays(`${relayFor("10.0.0.1")}\nSet-ReceiveConnector $c -ProtocolLoggingLevel Verbose`)).toEqual([
      "10.0.0.1/32",
    ]);
    expect(relays(`${relayFor("10.0.0.1")}\nRemove-ReceiveConnector $c`)).toMatchObject({ must: [] });
  });
});

describe("usages", () => {
  it.each<[string, number, object]>([
    ["-Internet -Bindings 0.0.0.0:25", 25, { groups: { has: ["AnonymousUsers"] } }],
    ["-Usage Client", 587, { groups: { has: ["ExchangeUsers"] }, bindings: { has: ["0.0.0.0:587", "[::]:587"] } }],
    ["-Usage Internal -RemoteIPRanges 10.0.0.1", 25, { groups: { has: ["ExchangeServers", "ExchangeLegacyServers"] } }],
    ["-Partner -RemoteIPRanges 10.0.0.1", 25, { groups: { has: ["Partners"] } }],
  ])("%s", (usage, port, expected) => {
    const script = `New-ReceiveConnector -Name R ${usage}`;
    expect(connectors(script)).toMatchObject([expected]);
    expect(relays(script, port)).toEqual([]);
  });

  it("a custom one without ranges or bindings is refused, and not known here", () => {
    expect(connectors("New-ReceiveConnector R -Custom")[0]).toMatchObject({
      bindings: { open: [{}] },
      ranges: { open: [{}] },
    });
  });
});

describe("next hops", () => {
  it("are any mail server, and each smart host on its port", () => {
    const script =
      "New-SendConnector -Name Out -AddressSpaces * -SmartHosts smtp.example.net,[10.0.1.10] -Port 587\nGet-ReceiveConnector";
    const { nextHops, unknownHops } = known(command(script));
    expect(nextHops).toMatchObject([
      { destination: { kind: "mx" } },
      { destination: { kind: "name", name: "smtp.example.net" }, ports: [[587, 587]] },
      { destination: { kind: "address" }, ports: [[587, 587]] },
    ]);
    expect(unknownHops).toBeUndefined();
    expect(known(command("Set-SendConnector Out -SmartHosts $h\nGet-ReceiveConnector")).unknownHops).toHaveLength(1);
  });
});

it("every answer has the lines that decide it", () => {
  const { trace } = answerOn(25, command(relayFor("10.0.0.1")));
  expect(trace.map(({ text, at }) => `${at?.path} ${text}`)).toEqual([
    expect.stringMatching(/^script:1 New-ReceiveConnector -Name Relay/),
    expect.stringMatching(/^script:2 Add-ADPermission -User/),
  ]);
  expect(problems(relayFor("10.0.0.1"))).toEqual([]);
});
