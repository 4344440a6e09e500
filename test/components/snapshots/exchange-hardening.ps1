# Written by relayproof: what it sets is set again at every run.
$ErrorActionPreference = 'Stop'
Add-PSSnapin Microsoft.Exchange.Management.PowerShell.SnapIn -ErrorAction SilentlyContinue
$server = $env:COMPUTERNAME
# ANONYMOUS LOGON has a name of its own in each language of Windows.
$anonymous = (New-Object System.Security.Principal.SecurityIdentifier 'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value

# Nobody relays without authentication but the relay senders below.
foreach ($connector in @(Get-ReceiveConnector -Server $server)) {
  if ($connector.Name -ne 'From relay senders') {
    Remove-ADPermission -Identity $connector.DistinguishedName -User $anonymous -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient -Confirm:$false -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
  }
  if ($connector.AuthMechanism -match 'ExternalAuthoritative') {
    Set-ReceiveConnector -Identity $connector.Identity -Enabled $false
  }
}

if (Get-ReceiveConnector "$server\From mail gateways" -ErrorAction SilentlyContinue) {
  Set-ReceiveConnector -Identity "$server\From mail gateways" -Enabled $true -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.0.10' -AuthMechanism Tls -PermissionGroups AnonymousUsers
} else {
  New-ReceiveConnector -Name 'From mail gateways' -Server $server -TransportRole FrontendTransport -Usage Custom -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.0.10' -AuthMechanism Tls -PermissionGroups AnonymousUsers | Out-Null
}

if (Get-ReceiveConnector "$server\From approved senders" -ErrorAction SilentlyContinue) {
  Set-ReceiveConnector -Identity "$server\From approved senders" -Enabled $true -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.16.0/28' -AuthMechanism Tls -PermissionGroups AnonymousUsers
} else {
  New-ReceiveConnector -Name 'From approved senders' -Server $server -TransportRole FrontendTransport -Usage Custom -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.16.0/28' -AuthMechanism Tls -PermissionGroups AnonymousUsers | Out-Null
}

if (Get-ReceiveConnector "$server\From relay senders" -ErrorAction SilentlyContinue) {
  Set-ReceiveConnector -Identity "$server\From relay senders" -Enabled $true -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.16.25','10.20.16.26' -AuthMechanism Tls -PermissionGroups AnonymousUsers
} else {
  New-ReceiveConnector -Name 'From relay senders' -Server $server -TransportRole FrontendTransport -Usage Custom -Bindings '0.0.0.0:25' -RemoteIPRanges '10.20.16.25','10.20.16.26' -AuthMechanism Tls -PermissionGroups AnonymousUsers | Out-Null
}

Get-ReceiveConnector "$server\From relay senders" | Add-ADPermission -User $anonymous -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient -WarningAction SilentlyContinue | Out-Null

# Exchange's own servers keep the connector that setup made.
Set-ReceiveConnector -Identity "$server\Default Frontend $server" -PermissionGroups ExchangeServers,ExchangeLegacyServers

# What happens is written down, and guessing is slow.
foreach ($connector in @(Get-ReceiveConnector -Server $server)) {
  Set-ReceiveConnector -Identity $connector.Identity -ProtocolLoggingLevel Verbose -TarpitInterval 00:00:05 -Banner '220 mail'
}
foreach ($connector in @(Get-ReceiveConnector -Server $server | Where-Object { $_.TransportRole -eq 'FrontendTransport' })) {
  Set-ReceiveConnector -Identity $connector.Identity -MaxRecipientsPerMessage 200
}
Set-TransportConfig -MaxRecipientEnvelopeLimit 500
Set-TransportService -Identity $server -MessageTrackingLogEnabled $true

$left = @(Get-ReceiveConnector -Server $server |
  Where-Object { $_.Name -ne 'From relay senders' } |
  Get-ADPermission -User $anonymous |
  Where-Object { -not $_.Deny -and "$($_.ExtendedRights)" -match 'Accept-Any-Recipient' })
if ($left.Count -gt 0) { throw "Anonymous clients may still relay: $($left | ForEach-Object { $_.Identity })" }
