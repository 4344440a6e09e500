import type { CarrierSource, Weakness } from "../model/network";

/** cloud-init's own switch for password logins; what scripts do to sshd is not read. */
export function passwordLogins(name: string, carriers: readonly CarrierSource[]): Weakness[] {
  const texts = carriers.map((source) => source.value).filter((value) => typeof value === "string");
  if (!texts.some((text) => /^ssh_pwauth:\s*['"]?(true|yes|1)\b/im.test(text))) return [];
  return [
    {
      certain: true,
      message: `${name} accepts password logins: its user data sets ssh_pwauth.`,
      remediation: "Remove ssh_pwauth from the user data, and use keys or a session service without an open port.",
    },
  ];
}
