import { awsCloud, azureCloud, type Cloud } from "../../../components/render";
import { type Attempt, Host } from "../../mta/real/host";

/** A cloud that is a directory of the machine: what is referred to is in /cloud, and what is recorded goes there. */
export const labCloud: Cloud = {
  packages: [...new Set([...awsCloud().packages, ...azureCloud().packages])],
  functions: `fetch_object() {
  cat "/cloud/$1"
}
fetch_secret() {
  cat "/cloud/$1"
}
put_metrics() {
  printf '%s\\n' "$@" >/cloud/metrics
}
put_log() {
  [ ! -e /cloud/unreachable ] && cat "$1" >>/cloud/log
}
`,
  queueDevice: "queue_device() {\n  echo /cloud/disk\n}\n",
  files: [...awsCloud().files],
  agent: "touch /cloud/agent\n",
  resolver: awsCloud().resolver,
  acme: { provider: "route53", environment: "" },
};

/** There is no systemd in the lab. Postfix and the jobs start as their units start them; everything else is noted. */
const systemctl = `#!/bin/sh
echo "$*" >>/cloud/systemctl
case "$*" in
"start relayproof-"*.service)
  job=$(basename "$2" .service)
  exec "/usr/local/lib/relayproof/$(echo "$job" | cut -d- -f2-)"
  ;;
"start postfix" | "restart postfix")
  [ -e /etc/postfix/main.cf ] || exit 0
  postfix stop 2>/dev/null
  postfix check
  mkdir -p /var/spool/postfix/etc
  cp /etc/resolv.conf /etc/hosts /etc/services /etc/nsswitch.conf /var/spool/postfix/etc
  postfix start
  ;;
esac
exit 0
`;

/** Only what user data can use here; the others ask for disks, keys and a network to configure. */
const modules = `datasource_list: [NoCloud]
cloud_init_modules: [write-files]
cloud_config_modules: [apt-configure, runcmd]
cloud_final_modules: [package-update-upgrade-install, scripts-user]
apt: {preserve_sources_list: true}
`;

/** A machine of Debian 13 whose first boot is the user data, applied by the real cloud-init. */
export async function firstBoot(userData: string): Promise<{ host: Host; output: string }> {
  const host = await Host.boot("trixie", "front-end");
  const seed = "/var/lib/cloud/seed/nocloud";
  await host.write({
    "/etc/cloud/cloud.cfg.d/99_lab.cfg": modules,
    "/usr/local/bin/systemctl": systemctl,
    "/cloud/systemctl": "",
    [`${seed}/meta-data`]: "instance-id: lab\n",
    [`${seed}/user-data`]: userData,
  });
  const { output } = await host.sh(`chmod +x /usr/local/bin/systemctl
    cloud-init init --local && cloud-init init && cloud-init modules --mode=config && cloud-init modules --mode=final`);
  return { host, output };
}

/** Runs a delivery script as the agents do: as a file, by root. */
export async function deliver(
  host: Host,
  script: string,
  name = "deliver",
): Promise<{ status: number | null; output: string }> {
  await host.write({ [`/root/${name}`]: script });
  return host.run(["/bin/sh", "-c", `chmod +x /root/${name} && exec /root/${name} 2>&1`]);
}

/** Hands in mail from an address; a client that is new to postscreen waits for its greeting. */
export function send(host: Host, from: string, to: string, sender = "someone@partner.example.org"): Promise<Attempt> {
  const identities = { greetings: ["partner.example.org"], senders: [sender], recipients: [to] };
  return host.probe(from, 25, identities, { patience: 20_000 });
}
