import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, input, type Owner, plain } from "../../args";
import { checkFrontEnd, gatewayFields } from "../../parts/front-end";
import { mailRules, planInternet, updateRules } from "../../parts/front-end-rules";
import type { GroupRule } from "../../parts/group-rules";
import type { Exposure, TagsArgs } from "../../parts/shared";
import { Outbound, type PostfixSettings, Resolver } from "../../render";
import { identifier, integer } from "../../schemas";
import { checkLimit } from "./security-rules";
import { networkCidrs, type PlaceArgs, placeFields, type SubnetArgs, subnet } from "./vocabulary";

/** What the VMs of the front ends have in common. */
export interface FrontEndServerArgs {
  /** Size of the VM. @default "Standard_B2als_v2" */
  vmSize?: pulumi.Input<string> | undefined;
  /** Image to start from, Debian 13. @default Debian's own, of `imageVersion` */
  imageId?: pulumi.Input<string> | undefined;
  /** Exact version of Debian's image `debian-13`, `13-gen2`. Another version replaces the VM. @default "0.20251117.2299" */
  imageVersion?: pulumi.Input<string> | undefined;
  /** Size of the system disk, in GiB. @default 32 */
  osDiskSize?: pulumi.Input<number> | undefined;
  /** Disk encryption set with a key of yours. @default keys that Azure keeps */
  diskEncryptionSetId?: pulumi.Input<string> | undefined;
  /**
   * Encrypts temporary disks and caches too, on the host. The subscription's feature `Microsoft.Compute/EncryptionAtHost` has to be
   * registered first. @default true
   */
  encryptionAtHost?: boolean | undefined;
  /** Sets the PTR record. Azure refuses it until the name's A record leads to the address, so switch it on after that. @default false */
  reverseDns?: boolean | undefined;
}

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface FrontEndMailServerArgs extends PlaceArgs, FrontEndServerArgs {
  /** Every IPv4 block of the virtual network: the front end can open nothing in them but SMTP to the Exchange servers. */
  networkCidrs: string[];
  /** The DMZ subnet, from which the way to the Internet is direct. */
  subnet: SubnetArgs;
  /** The gateway's own name, an FQDN: its A record, PTR record and HELO name. */
  hostname: pulumi.Input<string>;
  /** Domains that mail is accepted for; at least one. */
  domains: pulumi.Input<string>[];
  /**
   * IPv4 addresses of the internal Exchange servers, inside the network or a connected one; at least one. Mail for the domains
   * goes to them, tried in this order, and they alone may send out through the gateway.
   */
  exchangeServers: pulumi.Input<string>[];
  /** Key for the administrator's account, which Azure requires. No port is open for it. */
  sshPublicKey: pulumi.Input<string>;
  /** Blocks of the networks that are reached by peering, VPN or ExpressRoute; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** The gateway's fixed address in its subnet. @default the tenth after the subnet's first, `10.20.0.10` in `10.20.0.0/24` */
  privateAddress?: pulumi.Input<string> | undefined;
  /** Availability zone of the VM, such as "1". @default none, where Azure chooses */
  zone?: pulumi.Input<string> | undefined;
  /** Who reaches the SMTP ports. @default Exposure.Staged */
  exposure?: Exposure | undefined;
  /** Blocks, each /24 or narrower, that probe a staged front end from outside. Required while staged. @default [] */
  probeSources?: pulumi.Input<string>[] | undefined;
  /** TCP ports that other mail servers deliver to; 25 among them, and not 465 or 587, where users log in. @default [25] */
  ports?: number[] | undefined;
  /** Settings of Postfix. @default the safe default of each */
  postfix?: pulumi.Input<PostfixSettings> | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

const boolean = z.boolean({ error: "true or false" });
const key = "a public key in one line, such as ssh-ed25519 AAAA…";

export const serverFields = {
  vmSize: input(identifier.default("Standard_B2als_v2")),
  imageId: input(identifier.optional()),
  imageVersion: input(identifier.default("0.20251117.2299")),
  osDiskSize: input(integer(32, 4095, "GiB").default(32)),
  diskEncryptionSetId: input(identifier.optional()),
  encryptionAtHost: plain(boolean.default(true)),
  reverseDns: plain(boolean.default(false)),
};

export const sshPublicKey = z
  .string({ error: key })
  .regex(/^(?:ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]{60,}={0,2}(?: [^\r\n]*)?$/, { error: key });

export const frontEndFields = {
  ...placeFields,
  networkCidrs: plain(networkCidrs),
  subnet: plain(subnet),
  ...gatewayFields,
  sshPublicKey: input(sshPublicKey),
  zone: input(identifier.optional()),
  ...serverFields,
};

export interface FrontEndPlan {
  readonly args: Checked<typeof frontEndFields>;
  readonly privateAddress: pulumi.Input<string>;
  readonly rules: readonly GroupRule[];
}

/**
 * Checks the arguments against each other.
 * @throws pulumi.RunError
 */
export function planFrontEnd(who: Owner, args: Checked<typeof frontEndFields>): FrontEndPlan {
  const checked = checkFrontEnd(who, args);
  const settings = {
    ...checked,
    internet: planInternet([...args.networkCidrs, ...args.connectedCidrs]),
    outbound: Outbound.Open,
    smartHostPort: undefined,
    resolver: Resolver.Cloud,
  };
  const rules = [...mailRules(settings), ...updateRules(settings)];
  checkLimit(who, rules, "probeSources, ports, exchangeServers", rules.length);
  return { args: checked, privateAddress: checked.privateAddress, rules };
}
