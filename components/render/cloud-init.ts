import { type GatewaySettings, gateway } from "./gateway";
import { mainCf, recipientsPath, relayRecipients } from "./main-cf";
import { masterCf } from "./master-cf";

/** The certificate that Debian's package ssl-cert makes. */
const snakeoil = {
  tlsCertificateFile: "/etc/ssl/certs/ssl-cert-snakeoil.pem",
  tlsKeyFile: "/etc/ssl/private/ssl-cert-snakeoil.key",
};

/** What EC2 accepts as user data, in bytes before encoding. */
export const userDataLimit = 16 * 1024;

/** Time source of EC2. Debian's image for Azure takes the host's clock by itself. */
export const ec2TimeServers: readonly string[] = ["169.254.169.123"];

/**
 * User data of a Debian 13 image that becomes the gateway. The files are written before the package is installed; Debian's
 * package leaves a `main.cf` that it finds untouched, so Postfix never runs with a configuration but this one.
 *
 * Packages come over https, because the front end may open nothing but 25 and 443.
 *
 * @param timeServers what the clock is set by; none leaves it to the image
 * @throws Error if a setting is not valid, or if the result is larger than {@link userDataLimit}.
 */
export function cloudInit(given: GatewaySettings, timeServers: readonly string[] = ec2TimeServers): string {
  const own = given.postfix?.tlsCertificateFile !== undefined || given.postfix?.tlsKeyFile !== undefined;
  const settings = own ? given : { ...given, postfix: { ...given.postfix, ...snakeoil } };
  const text = render(settings, timeServers);
  const bytes = Buffer.byteLength(text);
  if (bytes > userDataLimit) {
    const count = settings.postfix?.recipients?.length ?? 0;
    throw new Error(
      `gateway settings: postfix.recipients: ${count} addresses make ${bytes} bytes of user data: expected at most ${userDataLimit}; leave them out, and recipients are verified against the Exchange servers`,
    );
  }
  return text;
}

function render(settings: GatewaySettings, timeServers: readonly string[]): string {
  const it = gateway(settings);
  const recipients = relayRecipients(settings);
  const files = [
    file("/etc/postfix/main.cf", mainCf(settings)),
    file("/etc/postfix/master.cf", masterCf(settings)),
    ...(recipients === null ? [] : [file(recipientsPath, recipients)]),
  ];
  return `#cloud-config
hostname: ${it.hostname.split(".")[0]}
fqdn: ${it.hostname}
manage_etc_hosts: true
ssh_pwauth: false
disable_root: true
${timeServers.length === 0 ? "" : `ntp:\n  enabled: true\n  servers: ${JSON.stringify(timeServers)}\n`}apt:
  primary:
    - arches: [default]
      uri: https://deb.debian.org/debian
  security:
    - arches: [default]
      uri: https://deb.debian.org/debian-security
  debconf_selections:
    postfix: postfix postfix/main_mailer_type select No configuration
write_files:
${files.join("\n")}
package_update: true
package_upgrade: true
packages: [ca-certificates, postfix, unattended-upgrades]
runcmd:
  - [postfix, check]
  - [systemctl, restart, postfix]
`;
}

function file(path: string, content: string): string {
  const lines = content.replace(/\n$/, "").split("\n");
  return `  - path: ${path}
    owner: root:root
    permissions: "0644"
    content: |
${lines.map((line) => (line === "" ? "" : `      ${line}`)).join("\n")}`;
}
