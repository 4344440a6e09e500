import { type GatewaySettings, gateway } from "./gateway";

/** Services that accept or deliver nothing for strangers; the columns are those of master(5). */
const internal = `dnsblog   unix  -       -       y       -       0       dnsblog
tlsproxy  unix  -       -       y       -       0       tlsproxy
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
rewrite   unix  -       -       y       -       -       trivial-rewrite
bounce    unix  -       -       y       -       0       bounce
defer     unix  -       -       y       -       0       bounce
trace     unix  -       -       y       -       0       bounce
verify    unix  -       -       y       -       1       verify
flush     unix  n       -       y       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp -o syslog_name=postfix/relay
showq     unix  n       -       y       -       -       showq
error     unix  -       -       y       -       -       error
retry     unix  -       -       y       -       -       error
discard   unix  -       -       y       -       -       discard
anvil     unix  -       -       y       -       1       anvil
scache    unix  -       -       y       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd`;

/**
 * `master.cf` of the gateway: postscreen in front of smtpd on 25, plain smtpd on further ports, no local delivery, no
 * submission, and no service that overrides a restriction.
 *
 * @throws Error if a setting is not valid.
 */
export function masterCf(settings: GatewaySettings): string {
  const further = gateway(settings).ports.filter((port) => port !== 25);
  return `# service type  private unpriv  chroot  wakeup  maxproc command
smtp      inet  n       -       y       -       1       postscreen
smtpd     pass  -       -       y       -       -       smtpd
${further.map((port) => `${String(port).padEnd(10)}inet  n       -       y       -       -       smtpd\n`).join("")}${internal}
`;
}
