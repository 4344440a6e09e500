import type { Cloud } from "./cloud";
import { type Job, library } from "./files";
import { chainPath, fetchedRecipientsPath, roleAddresses, saslPath } from "./main-cf";
import type { Delivery } from "./settings";

/** The start of each helper: strict, and with the functions of the cloud. */
const head = (what: string) => `#!/bin/bash
# ${what}
set -eu -o pipefail
. ${library}/cloud.sh
`;

/** Puts a file that is complete into the place of the old one, and lets Postfix read it again; nothing if they are equal. */
const replace = (path: string) => `if cmp -s ${path}.new ${path}; then
  rm -f ${path}.new
  exit 0
fi
mv -T ${path}.new ${path}
${library}/reread
`;

/** What the gateway does by itself, as far as its settings ask for it. */
export function jobsOf(it: Delivery): Job[] {
  return [
    ...(it.recipientsObject ? [recipients(it)] : []),
    ...(it.smartHost === undefined ? [] : [smartHost(it.smartHost)]),
    ...(it.acme === undefined ? [] : [certificate(it, it.acme, it.cloud)]),
    ...(it.mailLog ? [mailLog] : []),
    ...(it.metrics ? [metrics(it)] : []),
  ];
}

/** Every name that a job may have, so that those that are no longer wanted are taken away. */
export const jobNames = ["recipients", "smart-host", "certificate", "mail-log", "metrics"] as const;

/** A list that is missing, broken, empty or suddenly less than half as long leaves the old one in place. */
function recipients(it: Delivery): Job {
  const path = fetchedRecipientsPath;
  return {
    name: "recipients",
    description: "Fetch the list of recipients",
    after: "1min",
    every: "5min",
    script: `${head("Fetches the list of recipients, one address a line.")}umask 022
exec 8>/run/relayproof/recipients.lock
flock 8
fetch_object recipients >${path}.fetched
sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^#/d' -e '/^$/d' ${path}.fetched | tr '[:upper:]' '[:lower:]' >${path}.listed
if grep -nvE '^[^[:space:]@]+@[a-z0-9.-]+$' ${path}.listed >&2; then
  echo "the list of recipients holds what is no mail address: the old one stays" >&2
  exit 1
fi
if ! [ -s ${path}.listed ]; then
  echo "the list of recipients is empty: the old one stays" >&2
  exit 1
fi
sort -u ${path}.listed - <<'ROLES' | sed 's/$/ OK/' >${path}.new
${roleAddresses(it).join("\n")}
ROLES
if [ -s ${path} ] && [ $(($(wc -l <${path}.new) * 2)) -lt "$(wc -l <${path})" ]; then
  echo "the list of recipients is less than half as long as the old one, which stays; remove ${path} to take the new one" >&2
  exit 1
fi
${replace(path)}`,
  };
}

function smartHost({ host, port }: { host: string; port: number }): Job {
  return {
    name: "smart-host",
    description: "Fetch the login at the smart host",
    after: "1min",
    every: "15min",
    script: `${head("Fetches the login at the smart host. Only root may read it.")}umask 077
exec 8>/run/relayproof/smart-host.lock
flock 8
fetch_secret smart-host-secret | jq -er '
  if (.username | test("[:\\\\s]")) or (.password | test("^\\\\s|[\\r\\n]|\\\\s$")) then error("a login with blanks or a colon in it") else . end
  | "[${host}]:${port} \\(.username):\\(.password)"' >${saslPath}.new
${replace(saslPath)}`,
  };
}

function certificate(it: Delivery, acme: NonNullable<Delivery["acme"]>, cloud: Cloud): Job {
  const place = "/var/lib/relayproof/acme";
  const words = [
    "lego --accept-tos",
    `--email ${acme.email}`,
    ...(acme.directory === undefined ? [] : [`--server ${acme.directory}`]),
    `--dns ${cloud.acme.provider}`,
    // Without recursion of its own the machine cannot ask the zone's servers whether the challenge is there.
    it.resolver === "own" ? "--dns.resolvers 127.0.0.1:53" : "--dns.disable-cp",
    `--domains ${it.hostname} --path ${place}`,
  ].join(" ");
  return {
    name: "certificate",
    description: "Obtain and renew the certificate",
    after: "3min",
    every: "12h",
    script: `${head("Obtains a certificate by a DNS challenge (RFC 8555 8.4), and renews it a month before its end.")}umask 077
exec 8>/run/relayproof/certificate.lock
flock 8
${cloud.acme.environment}if [ -s ${place}/certificates/${it.hostname}.crt ]; then
  ${words} renew --days 30
else
  ${words} run
fi
cat ${place}/certificates/${it.hostname}.key ${place}/certificates/${it.hostname}.crt >${chainPath}.new
${replace(chainPath)}`,
  };
}

/** The cursor moves on only after the lines before it are stored, so a line is sent twice rather than never. */
const mailLog: Job = {
  name: "mail-log",
  description: "Store the mail log",
  after: "1min",
  every: "1min",
  script: `${head("Stores what the journal holds of the mail log since the last time.")}umask 077
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
`,
};

/** Names of the metrics. Each is a count, with the dimension `Host` where the cloud has dimensions. */
export const metricNames = {
  /** Messages that wait to be delivered or are being delivered, those below not included. */
  queue: "QueueLength",
  /** Messages whose delivery was put off. */
  deferred: "DeferredMessages",
  /** Deliveries to others than the Exchange servers within the last hour. */
  outbound: "OutboundMessagesPerHour",
  /** DNS block lists that list the gateway's own address; absent while that is not known. */
  listings: "BlacklistListings",
  /** Jobs of the gateway that failed at their last run. */
  failedJobs: "FailedJobs",
} as const;

function metrics(it: Delivery): Job {
  const lists = it.postfix.dnsblSites.length === 0 ? ["zen.spamhaus.org"] : it.postfix.dnsblSites;
  return {
    name: "metrics",
    description: "Record metrics of the queue and of the gateway's reputation",
    after: "2min",
    every: "5min",
    script: `${head("Records how the queue and the reputation of the gateway are.")}messages() {
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
address=$(lookup ${it.hostname} || true)
if [ -n "$address" ]; then
  IFS=. read -r a b c d <<<"$address"
  listed=0
  lists=(${lists.join(" ")})
  for list in "\${lists[@]}"; do
    # 127.255.255.* says that the question was refused.
    case $(lookup "$d.$c.$b.$a.$list" || true) in
    127.0.0.*) listed=$((listed + 1)) ;;
    esac
  done
  listings=("${metricNames.listings}=$listed")
fi
put_metrics "${metricNames.queue}=$queue" "${metricNames.deferred}=$deferred" "${metricNames.outbound}=$outbound" "${metricNames.failedJobs}=$failed" "\${listings[@]}"
`,
  };
}
