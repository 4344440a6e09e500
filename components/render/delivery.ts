import { jobFiles, library, type MachineFile, writeFile } from "./files";
import { jobNames, jobsOf } from "./jobs";
import { chainPath, mainCf, recipientsPath, relayRecipients } from "./main-cf";
import { masterCf } from "./master-cf";
import { type Delivery, type DeliverySettings, deliveryOf, gatewayOf } from "./settings";

/** What fits into an SSM document beside its own words, in bytes. */
export const deliveryLimit = 60 * 1024;

/** How many earlier configurations are kept. */
const generations = 5;

/**
 * The script that brings the whole configuration of the gateway to the running machine, as root. It writes a complete new
 * configuration directory, checks it, puts it into the place of the old one in one step, and asks the listener; if it does not
 * serve, the old one is put back and the script fails. Running it again changes nothing.
 *
 * @throws Error if a setting is not valid, or if the result is larger than {@link deliveryLimit}.
 */
export function delivery(settings: DeliverySettings): string {
  const it = deliveryOf(settings);
  const text = [start(it), helpers(it), upkeep(it), configuration(it), change].join("\n");
  const bytes = Buffer.byteLength(text);
  if (bytes > deliveryLimit) {
    const count = it.postfix.recipients?.length ?? 0;
    throw new Error(
      `delivery settings: postfix.recipients: ${count} addresses make a script of ${bytes} bytes: expected at most ${deliveryLimit}; keep them in an object (recipientsObject)`,
    );
  }
  return text;
}

function start(it: Delivery): string {
  const packages = [
    ...it.cloud.packages,
    ...(it.acme === undefined ? [] : ["lego"]),
    ...(it.smartHost === undefined ? [] : ["libsasl2-modules"]),
  ].sort();
  return `#!/bin/bash
# The configuration of the mail gateway ${it.hostname}.
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
${it.queueVolume ? "systemctl start var-spool-postfix.mount\n" : ""}if ! dpkg-query -s ${packages.join(" ")} >/dev/null 2>&1; then
  apt-get update -q
  apt-get install -qy --no-install-recommends ${packages.join(" ")}
fi
mkdir -p ${library} /var/lib/relayproof/generations
`;
}

function helpers(it: Delivery): string {
  const files: MachineFile[] = [
    {
      path: `${library}/cloud.sh`,
      content: `# shellcheck shell=bash
# What the gateway asks its cloud for.
gateway=${it.hostname}
mkdir -p /run/relayproof
chmod 0700 /run/relayproof
${it.cloud.functions}`,
    },
    ...(jobsOf(it).length === 0 ? [] : [reread]),
    ...jobsOf(it).flatMap(jobFiles),
    serve(it),
    keep,
  ];
  return `# What the gateway does by itself.\n${files.map(writeFile).join("")}`;
}

/** Starts what is wanted, takes away what is not, and fetches what Postfix needs before it is asked. */
function upkeep(it: Delivery): string {
  const jobs = jobsOf(it);
  const wanted = jobs.map(({ name }) => name);
  const others = jobNames.filter((name) => !wanted.includes(name));
  const timers = wanted.map((name) => `relayproof-${name}.timer`).join(" ");
  const first = wanted.filter((name) => name === "recipients" || name === "smart-host");
  return `${others
    .map(
      (name) => `if [ -e /etc/systemd/system/relayproof-${name}.timer ]; then
  systemctl disable --now relayproof-${name}.timer
  rm -f /etc/systemd/system/relayproof-${name}.timer /etc/systemd/system/relayproof-${name}.service
fi
`,
    )
    .join("")}systemctl daemon-reload
${wanted.length === 0 ? "" : `systemctl enable --now ${timers}\n`}${first
  .map(
    (name) =>
      `systemctl start relayproof-${name}.service || echo "relayproof: ${name} cannot be fetched now: it is tried again by its timer" >&2\n`,
  )
  .join("")}${it.postfix.tlsCertificateFile === undefined ? selfSigned(it) : ""}`;
}

/** TLS on 25 is opportunistic: a certificate that nobody signed encrypts as well as another. */
function selfSigned(it: Delivery): string {
  return `if ! [ -s ${chainPath} ]; then
  umask 077
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=${it.hostname}' -addext 'subjectAltName=DNS:${it.hostname}' \\
    -keyout ${chainPath}.key -out ${chainPath}.crt 2>/dev/null
  cat ${chainPath}.key ${chainPath}.crt >${chainPath}.new
  mv -T ${chainPath}.new ${chainPath}
  umask 022
fi
`;
}

function configuration(it: Delivery): string {
  const settings = gatewayOf(it);
  const recipients = relayRecipients(settings);
  const directory = "/etc/postfix.new";
  const files: MachineFile[] = [
    { path: `${directory}/main.cf`, content: mainCf(settings) },
    { path: `${directory}/master.cf`, content: masterCf(settings) },
    ...(recipients === null ? [] : [{ path: recipientsPath.replace("/etc/postfix", directory), content: recipients }]),
  ];
  return `# The new configuration, complete.
rm -rf ${directory}
cp -a /etc/postfix ${directory}
${files.map(writeFile).join("")}`;
}

const change = `# Whatever Postfix warns of is refused before it counts.
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
if ! ${library}/serve 9>&-; then
  mv -T --exchange /etc/postfix.new /etc/postfix
  ${library}/serve 9>&- || true
  rm -rf /etc/postfix.refused
  mv -T /etc/postfix.new /etc/postfix.refused
  echo "relayproof: the new configuration does not serve, and the old one is back; see /etc/postfix.refused" >&2
  exit 1
fi
${library}/keep
`;

/** Lets Postfix take over what is in /etc/postfix, and asks it. */
function serve(it: Delivery): MachineFile {
  return {
    path: `${library}/serve`,
    executable: true,
    content: `#!/bin/bash
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
      echo "$line" | tr -d '\\r'
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
    printf '%s\\r\\n' "$2" >&3
  fi
  line=$(reply)
  case $line in
  "$1"*) return 0 ;;
  esac
  echo "port 25 of this machine answers \\"$line\\" to \\"$(echo "$@" | cut -s -d' ' -f2-)\\": expected $1" >&2
  return 1
}
ask() {
  exec 3<>/dev/tcp/127.0.0.1/25 || return 1
  expect 220 && expect 250 'EHLO ${it.hostname}' && expect 250 'MAIL FROM:<>' && expect 554 'RCPT TO:<nobody@relayproof.invalid>' && expect 221 QUIT
}
# A start takes a moment, and the first greeting of postscreen some seconds.
for _ in 1 2 3 4; do
  if (ask); then
    exit 0
  fi
  sleep 2
done
exit 1
`,
  };
}

const reread: MachineFile = {
  path: `${library}/reread`,
  executable: true,
  content: `#!/bin/bash
# Lets Postfix read its tables and its certificate again, if it runs.
if postfix status 2>/dev/null; then
  postfix reload
fi
`,
};

const place = "/var/lib/relayproof/generations";
const keep: MachineFile = {
  path: `${library}/keep`,
  executable: true,
  content: `#!/bin/bash
# Keeps the configuration that served before; ${place}/1 is the latest.
set -eu
if diff -rq /etc/postfix /etc/postfix.new >/dev/null; then
  rm -rf /etc/postfix.new
  echo "relayproof: nothing has changed"
  exit 0
fi
rm -rf ${place}/${generations}
${Array.from({ length: generations - 1 }, (_, i) => generations - 1 - i)
  .map((n) => `if [ -d ${place}/${n} ]; then\n  mv -T ${place}/${n} ${place}/${n + 1}\nfi\n`)
  .join("")}mv -T /etc/postfix.new ${place}/1
echo "relayproof: the new configuration serves"
`,
};
