import { cloudConfigFile, library, type MachineFile } from "./files";
import { type Bootstrap, type BootstrapSettings, bootstrapOf } from "./settings";

/**
 * User data of a Debian 13 image: it makes the machine ready, and configures no mail flow. Postfix listens on loopback, refuses
 * everybody and delivers nothing until the configuration arrives; the queue of an earlier machine is found and kept. What runs at
 * every boot is a unit, so a reboot and a second run of the user data change nothing.
 *
 * Packages come over https, because the front end may open nothing but what it needs.
 *
 * @throws Error if a setting is not valid.
 */
export function bootstrap(settings: BootstrapSettings): string {
  const it = bootstrapOf(settings);
  const files = [
    closed(it),
    postfixUnit(it),
    ...queue(it),
    ...resolver(it),
    ...upkeep(it),
    ...it.cloud.files,
    firstBoot(it),
  ];
  return `#cloud-config
hostname: ${it.hostname.split(".")[0]}
fqdn: ${it.hostname}
manage_etc_hosts: true
ssh_pwauth: false
disable_root: true
apt:
  primary:
    - arches: [default]
      uri: https://deb.debian.org/debian
  security:
    - arches: [default]
      uri: https://deb.debian.org/debian-security
  debconf_selections:
    postfix: postfix postfix/main_mailer_type select No configuration
write_files:
${files.map(cloudConfigFile).join("\n")}
package_update: true
package_upgrade: true
packages: [${packages(it).join(", ")}]
runcmd:
  - [${library}/first-boot]
`;
}

function packages(it: Bootstrap): string[] {
  const own = it.resolver === "own" ? ["dns-root-data", "unbound"] : [];
  const all = ["ca-certificates", "chrony", "e2fsprogs", "openssl", "postfix", "unattended-upgrades"];
  return [...new Set([...all, ...own, ...it.cloud.packages])].sort();
}

/** Debian's package leaves a main.cf that it finds as it is. A queue that is there already waits. */
const closed = (it: Bootstrap): MachineFile => ({
  path: "/etc/postfix/main.cf",
  content: `# Closed until the configuration arrives.
compatibility_level = 3.9
myhostname = ${it.hostname}
inet_interfaces = loopback-only
inet_protocols = ipv4
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
relay_domains =
smtpd_relay_restrictions = reject
smtpd_recipient_restrictions = reject
smtpd_forbid_bare_newline = normalize
disable_vrfy_command = yes
defer_transports = smtp, relay, lmtp, local, virtual
`,
});

function postfixUnit(it: Bootstrap): MachineFile {
  const disk = it.queueVolume ? "RequiresMountsFor=/var/spool/postfix\n" : "";
  return {
    path: "/etc/systemd/system/postfix.service.d/relayproof.conf",
    content: `[Unit]
${disk}Wants=nss-lookup.target
After=nss-lookup.target unbound.service

[Service]
# Who sent what is never left out of the journal.
LogRateLimitIntervalSec=0
`,
  };
}

/** The queue's disk: found, given a file system if it is blank, and mounted before Postfix starts. */
function queue(it: Bootstrap): MachineFile[] {
  if (!it.queueVolume) return [];
  return [
    {
      path: `${library}/queue-disk`,
      executable: true,
      content: `#!/bin/bash
# Finds the disk of the mail queue. A blank one gets a file system; any other stays as it is.
set -eu
${it.cloud.queueDevice}device=
for _ in $(seq 120); do
  # It may be attached after the machine has started.
  if device=$(queue_device) && [ -b "$device" ]; then
    break
  fi
  device=
  sleep 5
done
if [ -z "$device" ]; then
  echo "the disk of the mail queue is not attached" >&2
  exit 1
fi
/usr/lib/systemd/systemd-makefs ext4 "$device"
e2fsck -p "$device" || [ $? -eq 1 ]
mkdir -p /run/relayproof
ln -sfn "$device" /run/relayproof/queue
`,
    },
    {
      path: "/etc/systemd/system/relayproof-queue.service",
      content: `[Unit]
Description=Disk of the mail queue
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${library}/queue-disk
TimeoutStartSec=15min
`,
    },
    {
      path: "/etc/systemd/system/var-spool-postfix.mount",
      content: `[Unit]
Description=Mail queue
Requires=relayproof-queue.service
After=relayproof-queue.service

[Mount]
What=/run/relayproof/queue
Where=/var/spool/postfix
Type=ext4
# Not before the network: the disk may be named by the metadata service.
Options=nosuid,nodev,_netdev
`,
    },
  ];
}

function resolver(it: Bootstrap): MachineFile[] {
  if (it.resolver !== "own") return [];
  const { address, zones } = it.cloud.resolver;
  return [
    {
      path: "/etc/unbound/unbound.conf.d/relayproof.conf",
      content: `server:
  interface: 127.0.0.1
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  prefetch: yes
  qname-minimisation: yes
${zones.map((zone) => `  domain-insecure: "${zone}"\n`).join("")}${zones
  .map(
    (zone) => `forward-zone:
  name: "${zone}"
  forward-addr: ${address}
  forward-first: yes
`,
  )
  .join("")}`,
    },
  ];
}

function upkeep(it: Bootstrap): MachineFile[] {
  return [
    {
      path: "/etc/apt/apt.conf.d/52relayproof",
      content: `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "true";
Unattended-Upgrade::Automatic-Reboot-Time "${it.rebootTime}";
`,
    },
    {
      path: "/etc/systemd/journald.conf.d/relayproof.conf",
      content: "[Journal]\nStorage=persistent\nSystemMaxUse=2G\n",
    },
  ];
}

function firstBoot(it: Bootstrap): MachineFile {
  const own = `# Names are resolved here from now on; DNSSEC's verdict is believed (DANE).
rm -f /etc/resolv.conf
printf '%s\\n' 'nameserver 127.0.0.1' 'options edns0 trust-ad' >/etc/resolv.conf
systemctl restart unbound
`;
  return {
    path: `${library}/first-boot`,
    executable: true,
    content: `#!/bin/bash
# Ends the first boot.
set -u
systemctl daemon-reload
systemctl restart systemd-journald chrony
${it.resolver === "own" ? own : ""}systemctl start postfix
${it.cloud.agent}`,
  };
}
