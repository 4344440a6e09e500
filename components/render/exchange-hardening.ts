/** What the hardening of an Exchange server is rendered from. Addresses are checked before: this writes, and decides nothing. */
export interface ExchangeHardeningSettings {
  /** Addresses of the front ends: they deliver inbound mail. */
  readonly frontEnds: readonly string[];
  /** Addresses and blocks that may hand in mail for accepted domains without authentication. */
  readonly approvedSenders: readonly string[];
  /** Single addresses that may hand in mail for anybody without authentication. */
  readonly relaySenders: readonly string[];
  /** Leaves anonymous sessions to the Default Frontend connector. */
  readonly anonymousDefaultFrontend: boolean;
  /** Greeting of every connector, without its leading 220. */
  readonly banner: string;
  /** Recipients of one message, on the connectors that clients and gateways reach. */
  readonly recipientLimit: number;
  /** Recipients of one message in the organisation. */
  readonly organisationRecipientLimit: number;
  /** Delay of an answer that refuses, in seconds. */
  readonly tarpitSeconds: number;
}

/** Names of the connectors that the hardening makes. */
export const hardeningConnectors = {
  frontEnds: "From mail gateways",
  approvedSenders: "From approved senders",
  relaySenders: "From relay senders",
} as const;

const right = "ms-Exch-SMTP-Accept-Any-Recipient";

/**
 * A PowerShell script that hardens the Exchange server it runs on, and that changes nothing when it runs again: connectors for
 * the front ends and the senders that are listed, no anonymous relaying on any other, no anonymous session on the Default
 * Frontend connector, a protocol log, a tarpit and a plain greeting everywhere. It ends with an error where a right to relay is
 * left.
 */
export function exchangeHardening(settings: ExchangeHardeningSettings): string {
  const { frontEnds, approvedSenders, relaySenders } = settings;
  return [
    "# Written by relayproof: what it sets is set again at every run.",
    "$ErrorActionPreference = 'Stop'",
    "Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn -ErrorAction SilentlyContinue",
    "$server = $env:COMPUTERNAME",
    "# ANONYMOUS LOGON has a name of its own in each language of Windows.",
    "$anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value",
    "",
    "# Nobody relays without authentication but the relay senders below.",
    "foreach ($connector in @(Get-ReceiveConnector -Server $server)) {",
    `  if ($connector.Name -ne ${quoted(hardeningConnectors.relaySenders)}) {`,
    `    Remove-ADPermission -Identity $connector.DistinguishedName -User $anonymous -ExtendedRights ${right} -Confirm:$false -ErrorAction SilentlyContinue -WarningAction SilentlyContinue`,
    "  }",
    "  if ($connector.AuthMechanism -match 'ExternalAuthoritative') {",
    "    Set-ReceiveConnector -Identity $connector.Identity -Enabled $false",
    "  }",
    "}",
    "",
    ...connector(hardeningConnectors.frontEnds, frontEnds),
    ...connector(hardeningConnectors.approvedSenders, approvedSenders),
    ...connector(hardeningConnectors.relaySenders, relaySenders),
    ...(relaySenders.length === 0
      ? []
      : [
          `Get-ReceiveConnector "$server\\${hardeningConnectors.relaySenders}" | Add-ADPermission -User $anonymous -ExtendedRights ${right} -WarningAction SilentlyContinue | Out-Null`,
          "",
        ]),
    ...(settings.anonymousDefaultFrontend
      ? []
      : [
          "# Exchange's own servers keep the connector that setup made.",
          'Set-ReceiveConnector -Identity "$server\\Default Frontend $server" -PermissionGroups ExchangeServers,ExchangeLegacyServers',
          "",
        ]),
    "# What happens is written down, and guessing is slow.",
    "foreach ($connector in @(Get-ReceiveConnector -Server $server)) {",
    `  Set-ReceiveConnector -Identity $connector.Identity -ProtocolLoggingLevel Verbose -TarpitInterval ${interval(settings.tarpitSeconds)} -Banner ${quoted(`220 ${settings.banner}`)}`,
    "}",
    "foreach ($connector in @(Get-ReceiveConnector -Server $server | Where-Object { $_.TransportRole -eq 'FrontendTransport' })) {",
    `  Set-ReceiveConnector -Identity $connector.Identity -MaxRecipientsPerMessage ${settings.recipientLimit}`,
    "}",
    `Set-TransportConfig -MaxRecipientEnvelopeLimit ${settings.organisationRecipientLimit}`,
    "Set-TransportService -Identity $server -MessageTrackingLogEnabled $true",
    "",
    "$left = @(Get-ReceiveConnector -Server $server |",
    `  Where-Object { $_.Name -ne ${quoted(hardeningConnectors.relaySenders)} } |`,
    "  Get-ADPermission -User $anonymous |",
    "  Where-Object { -not $_.Deny -and \"$($_.ExtendedRights)\" -match 'Accept-Any-Recipient' })",
    'if ($left.Count -gt 0) { throw "Anonymous clients may still relay: $($left | ForEach-Object { $_.Identity })" }',
    "",
  ].join("\n");
}

/** Makes or sets a connector for these addresses; without any it is taken away. */
function connector(name: string, addresses: readonly string[]): string[] {
  const identity = `"$server\\${name}"`;
  const exists = `if (Get-ReceiveConnector ${identity} -ErrorAction SilentlyContinue)`;
  if (addresses.length === 0) return [`${exists} { Remove-ReceiveConnector ${identity} -Confirm:$false }`, ""];
  const ranges = addresses.map(quoted).join(",");
  const settings = `-Bindings '0.0.0.0:25' -RemoteIPRanges ${ranges} -AuthMechanism Tls -PermissionGroups AnonymousUsers`;
  return [
    `${exists} {`,
    `  Set-ReceiveConnector -Identity ${identity} -Enabled $true ${settings}`,
    "} else {",
    `  New-ReceiveConnector -Name ${quoted(name)} -Server $server -TransportRole FrontendTransport -Usage Custom ${settings} | Out-Null`,
    "}",
    "",
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function interval(seconds: number): string {
  return `00:00:${String(seconds).padStart(2, "0")}`;
}
