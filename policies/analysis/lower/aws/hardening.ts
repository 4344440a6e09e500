import type { CarrierSource, Weakness } from "../../model/network";
import { Unknown, type Value } from "../../model/snapshot";
import { passwordLogins } from "../logins";
import type { Resources } from "../resources";
import { field, flag, isFields, text } from "../values";

/** What an instance is judged by, from its own arguments or its template. */
export interface Hardware {
  readonly metadata: Value | undefined;
  readonly disks: readonly { readonly name: string; readonly device: Value | undefined }[];
}

/** What the declaration of an instance leaves open. EC2 User Guide, "Configure the instance metadata options", "Amazon EBS encryption". */
export function weaknessesOf(
  resources: Resources,
  name: string,
  hardware: Hardware,
  carriers: readonly CarrierSource[],
): readonly Weakness[] {
  return [...metadata(name, hardware.metadata), ...disks(resources, name, hardware), ...passwordLogins(name, carriers)];
}

function metadata(name: string, options: Value | undefined): Weakness[] {
  const remediation = "Set metadataOptions.httpTokens to required.";
  if (options instanceof Unknown)
    return [
      {
        certain: false,
        message: `Whether ${name} requires IMDSv2 cannot be decided: its metadata options are ${options.reason}.`,
        remediation,
      },
    ];
  if (text(field(options, "httpEndpoint")) === "disabled") return [];
  const tokens = text(field(options, "httpTokens"));
  if (tokens === "required") return [];
  if (tokens instanceof Unknown)
    return [
      {
        certain: false,
        message: `Whether ${name} requires IMDSv2 cannot be decided: httpTokens is ${tokens.reason}.`,
        remediation,
      },
    ];
  return [
    {
      certain: true,
      message: `${name} answers IMDSv1: metadataOptions.httpTokens is ${tokens ?? "not set"}, expected required.`,
      remediation,
    },
  ];
}

function disks(resources: Resources, name: string, hardware: Hardware): Weakness[] {
  const byDefault = resources
    .ofType("aws:ebs/encryptionByDefault:EncryptionByDefault")
    .some((item) => flag(item.properties.enabled) !== false);
  if (byDefault) return [];
  return hardware.disks.flatMap(({ name: what, device }): Weakness[] => {
    const encrypted = device instanceof Unknown ? device : isFields(device) ? flag(device.encrypted) : undefined;
    if (encrypted === true || (isFields(device) && device.kmsKeyId !== undefined)) return [];
    const remediation = `Set encrypted: true on the ${what} of ${name}.`;
    if (encrypted instanceof Unknown)
      return [
        { certain: false, message: `Whether the ${what} of ${name} is encrypted is ${encrypted.reason}.`, remediation },
      ];
    return [{ certain: true, message: `The ${what} of ${name} is not encrypted.`, remediation }];
  });
}
