import type { Reason } from "../../model/provenance";
import type { Value } from "../../model/snapshot";
import { type AddrSet, allAddresses, overlaps, unionAll } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import { field, items } from "../values";
import { type AzureClass, rangeOf } from "./classes";
import type { AzureResources } from "./tokens";

/**
 * Application gateways are not modelled. One with listeners of the transport layer passes any TCP on to its pools, which may name
 * machines by address, where nothing in the program depends on them. "Application Gateway TCP/TLS proxy overview".
 */
export function gatewayWays(azure: AzureResources): (item: AzureClass) => readonly Reason[] {
  const gateways = azure
    .ofKind("network:ApplicationGateway")
    .filter(({ properties }) => items(properties.listeners).length > 0)
    .map(({ urn, name, type, properties }) => ({
      pools: unionAll(items(properties.backendAddressPools).map(poolAddresses)),
      why: { text: `${name} (${type}) may lead to the host and is not modelled`, at: { urn } },
    }));
  return (item) => gateways.filter(({ pools }) => overlaps(pools, rangeOf(item))).map(({ why }) => why);
}

/** Addresses that a pool may hold. A name may be that of any machine, and interfaces join a pool that lists none. */
function poolAddresses(pool: Value): AddrSet {
  const listed = items(field(pool, "backendAddresses"));
  if (listed.length === 0) return allAddresses;
  return unionAll(
    listed.map((entry) => {
      const address = field(entry, "ipAddress");
      return (typeof address === "string" ? parseCidr(address) : null) ?? allAddresses;
    }),
  );
}
