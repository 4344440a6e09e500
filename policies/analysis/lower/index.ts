import type { ClassId, IfaceClass, MailNetwork } from "../model/network";
import { lowerAws } from "./aws";
import { lowerAzure } from "./azure";
import type { Resources } from "./resources";

/**
 * Lowers a stack's resources to the neutral model. Pure: equal snapshots give equal networks. What a stack has in two clouds is two networks
 * side by side: neither has a way into the other but over the Internet.
 */
export function lower(resources: Resources): MailNetwork {
  return join(lowerAws(resources), lowerAzure(resources));
}

function join(a: MailNetwork, b: MailNetwork): MailNetwork {
  if (b.classes.size === 0 && b.hosts.length === 0 && b.securityGroups.length === 0) return a;
  const owner = (id: ClassId) => (a.classes.has(id) ? a : b);
  return {
    networks: new Map([...a.networks, ...b.networks]),
    classes: new Map([...a.classes, ...b.classes]),
    hosts: [...a.hosts, ...b.hosts],
    securityGroups: [...a.securityGroups, ...b.securityGroups],
    logged: new Set([...a.logged, ...b.logged]),
    naming: {
      addresses: [...a.naming.addresses, ...b.naming.addresses],
      zones: [...a.naming.zones, ...b.naming.zones],
    },
    ranges: new Map([...a.ranges, ...b.ranges]),
    inbound: (item) => owner(item.id).inbound(item),
    outbound: (item) => owner(item.id).outbound(item),
    gates: (item, direction) => owner(item.id).gates(item, direction),
    between: (source, target) => (apart(source, target) ? [] : owner(source.id).between(source, target)),
    unmodelled: [...a.unmodelled, ...b.unmodelled],
    get assumptions() {
      return [...a.assumptions, ...b.assumptions];
    },
  };

  function apart(source: IfaceClass, target: IfaceClass): boolean {
    return owner(source.id) !== owner(target.id);
  }
}
