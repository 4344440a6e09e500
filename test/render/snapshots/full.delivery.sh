#!/bin/bash
# The configuration of the mail gateway mx2.example.org.
set -eu
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
exec 9>/run/relayproof.lock
if ! flock -w 600 9; then
  echo "relayproof: another run does not end" >&2
  exit 1
fi

# The first boot comes first.
cloud-init status --wait >/dev/null 2>&1 || true
if ! command -v postfix >/dev/null; then
  echo "relayproof: Postfix is not installed, see /var/log/cloud-init-output.log" >&2
  exit 1
fi
systemctl start var-spool-postfix.mount
if ! dpkg-query -s azure-vm-utils curl jq lego libsasl2-modules >/dev/null 2>&1; then
  apt-get update -q
  apt-get install -qy --no-install-recommends azure-vm-utils curl jq lego libsasl2-modules
fi
mkdir -p /usr/local/lib/relayproof /var/lib/relayproof/generations

# What the gateway does by itself.
cat >/usr/local/lib/relayproof/cloud.sh <<'RELAYPROOF'
# shellcheck shell=bash
# What the gateway asks its cloud for.
gateway=mx2.example.org
mkdir -p /run/relayproof
chmod 0700 /run/relayproof
metadata() {
  curl -sf -m 5 --retry 3 --noproxy '*' -H Metadata:true "http://169.254.169.254/metadata/$1"
}
token() {
  metadata "identity/oauth2/token?api-version=2018-02-01&resource=$1" | jq -er .access_token
}
reference() {
  metadata 'instance/compute/tagsList?api-version=2021-02-01' | jq -er --arg name "relayproof:$1" '.[] | select(.name == $name).value'
}
authorised() {
  local bearer
  bearer=$(token "$1") || return 1
  shift
  # The token is no argument of a process, where others could read it.
  printf 'header = "Authorization: Bearer %s"\n' "$bearer" | curl -sf -m 120 --retry 3 --config - "$@"
}
fetch_object() {
  local object
  object=$(reference "$1") || return 1
  authorised https%3A%2F%2Fstorage.azure.com%2F -H 'x-ms-version: 2021-12-02' "$object"
}
fetch_secret() {
  local secret
  secret=$(reference "$1") || return 1
  authorised https%3A%2F%2Fvault.azure.net "$secret?api-version=7.4" | jq -er .value
}
put_metrics() {
  local url pair
  url=$(metadata 'instance/compute?api-version=2021-02-01' | jq -er '"https://\(.location).monitoring.azure.com\(.resourceId)/metrics"') || return 1
  for pair in "$@"; do
    echo "$pair" | jq -cR --arg time "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'split("=") | (.[1] | tonumber) as $n | {time: $time, data: {baseData: {metric: .[0], namespace: "Relayproof", series: [{min: $n, max: $n, sum: $n, count: 1}]}}}' >/run/relayproof/metrics.json || return 1
    authorised https%3A%2F%2Fmonitoring.azure.com%2F -H 'Content-Type: application/json' -d @/run/relayproof/metrics.json "$url" || return 1
  done
}
put_log() {
  local url
  url=$(reference mail-log) || return 1
  jq -cs --arg host "$gateway" '[.[] | {TimeGenerated: (.__REALTIME_TIMESTAMP | tonumber / 1000000 | todate), Host: $host, Message: "\(.SYSLOG_IDENTIFIER)[\(.SYSLOG_PID // ._PID)]: \(.MESSAGE)"}]' "$1" >/run/relayproof/log-events.json || return 1
  authorised https%3A%2F%2Fmonitor.azure.com%2F -H 'Content-Type: application/json' -d @/run/relayproof/log-events.json "$url?api-version=2023-01-01"
}
RELAYPROOF
cat >/usr/local/lib/relayproof/reread <<'RELAYPROOF'
#!/bin/bash
# Lets Postfix read its tables and its certificate again, if it runs.
if postfix status 2>/dev/null; then
  postfix reload
fi
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/reread
cat >/usr/local/lib/relayproof/recipients <<'RELAYPROOF'
#!/bin/bash
# Fetches the list of recipients, one address a line.
set -eu -o pipefail
. /usr/local/lib/relayproof/cloud.sh
umask 022
exec 8>/run/relayproof/recipients.lock
flock 8
fetch_object recipients >/var/lib/relayproof/recipients.fetched
sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^#/d' -e '/^$/d' /var/lib/relayproof/recipients.fetched | tr '[:upper:]' '[:lower:]' >/var/lib/relayproof/recipients.listed
if grep -nvE '^[^[:space:]@]+@[a-z0-9.-]+$' /var/lib/relayproof/recipients.listed >&2; then
  echo "the list of recipients holds what is no mail address: the old one stays" >&2
  exit 1
fi
if ! [ -s /var/lib/relayproof/recipients.listed ]; then
  echo "the list of recipients is empty: the old one stays" >&2
  exit 1
fi
sort -u /var/lib/relayproof/recipients.listed - <<'ROLES' | sed 's/$/ OK/' >/var/lib/relayproof/recipients.new
postmaster@example.com
abuse@example.com
postmaster@example.org
abuse@example.org
ROLES
if [ -s /var/lib/relayproof/recipients ] && [ $(($(wc -l </var/lib/relayproof/recipients.new) * 2)) -lt "$(wc -l </var/lib/relayproof/recipients)" ]; then
  echo "the list of recipients is less than half as long as the old one, which stays; remove /var/lib/relayproof/recipients to take the new one" >&2
  exit 1
fi
if cmp -s /var/lib/relayproof/recipients.new /var/lib/relayproof/recipients; then
  rm -f /var/lib/relayproof/recipients.new
  exit 0
fi
mv -T /var/lib/relayproof/recipients.new /var/lib/relayproof/recipients
/usr/local/lib/relayproof/reread
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/recipients
cat >/etc/systemd/system/relayproof-recipients.service <<'RELAYPROOF'
[Unit]
Description=Fetch the list of recipients
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/relayproof/recipients
RELAYPROOF
cat >/etc/systemd/system/relayproof-recipients.timer <<'RELAYPROOF'
[Unit]
Description=Fetch the list of recipients

[Timer]
OnBootSec=1min
OnUnitInactiveSec=5min
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
RELAYPROOF
cat >/usr/local/lib/relayproof/smart-host <<'RELAYPROOF'
#!/bin/bash
# Fetches the login at the smart host. Only root may read it.
set -eu -o pipefail
. /usr/local/lib/relayproof/cloud.sh
umask 077
exec 8>/run/relayproof/smart-host.lock
flock 8
fetch_secret smart-host-secret | jq -er '
  if (.username | test("[:\\s]")) or (.password | test("^\\s|[\r\n]|\\s$")) then error("a login with blanks or a colon in it") else . end
  | "[smtp.example.net]:587 \(.username):\(.password)"' >/var/lib/relayproof/smart-host.new
if cmp -s /var/lib/relayproof/smart-host.new /var/lib/relayproof/smart-host; then
  rm -f /var/lib/relayproof/smart-host.new
  exit 0
fi
mv -T /var/lib/relayproof/smart-host.new /var/lib/relayproof/smart-host
/usr/local/lib/relayproof/reread
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/smart-host
cat >/etc/systemd/system/relayproof-smart-host.service <<'RELAYPROOF'
[Unit]
Description=Fetch the login at the smart host
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/relayproof/smart-host
RELAYPROOF
cat >/etc/systemd/system/relayproof-smart-host.timer <<'RELAYPROOF'
[Unit]
Description=Fetch the login at the smart host

[Timer]
OnBootSec=1min
OnUnitInactiveSec=15min
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
RELAYPROOF
cat >/usr/local/lib/relayproof/certificate <<'RELAYPROOF'
#!/bin/bash
# Obtains a certificate by a DNS challenge (RFC 8555 8.4), and renews it a month before its end.
set -eu -o pipefail
. /usr/local/lib/relayproof/cloud.sh
umask 077
exec 8>/run/relayproof/certificate.lock
flock 8
zone=$(reference acme-zone)
AZURE_SUBSCRIPTION_ID=$(echo "$zone" | cut -d/ -f3)
AZURE_RESOURCE_GROUP=$(echo "$zone" | cut -d/ -f5)
AZURE_ZONE_NAME=$(echo "$zone" | cut -d/ -f9)
export AZURE_SUBSCRIPTION_ID AZURE_RESOURCE_GROUP AZURE_ZONE_NAME
if [ -s /var/lib/relayproof/acme/certificates/mx2.example.org.crt ]; then
  lego --accept-tos --email postmaster@example.org --server https://acme.example.net/directory --dns azure --dns.resolvers 127.0.0.1:53 --domains mx2.example.org --path /var/lib/relayproof/acme renew --days 30
else
  lego --accept-tos --email postmaster@example.org --server https://acme.example.net/directory --dns azure --dns.resolvers 127.0.0.1:53 --domains mx2.example.org --path /var/lib/relayproof/acme run
fi
cat /var/lib/relayproof/acme/certificates/mx2.example.org.key /var/lib/relayproof/acme/certificates/mx2.example.org.crt >/var/lib/relayproof/tls.pem.new
if cmp -s /var/lib/relayproof/tls.pem.new /var/lib/relayproof/tls.pem; then
  rm -f /var/lib/relayproof/tls.pem.new
  exit 0
fi
mv -T /var/lib/relayproof/tls.pem.new /var/lib/relayproof/tls.pem
/usr/local/lib/relayproof/reread
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/certificate
cat >/etc/systemd/system/relayproof-certificate.service <<'RELAYPROOF'
[Unit]
Description=Obtain and renew the certificate
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/relayproof/certificate
RELAYPROOF
cat >/etc/systemd/system/relayproof-certificate.timer <<'RELAYPROOF'
[Unit]
Description=Obtain and renew the certificate

[Timer]
OnBootSec=3min
OnUnitInactiveSec=12h
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
RELAYPROOF
cat >/usr/local/lib/relayproof/mail-log <<'RELAYPROOF'
#!/bin/bash
# Stores what the journal holds of the mail log since the last time.
set -eu -o pipefail
. /usr/local/lib/relayproof/cloud.sh
umask 077
exec 8>/run/relayproof/mail-log.lock
flock 8
# A batch stays below what the clouds take at once: a line has at most 2 KB.
for _ in $(seq 100); do
  if [ -e /var/lib/relayproof/mail-log.cursor ]; then
    cp /var/lib/relayproof/mail-log.cursor /var/lib/relayproof/mail-log.cursor.new
  fi
  journalctl --quiet --cursor-file=/var/lib/relayproof/mail-log.cursor.new --output=json --lines=+400 SYSLOG_FACILITY=2 |
    jq -c '.MESSAGE |= if type == "array" then implode else . end' >/run/relayproof/mail-log.json
  if ! [ -s /run/relayproof/mail-log.json ]; then
    break
  fi
  put_log /run/relayproof/mail-log.json
  mv -T /var/lib/relayproof/mail-log.cursor.new /var/lib/relayproof/mail-log.cursor
done
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/mail-log
cat >/etc/systemd/system/relayproof-mail-log.service <<'RELAYPROOF'
[Unit]
Description=Store the mail log
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/relayproof/mail-log
RELAYPROOF
cat >/etc/systemd/system/relayproof-mail-log.timer <<'RELAYPROOF'
[Unit]
Description=Store the mail log

[Timer]
OnBootSec=1min
OnUnitInactiveSec=1min
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
RELAYPROOF
cat >/usr/local/lib/relayproof/metrics <<'RELAYPROOF'
#!/bin/bash
# Records how the queue and the reputation of the gateway are.
set -eu -o pipefail
. /usr/local/lib/relayproof/cloud.sh
messages() {
  find "$@" -type f 2>/dev/null | wc -l
}
lookup() {
  getent -s hosts:dns ahostsv4 "$1" | cut -d' ' -f1 | head -n 1
}
cd /var/spool/postfix
queue=$(messages maildrop incoming active hold)
deferred=$(messages deferred)
outbound=$(journalctl --quiet --identifier=postfix/smtp --since='1 hour ago' --output=cat | grep -c ' status=sent ' || true)
failed=$(systemctl list-units --failed --no-legend --plain 'relayproof-*.service' | wc -l)
listings=()
address=$(lookup mx2.example.org || true)
if [ -n "$address" ]; then
  IFS=. read -r a b c d <<<"$address"
  listed=0
  lists=(zen.spamhaus.org)
  for list in "${lists[@]}"; do
    # 127.255.255.* says that the question was refused.
    case $(lookup "$d.$c.$b.$a.$list" || true) in
    127.0.0.*) listed=$((listed + 1)) ;;
    esac
  done
  listings=("BlacklistListings=$listed")
fi
put_metrics "QueueLength=$queue" "DeferredMessages=$deferred" "OutboundMessagesPerHour=$outbound" "FailedJobs=$failed" "${listings[@]}"
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/metrics
cat >/etc/systemd/system/relayproof-metrics.service <<'RELAYPROOF'
[Unit]
Description=Record metrics of the queue and of the gateway's reputation
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/lib/relayproof/metrics
RELAYPROOF
cat >/etc/systemd/system/relayproof-metrics.timer <<'RELAYPROOF'
[Unit]
Description=Record metrics of the queue and of the gateway's reputation

[Timer]
OnBootSec=2min
OnUnitInactiveSec=5min
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
RELAYPROOF
cat >/usr/local/lib/relayproof/serve <<'RELAYPROOF'
#!/bin/bash
# Lets Postfix use what is in /etc/postfix, and asks it: it must greet on port 25, and refuse mail for others.
set -u
if ! postfix status 2>/dev/null; then
  systemctl reset-failed postfix 2>/dev/null
  systemctl start postfix
elif [ "$(postconf -c /etc/postfix -h inet_interfaces inet_protocols)" != "$(postconf -c /etc/postfix.new -h inet_interfaces inet_protocols)" ]; then
  # Addresses to listen on are read at the start only.
  systemctl restart postfix
elif ! diff -rq /etc/postfix /etc/postfix.new >/dev/null; then
  postfix reload
  # A process of before may still take a connection for a moment.
  sleep 3
fi

reply() {
  local line
  while IFS= read -r -t 10 line <&3; do
    case $line in
    [2-5][0-9][0-9]-*) ;;
    [2-5][0-9][0-9]' '*)
      echo "$line" | tr -d '\r'
      return 0
      ;;
    *) return 1 ;;
    esac
  done
  return 1
}
# expect BEGINNING [COMMAND]
expect() {
  local line
  if [ $# -gt 1 ]; then
    printf '%s\r\n' "$2" >&3
  fi
  line=$(reply)
  case $line in
  "$1"*) return 0 ;;
  esac
  echo "port 25 of this machine answers \"$line\" to \"$(echo "$@" | cut -s -d' ' -f2-)\": expected $1" >&2
  return 1
}
ask() {
  exec 3<>/dev/tcp/127.0.0.1/25 || return 1
  expect 220 && expect 250 'EHLO mx2.example.org' && expect 250 'MAIL FROM:<>' && expect 554 'RCPT TO:<nobody@relayproof.invalid>' && expect 221 QUIT
}
# A start takes a moment, and the first greeting of postscreen some seconds.
for _ in 1 2 3 4; do
  if (ask); then
    exit 0
  fi
  sleep 2
done
exit 1
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/serve
cat >/usr/local/lib/relayproof/keep <<'RELAYPROOF'
#!/bin/bash
# Keeps the configuration that served before; /var/lib/relayproof/generations/1 is the latest.
set -eu
if diff -rq /etc/postfix /etc/postfix.new >/dev/null; then
  rm -rf /etc/postfix.new
  echo "relayproof: nothing has changed"
  exit 0
fi
rm -rf /var/lib/relayproof/generations/5
if [ -d /var/lib/relayproof/generations/4 ]; then
  mv -T /var/lib/relayproof/generations/4 /var/lib/relayproof/generations/5
fi
if [ -d /var/lib/relayproof/generations/3 ]; then
  mv -T /var/lib/relayproof/generations/3 /var/lib/relayproof/generations/4
fi
if [ -d /var/lib/relayproof/generations/2 ]; then
  mv -T /var/lib/relayproof/generations/2 /var/lib/relayproof/generations/3
fi
if [ -d /var/lib/relayproof/generations/1 ]; then
  mv -T /var/lib/relayproof/generations/1 /var/lib/relayproof/generations/2
fi
mv -T /etc/postfix.new /var/lib/relayproof/generations/1
echo "relayproof: the new configuration serves"
RELAYPROOF
chmod 0755 /usr/local/lib/relayproof/keep

systemctl daemon-reload
systemctl enable --now relayproof-recipients.timer relayproof-smart-host.timer relayproof-certificate.timer relayproof-mail-log.timer relayproof-metrics.timer
systemctl start relayproof-recipients.service || echo "relayproof: recipients cannot be fetched now: it is tried again by its timer" >&2
systemctl start relayproof-smart-host.service || echo "relayproof: smart-host cannot be fetched now: it is tried again by its timer" >&2
if ! [ -s /var/lib/relayproof/tls.pem ]; then
  umask 077
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=mx2.example.org' -addext 'subjectAltName=DNS:mx2.example.org' \
    -keyout /var/lib/relayproof/tls.pem.key -out /var/lib/relayproof/tls.pem.crt 2>/dev/null
  cat /var/lib/relayproof/tls.pem.key /var/lib/relayproof/tls.pem.crt >/var/lib/relayproof/tls.pem.new
  mv -T /var/lib/relayproof/tls.pem.new /var/lib/relayproof/tls.pem
  umask 022
fi

# The new configuration, complete.
rm -rf /etc/postfix.new
cp -a /etc/postfix /etc/postfix.new
cat >/etc/postfix.new/main.cf <<'RELAYPROOF'
# Identity. The name is the PTR record of the public address.
compatibility_level = 3.9
myhostname = mx2.example.org
smtpd_banner = $myhostname ESMTP
inet_interfaces = all
inet_protocols = ipv4
biff = no
append_dot_mydomain = no
enable_long_queue_ids = yes

# Nothing is delivered here: mail for the domains goes to the Exchange servers, by address, without a lookup.
mydestination =
local_recipient_maps =
local_transport = error:local mail delivery is disabled
alias_maps =
virtual_alias_domains =
virtual_mailbox_domains =
virtual_alias_maps = inline:{ {postmaster@mx2.example.org = postmaster@example.com}, {abuse@mx2.example.org = postmaster@example.com}, {root@mx2.example.org = postmaster@example.com} }
relay_domains = example.com, example.org
relay_recipient_maps = texthash:/var/lib/relayproof/recipients
parent_domain_matches_subdomains =
transport_maps = inline:{ {example.com = relay:[10.20.2.20],[10.20.3.20]}, {example.org = relay:[10.20.2.20],[10.20.3.20]} }
defer_transports = smtp
relayhost = [smtp.example.net]:587
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:/var/lib/relayproof/smart-host
smtp_sasl_security_options = noanonymous
smtp_sasl_tls_security_options = noanonymous
smtp_tls_policy_maps = inline:{ {[smtp.example.net]:587 = secure} }

# Who may relay: the Exchange servers, one by one. mynetworks is used for nothing.
mynetworks = 127.0.0.0/8 [::1]/128
mynetworks_style = host
smtpd_relay_restrictions = check_client_access cidr:{ {10.20.2.20/32 permit}, {10.20.3.20/32 permit} }, reject_unauth_destination
smtpd_recipient_restrictions = reject_non_fqdn_recipient, reject_unlisted_recipient
unverified_recipient_reject_code = 550
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = check_client_access cidr:{ {10.20.2.20/32 permit}, {10.20.3.20/32 permit} }, reject_non_fqdn_sender, reject_unknown_sender_domain
smtpd_data_restrictions = reject_unauth_pipelining, reject_multi_recipient_bounce
smtpd_end_of_data_restrictions =
smtpd_etrn_restrictions = reject
smtpd_delay_reject = yes
smtpd_sasl_auth_enable = no
smtpd_authorized_xclient_hosts =
smtpd_authorized_xforward_hosts =
allow_untrusted_routing = no
allow_percent_hack = no
swap_bangpath = no

# Protocol: no smuggling, no probing, no old routes.
smtpd_forbid_bare_newline = normalize
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
smtpd_discard_ehlo_keywords = chunking, etrn, silent-discard
disable_vrfy_command = yes
strict_rfc821_envelopes = yes
message_size_limit = 37748736
smtpd_recipient_limit = 100

# Limits per client and minute. The Exchange servers are exempt.
anvil_rate_time_unit = 60s
smtpd_client_event_limit_exceptions = 10.20.2.20/32 10.20.3.20/32
smtpd_client_connection_count_limit = 20
smtpd_client_connection_rate_limit = 60
smtpd_client_message_rate_limit = 100
smtpd_client_recipient_rate_limit = 300
smtpd_soft_error_limit = 5
smtpd_hard_error_limit = 20
maximal_queue_lifetime = 7d
bounce_queue_lifetime = 1d

# TLS: offered to everybody, required of nobody on 25.
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /var/lib/relayproof/tls.pem
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_protocols = >=TLSv1.2
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_loglevel = 1

# Screening before a session costs a process.
postscreen_access_list = cidr:{ {10.20.2.20/32 permit}, {10.20.3.20/32 permit} }
postscreen_greet_action = enforce
postscreen_denylist_action = drop
postscreen_dnsbl_sites = zen.spamhaus.org=127.0.0.[2..11]*3
postscreen_dnsbl_threshold = 3
postscreen_dnsbl_action = enforce
postscreen_bare_newline_enable = no
postscreen_pipelining_enable = no
postscreen_non_smtp_command_enable = no
RELAYPROOF
cat >/etc/postfix.new/master.cf <<'RELAYPROOF'
# service type  private unpriv  chroot  wakeup  maxproc command
smtp      inet  n       -       y       -       1       postscreen
smtpd     pass  -       -       y       -       -       smtpd
2525      inet  n       -       y       -       -       smtpd
dnsblog   unix  -       -       y       -       0       dnsblog
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
postlog   unix-dgram n  -       n       -       1       postlogd
RELAYPROOF

# Whatever Postfix warns of is refused before it counts.
if ! postfix -c /etc/postfix.new check; then
  echo "relayproof: the new configuration is not valid, and the old one stays" >&2
  exit 1
fi
postconf -c /etc/postfix.new -n >/dev/null 2>/run/relayproof.check
postconf -c /etc/postfix.new -M >/dev/null 2>>/run/relayproof.check
if [ -s /run/relayproof.check ]; then
  cat /run/relayproof.check >&2
  echo "relayproof: the new configuration is not valid, and the old one stays" >&2
  exit 1
fi

# Both change places in one step: afterwards /etc/postfix.new is the old one.
mv -T --exchange /etc/postfix.new /etc/postfix
if ! /usr/local/lib/relayproof/serve 9>&-; then
  mv -T --exchange /etc/postfix.new /etc/postfix
  /usr/local/lib/relayproof/serve 9>&- || true
  rm -rf /etc/postfix.refused
  mv -T /etc/postfix.new /etc/postfix.refused
  echo "relayproof: the new configuration does not serve, and the old one is back; see /etc/postfix.refused" >&2
  exit 1
fi
/usr/local/lib/relayproof/keep
