import { type AddrSet, allAddresses, noAddresses, subtract, union, unionAll } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { cidr, parseCidr } from "../../net/cidr";
import { DONT_CARE } from "../../net/cover";

/** Azure's platform address: health probes, DNS, DHCP. "What is IP address 168.63.129.16?" */
export const PLATFORM = cidr("168.63.129.16");

/** What a service tag means where a network security group is evaluated. */
export interface TagContext {
  readonly id: string;
  /** The network's own prefixes. */
  readonly own: AddrSet;
  /** Prefixes of peers and of networks behind a gateway. */
  readonly joined: Bounds<AddrSet>;
  /** Prefixes of the subnet's own routes: the tag follows them, default routes included. */
  readonly routed: AddrSet;
}

/** The peer of a rule as sets: an allow rule takes it whole, a deny rule only what certainly belongs to it. */
export interface Tagged {
  readonly allow: Bounds<AddrSet>;
  readonly deny: Bounds<AddrSet>;
  /** The tag by name: in one chain of rules the same tag is the same set, whatever it holds. */
  readonly atom: string | null;
}

const PUBLIC = subtract(allAddresses, DONT_CARE);

/**
 * An address prefix of a rule: `*`, a CIDR block, an address, or a service tag. "Virtual network service tags".
 *
 * @returns null if the text is neither
 */
export function prefixSet(text: string, context: TagContext): Tagged {
  const name = text.trim().toLowerCase();
  if (name === "*" || name === "any") return plain(allAddresses);
  const literal = parseCidr(text.trim());
  if (literal !== null) return plain(literal);
  const inside = (set: AddrSet) => unionAll([set, context.routed, PLATFORM]);
  const everywhere = {
    must: inside(union(context.own, context.joined.must)),
    may: inside(union(context.own, context.joined.may)),
    why: context.joined.why,
  };
  switch (name) {
    case "virtualnetwork":
      return {
        allow: everywhere,
        deny: between(context.own, everywhere.may, [loose(text)]),
        atom: `${name}@${context.id}`,
      };
    case "internet": {
      const allow = between(subtract(PUBLIC, everywhere.may), subtract(PUBLIC, context.own), context.joined.why);
      const certain = subtract(PUBLIC, everywhere.may);
      return {
        allow: { ...allow, must: certain },
        deny: between(certain, allow.may, [loose(text)]),
        atom: `${name}@${context.id}`,
      };
    }
    case "azureloadbalancer":
      return { ...plain(PLATFORM), atom: name };
    default: {
      // Ranges that change weekly: some public addresses, other customers' machines among them.
      const open = between(noAddresses, PUBLIC, [{ text: `the addresses of service tag ${text} are not known` }]);
      return { allow: open, deny: open, atom: name };
    }
  }
}

function plain(set: AddrSet): Tagged {
  return { allow: exactly(set), deny: exactly(set), atom: null };
}

function loose(tag: string) {
  return { text: `which addresses ${tag} holds depends on peers and routes` };
}
