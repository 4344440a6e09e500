/** Restrictions that refuse some mail and that a client can satisfy: they decide nothing about who may relay. */
export const satisfiable = new Set([
  "reject_invalid_helo_hostname",
  "reject_invalid_hostname",
  "reject_known_sender_login_mismatch",
  "reject_authenticated_sender_login_mismatch",
  "reject_multi_recipient_bounce",
  "reject_non_fqdn_helo_hostname",
  "reject_non_fqdn_hostname",
  "reject_non_fqdn_recipient",
  "reject_non_fqdn_sender",
  "reject_sender_login_mismatch",
  "reject_unauth_pipelining",
  "reject_unauthenticated_sender_login_mismatch",
  "reject_unknown_address",
  "reject_unknown_client",
  "reject_unknown_client_hostname",
  "reject_unknown_forward_client_hostname",
  "reject_unknown_helo_hostname",
  "reject_unknown_hostname",
  "reject_unknown_recipient_domain",
  "reject_unknown_reverse_client_hostname",
  "reject_unknown_sender_domain",
  "reject_unlisted_recipient",
  "reject_unlisted_sender",
  "reject_unverified_recipient",
  "reject_unverified_sender",
  "check_recipient_maps",
  "reject_maps_rbl",
  "defer_if_reject",
]);

/** Lists whose clients are permitted, but never for a destination that is not authorised. */
export const allowListed = new Set(["permit_dnswl_client", "permit_rhswl_client"]);

/** Those that take a domain or a number as argument. */
export const satisfiableWithArgument = new Set([
  "permit_dnswl_client",
  "permit_rhswl_client",
  "reject_rbl",
  "reject_rbl_client",
  "reject_rhsbl_client",
  "reject_rhsbl_helo",
  "reject_rhsbl_recipient",
  "reject_rhsbl_reverse_client",
  "reject_rhsbl_sender",
  "sleep",
]);

/** Access tables whose OK is refused by Postfix ("this is not allowed for security reasons"): they can only refuse. */
export const cannotPermit = new Set([
  "check_reverse_client_hostname_access",
  ...["client", "helo", "recipient", "reverse_client_hostname", "sender"].flatMap((what) =>
    ["a", "mx", "ns"].map((server) => `check_${what}_${server}_access`),
  ),
]);

/** What Postfix wants in one of the two lists before it starts: see has_required() in smtpd_check.c. */
export const required = new Set([
  "check_relay_domains",
  "defer",
  "defer_if_permit",
  "defer_unauth_destination",
  "reject",
  "reject_unauth_destination",
]);
