import { type Gateway, type GatewaySettings, gateway } from "./gateway";

/**
 * `main.cf` of a mail gateway for Debian 13 (Postfix 3.10): a relay for its own domains, which only the Exchange servers,
 * named one by one, may use for others. Nothing is trusted by network, and loopback neither.
 *
 * @throws Error if a setting is not valid.
 */
export function mainCf(settings: GatewaySettings): string {
  const it = gateway(settings);
  const sections = [identity(it), routing(it), restrictions(it), protocol(it), limits(it), tls(it), screening(it)];
  return `${sections.join("\n\n").replace(/ +$/gm, "")}\n`;
}

/** Where `relay_recipient_maps` looks, if the recipients are listed in the settings. */
export const recipientsPath = "/etc/postfix/relay_recipients";
/** Where it looks, if they are fetched. Postfix answers 4xx while there is no such file. */
export const fetchedRecipientsPath = "/var/lib/relayproof/recipients";
/** The key and the certificate chain that the gateway makes or obtains by itself. */
export const chainPath = "/var/lib/relayproof/tls.pem";
/** The login at the smart host. */
export const saslPath = "/var/lib/relayproof/smart-host";

/** Where Postfix finds the recipients; null if each is verified against the Exchange servers. */
function recipientsTable(it: Gateway): string | null {
  if (it.recipientsObject) return fetchedRecipientsPath;
  return it.postfix.recipients === undefined ? null : recipientsPath;
}

/** Addresses that every domain has (RFC 2142). */
export function roleAddresses(it: Gateway): string[] {
  return it.domains.flatMap((domain) => [`postmaster@${domain}`, `abuse@${domain}`]).map((role) => role.toLowerCase());
}

/** The table of recipients, or null if they are not in the settings. */
export function relayRecipients(settings: GatewaySettings): string | null {
  const it = gateway(settings);
  if (it.postfix.recipients === undefined) return null;
  const roles = roleAddresses(it);
  const all = new Set([...roles, ...it.postfix.recipients].map((recipient) => recipient.toLowerCase()));
  return `${[...all]
    .sort()
    .map((recipient) => `${recipient} OK`)
    .join("\n")}\n`;
}

/** A table that matches the Exchange servers and nothing else. */
function exchangeTable(it: Gateway): string {
  return `cidr:{ ${it.exchangeServers.map((server) => `{${server}/32 permit}`).join(", ")} }`;
}

function identity(it: Gateway): string {
  return `# Identity. The name is the PTR record of the public address.
compatibility_level = 3.9
myhostname = ${it.hostname}
smtpd_banner = $myhostname ESMTP
inet_interfaces = all
inet_protocols = ipv4
biff = no
append_dot_mydomain = no
enable_long_queue_ids = yes`;
}

function routing(it: Gateway): string {
  const target = it.postfix.postmaster ?? `postmaster@${it.domains[0]}`;
  const roles = ["postmaster", "abuse", "root"].map((role) => `{${role}@${it.hostname} = ${target}}`).join(", ");
  const next = it.exchangeServers.map((server) => `[${server}]`).join(",");
  const transports = it.domains.map((domain) => `{${domain} = relay:${next}}`).join(", ");
  const table = recipientsTable(it);
  return `# Nothing is delivered here: mail for the domains goes to the Exchange servers, by address, without a lookup.
mydestination =
local_recipient_maps =
local_transport = error:local mail delivery is disabled
alias_maps =
virtual_alias_domains =
virtual_mailbox_domains =
virtual_alias_maps = inline:{ ${roles} }
relay_domains = ${it.domains.join(", ")}
relay_recipient_maps = ${table === null ? "" : `texthash:${table}`}
parent_domain_matches_subdomains =
transport_maps = inline:{ ${transports} }
${outbound(it)}`;
}

/** The transport `relay` carries mail to the Exchange servers, `smtp` all other: it alone waits while outbound is held. */
function outbound({ outbound, smartHost }: Gateway): string {
  const held = `defer_transports = ${outbound === "held" ? "smtp" : ""}`;
  if (smartHost === undefined) return `${held}\nrelayhost =`;
  const next = `[${smartHost.host}]:${smartHost.port}`;
  return `${held}
relayhost = ${next}
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:${saslPath}
smtp_sasl_security_options = noanonymous
smtp_sasl_tls_security_options = noanonymous
smtp_tls_policy_maps = inline:{ {${next} = secure} }`;
}

function restrictions(it: Gateway): string {
  const exchange = `check_client_access ${exchangeTable(it)}`;
  const verify = recipientsTable(it) === null ? [exchange, "reject_unverified_recipient"] : [];
  const recipient = ["reject_non_fqdn_recipient", "reject_unlisted_recipient", ...verify];
  return `# Who may relay: the Exchange servers, one by one. mynetworks is used for nothing.
mynetworks = 127.0.0.0/8 [::1]/128
mynetworks_style = host
smtpd_relay_restrictions = ${exchange}, reject_unauth_destination
smtpd_recipient_restrictions = ${recipient.join(", ")}
unverified_recipient_reject_code = 550
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = ${exchange}, reject_non_fqdn_sender, reject_unknown_sender_domain
smtpd_data_restrictions = reject_unauth_pipelining, reject_multi_recipient_bounce
smtpd_end_of_data_restrictions =
smtpd_etrn_restrictions = reject
smtpd_delay_reject = yes
smtpd_sasl_auth_enable = no
smtpd_authorized_xclient_hosts =
smtpd_authorized_xforward_hosts =
allow_untrusted_routing = no
allow_percent_hack = no
swap_bangpath = no`;
}

function protocol(it: Gateway): string {
  return `# Protocol: no smuggling, no probing, no old routes.
smtpd_forbid_bare_newline = normalize
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
smtpd_discard_ehlo_keywords = chunking, etrn, silent-discard
disable_vrfy_command = yes
strict_rfc821_envelopes = yes
message_size_limit = ${it.postfix.messageSizeLimit}
smtpd_recipient_limit = ${it.postfix.recipientLimit}`;
}

function limits(it: Gateway): string {
  return `# Limits per client and minute. The Exchange servers are exempt.
anvil_rate_time_unit = 60s
smtpd_client_event_limit_exceptions = ${it.exchangeServers.map((server) => `${server}/32`).join(" ")}
smtpd_client_connection_count_limit = ${it.postfix.connectionCountLimit}
smtpd_client_connection_rate_limit = ${it.postfix.connectionRateLimit}
smtpd_client_message_rate_limit = ${it.postfix.messageRateLimit}
smtpd_client_recipient_rate_limit = ${it.postfix.recipientRateLimit}
smtpd_soft_error_limit = ${it.postfix.softErrorLimit}
smtpd_hard_error_limit = ${it.postfix.hardErrorLimit}
maximal_queue_lifetime = ${queueLifetime(it)}d
bounce_queue_lifetime = ${it.postfix.bounceLifetimeDays}d`;
}

/** Mail that is held is not returned before there was time to look. */
function queueLifetime({ outbound, postfix }: Gateway): number {
  return outbound === "held" ? Math.max(7, postfix.queueLifetimeDays) : postfix.queueLifetimeDays;
}

function tls(it: Gateway): string {
  const dnssec = it.postfix.outboundTls === "dane" ? "\nsmtp_dns_support_level = dnssec" : "";
  const { tlsCertificateFile, tlsKeyFile } = it.postfix;
  const certificate =
    tlsCertificateFile === undefined
      ? `smtpd_tls_chain_files = ${chainPath}`
      : `smtpd_tls_cert_file = ${tlsCertificateFile}\nsmtpd_tls_key_file = ${tlsKeyFile}`;
  return `# TLS: offered to everybody, required of nobody on 25.
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
${certificate}
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtp_tls_security_level = ${it.postfix.outboundTls}${dnssec}
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_protocols = >=TLSv1.2
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_loglevel = 1`;
}

function screening(it: Gateway): string {
  const sites = it.postfix.dnsblSites.map((site) => `${site}=127.0.0.[2..11]*3`).join(", ");
  return `# Screening before a session costs a process.
postscreen_access_list = ${exchangeTable(it)}
postscreen_greet_action = enforce
postscreen_denylist_action = drop
postscreen_dnsbl_sites = ${sites}
postscreen_dnsbl_threshold = 3
postscreen_dnsbl_action = enforce
postscreen_bare_newline_enable = no
postscreen_pipelining_enable = no
postscreen_non_smtp_command_enable = no`;
}
