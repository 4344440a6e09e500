/** A configuration as files. */
export interface Configuration {
  readonly main: string;
  readonly master: string;
  /** Tables and lists, by path; those named in `compiled` go through postmap. */
  readonly files?: { readonly [path: string]: string };
  readonly compiled?: readonly string[];
}

/**
 * What the lab adds in front of main.cf, so that what a configuration says itself counts: a log, no delays, no limits for a client that
 * tries everything.
 */
export const forTheLab = `maillog_file = /var/log/mail.log
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 10000
smtpd_soft_error_limit = 9000
smtpd_junk_command_limit = 10000
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
postscreen_greet_wait = 1s
queue_run_delay = 5s
smtpd_policy_service_try_limit = 1
`;

/** The services beside the listeners, none of them in a chroot. */
export const localServices = `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
