#!/bin/bash
# The configuration of the mail gateway mx1.example.com.
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
if ! dpkg-query -s awscli curl jq >/dev/null 2>&1; then
  apt-get update -q
  apt-get install -qy --no-install-recommends awscli curl jq
fi
mkdir -p /usr/local/lib/relayproof /var/lib/relayproof/generations

# What the gateway does by itself.
cat >/usr/local/lib/relayproof/cloud.sh <<'RELAYPROOF'
# shellcheck shell=bash
# What the gateway asks its cloud for.
gateway=mx1.example.com
mkdir -p /run/relayproof
chmod 0700 /run/relayproof
metadata() {
  local token
  token=$(curl -sf -m 5 --retry 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token) || return 1
  curl -sf -m 5 --retry 3 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}
reference() {
  metadata "tags/instance/relayproof:$1"
}
region() {
  AWS_DEFAULT_REGION=$(metadata placement/region) || return 1
  export AWS_DEFAULT_REGION
}
fetch_object() {
  local object
  object=$(reference "$1") && region || return 1
  aws s3 cp --only-show-errors "$object" -
}
fetch_secret() {
  local secret
  secret=$(reference "$1") && region || return 1
  aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text
}
put_metrics() {
  region || return 1
  printf '%s\n' "$@" | jq -cnR --arg host "$gateway" '[inputs | split("=") | {MetricName: .[0], Value: (.[1] | tonumber), Unit: "Count", Dimensions: [{Name: "Host", Value: $host}]}]' >/run/relayproof/metrics.json || return 1
  aws cloudwatch put-metric-data --namespace 'Relayproof' --metric-data file:///run/relayproof/metrics.json
}
put_log() {
  local group stream
  group=$(reference mail-log) && region || return 1
  stream=$gateway
  jq -cs 'sort_by(.__REALTIME_TIMESTAMP) | [.[] | {timestamp: (.__REALTIME_TIMESTAMP | tonumber / 1000 | floor), message: "\(.SYSLOG_IDENTIFIER)[\(.SYSLOG_PID // ._PID)]: \(.MESSAGE)"}]' "$1" >/run/relayproof/log-events.json || return 1
  aws logs put-log-events --log-group-name "$group" --log-stream-name "$stream" --log-events file:///run/relayproof/log-events.json >/dev/null && return 0
  # The stream is made when there is something to put into it.
  aws logs create-log-stream --log-group-name "$group" --log-stream-name "$stream" || return 1
  aws logs put-log-events --log-group-name "$group" --log-stream-name "$stream" --log-events file:///run/relayproof/log-events.json >/dev/null
}
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
  expect 220 && expect 250 'EHLO mx1.example.com' && expect 250 'MAIL FROM:<>' && expect 554 'RCPT TO:<nobody@relayproof.invalid>' && expect 221 QUIT
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

if [ -e /etc/systemd/system/relayproof-recipients.timer ]; then
  systemctl disable --now relayproof-recipients.timer
  rm -f /etc/systemd/system/relayproof-recipients.timer /etc/systemd/system/relayproof-recipients.service
fi
if [ -e /etc/systemd/system/relayproof-smart-host.timer ]; then
  systemctl disable --now relayproof-smart-host.timer
  rm -f /etc/systemd/system/relayproof-smart-host.timer /etc/systemd/system/relayproof-smart-host.service
fi
if [ -e /etc/systemd/system/relayproof-certificate.timer ]; then
  systemctl disable --now relayproof-certificate.timer
  rm -f /etc/systemd/system/relayproof-certificate.timer /etc/systemd/system/relayproof-certificate.service
fi
if [ -e /etc/systemd/system/relayproof-mail-log.timer ]; then
  systemctl disable --now relayproof-mail-log.timer
  rm -f /etc/systemd/system/relayproof-mail-log.timer /etc/systemd/system/relayproof-mail-log.service
fi
if [ -e /etc/systemd/system/relayproof-metrics.timer ]; then
  systemctl disable --now relayproof-metrics.timer
  rm -f /etc/systemd/system/relayproof-metrics.timer /etc/systemd/system/relayproof-metrics.service
fi
systemctl daemon-reload
if ! [ -s /var/lib/relayproof/tls.pem ]; then
  umask 077
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=mx1.example.com' -addext 'subjectAltName=DNS:mx1.example.com' \
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
myhostname = mx1.example.com
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
virtual_alias_maps = inline:{ {postmaster@mx1.example.com = postmaster@example.com}, {abuse@mx1.example.com = postmaster@example.com}, {root@mx1.example.com = postmaster@example.com} }
relay_domains = example.com
relay_recipient_maps =
parent_domain_matches_subdomains =
transport_maps = inline:{ {example.com = relay:[10.20.2.20]} }
defer_transports =
relayhost =

# Who may relay: the Exchange servers, one by one. mynetworks is used for nothing.
mynetworks = 127.0.0.0/8 [::1]/128
mynetworks_style = host
smtpd_relay_restrictions = check_client_access cidr:{ {10.20.2.20/32 permit} }, reject_unauth_destination
smtpd_recipient_restrictions = reject_non_fqdn_recipient, reject_unlisted_recipient, check_client_access cidr:{ {10.20.2.20/32 permit} }, reject_unverified_recipient
unverified_recipient_reject_code = 550
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = check_client_access cidr:{ {10.20.2.20/32 permit} }, reject_non_fqdn_sender, reject_unknown_sender_domain
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
smtpd_client_event_limit_exceptions = 10.20.2.20/32
smtpd_client_connection_count_limit = 20
smtpd_client_connection_rate_limit = 60
smtpd_client_message_rate_limit = 100
smtpd_client_recipient_rate_limit = 300
smtpd_soft_error_limit = 5
smtpd_hard_error_limit = 20
maximal_queue_lifetime = 2d
bounce_queue_lifetime = 1d

# TLS: offered to everybody, required of nobody on 25.
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /var/lib/relayproof/tls.pem
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtp_tls_security_level = may
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_protocols = >=TLSv1.2
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_loglevel = 1

# Screening before a session costs a process.
postscreen_access_list = cidr:{ {10.20.2.20/32 permit} }
postscreen_greet_action = enforce
postscreen_denylist_action = drop
postscreen_dnsbl_sites =
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
