// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Postfix itself
/**
 * Built-in defaults of the parameters that the evaluation reads, as `postconf -d` of 3.7 and 3.10 prints them; where the two
 * differ, nothing here depends on it. Values are raw: they may refer to other parameters.
 */
export const builtIn: Readonly<Record<string, string>> = {
  alias_maps: "hash:/etc/aliases",
  allow_untrusted_routing: "no",
  compatibility_level: "0",
  content_filter: "",
  default_transport: "smtp",
  disable_vrfy_command: "no",
  fallback_relay: "",
  fallback_transport: "",
  inet_interfaces: "all",
  inet_protocols: "all",
  local_transport: "local:$myhostname",
  mailbox_transport: "",
  mydestination: "$myhostname, localhost.$mydomain, localhost",
  // The name of the host is not known here. It is one finite name, which is all that matters for what may be relayed.
  myhostname: "this-host.invalid",
  mydomain: "this-domain.invalid",
  mynetworks_style: "${{$compatibility_level} <level {2} ? {subnet} : {host}}",
  myorigin: "$myhostname",
  parent_domain_matches_subdomains:
    "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps",
  postscreen_upstream_proxy_protocol: "",
  proxy_interfaces: "",
  qmqpd_authorized_clients: "",
  relay_clientcerts: "",
  relay_domains: "${{$compatibility_level} <level {2} ? {$mydestination} : {}}",
  relay_recipient_maps: "",
  relay_transport: "relay",
  relayhost: "",
  rewrite_service_name: "rewrite",
  sender_dependent_default_transport_maps: "",
  sender_dependent_relayhost_maps: "",
  smtp_enforce_tls: "no",
  smtp_fallback_relay: "$fallback_relay",
  smtp_helo_name: "$myhostname",
  smtp_tls_security_level: "",
  smtp_use_tls: "no",
  smtpd_authorized_xclient_hosts: "",
  smtpd_client_restrictions: "",
  smtpd_data_restrictions: "",
  smtpd_delay_reject: "yes",
  smtpd_end_of_data_restrictions: "",
  smtpd_enforce_tls: "no",
  smtpd_helo_required: "no",
  smtpd_helo_restrictions: "",
  smtpd_null_access_lookup_key: "<>",
  smtpd_policy_service_default_action: "451 4.3.5 Server configuration problem",
  smtpd_recipient_restrictions: "",
  smtpd_reject_unlisted_recipient: "yes",
  smtpd_relay_restrictions:
    "${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}",
  smtpd_restriction_classes: "",
  smtpd_sasl_auth_enable: "no",
  smtpd_sasl_security_options: "noanonymous",
  smtpd_sasl_tls_security_options: "$smtpd_sasl_security_options",
  smtpd_sender_restrictions: "",
  smtpd_service_name: "smtpd",
  smtpd_tls_ask_ccert: "no",
  smtpd_tls_auth_only: "no",
  smtpd_tls_cert_file: "",
  smtpd_tls_chain_files: "",
  smtpd_tls_dcert_file: "",
  smtpd_tls_eccert_file: "",
  smtpd_tls_req_ccert: "no",
  smtpd_tls_security_level: "",
  smtpd_tls_wrappermode: "no",
  smtpd_upstream_proxy_protocol: "",
  smtpd_use_tls: "no",
  transport_maps: "",
  virtual_alias_domains: "$virtual_alias_maps",
  virtual_alias_maps: "$virtual_maps",
  virtual_mailbox_domains: "$virtual_mailbox_maps",
  virtual_mailbox_maps: "",
  virtual_maps: "",
  virtual_transport: "virtual",
};

/** What Debian's and Ubuntu's package writes when it finds no main.cf, in the order of its maintainer script. */
export const debianMainCf = `smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_key_file = /etc/ssl/private/ssl-cert-snakeoil.key
smtpd_tls_security_level = may
smtp_tls_security_level = may
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = this-host.invalid
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mydestination = $myhostname, this-host.invalid, localhost.invalid, localhost
relayhost =
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
`;

/**
 * What Red Hat's and Amazon's packages hold. Their versions reach from 2.10, which knows no compatibility level and trusts the
 * subnet, to 3.8: the level is left out, and the relay list is the one that all of them have.
 */
export const redHatMainCf = `inet_interfaces = localhost
inet_protocols = all
mydestination = $myhostname, localhost.$mydomain, localhost
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination
`;

/** The services of the packages' master.cf that matter here; everything else in it is local. */
export const packageMasterCf = `smtp      inet  n       -       y       -       -       smtpd
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp
error     unix  -       -       y       -       -       error
retry     unix  -       -       y       -       -       error
discard   unix  -       -       y       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       y       -       -       lmtp
`;
