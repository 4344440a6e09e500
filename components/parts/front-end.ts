import { type Checked, checkUnique, each, expect, input, type Owner, plain, refuse, whenKnown } from "../args";
import { listeningPorts, postfixSettings } from "../render/gateway";
import { address, addressAt, fqdn, isInside, narrowCidr, oneOf } from "../schemas";
import { isUsable } from "./network-plan";
import { connectedCidrs, Exposure, tags } from "./shared";

/** The arguments of a front end that mean the same on every cloud. */
export const gatewayFields = {
  hostname: input(fqdn),
  domains: each(fqdn),
  exchangeServers: each(address),
  connectedCidrs: plain(connectedCidrs),
  privateAddress: input(address.optional()),
  exposure: plain(oneOf(Exposure).default(Exposure.Staged)),
  probeSources: each(narrowCidr(24)),
  ports: plain(listeningPorts),
  postfix: input(postfixSettings),
  tags: plain(tags),
};

/** Where a front end stands. */
interface Place {
  readonly networkCidrs: readonly string[];
  readonly subnet: { readonly cidr: string };
}

/**
 * Checks the arguments against each other.
 * @returns them, with the gateway's address; an address that is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function checkFrontEnd<T extends Checked<typeof gatewayFields> & Place>(who: Owner, args: T) {
  const inside = [...args.networkCidrs, ...args.connectedCidrs];
  const { cidr } = args.subnet;
  expect(isInside(cidr, args.networkCidrs), who, "subnet.cidr", cidr, `a block inside ${args.networkCidrs.join(", ")}`);
  expect(args.domains.length > 0, who, "domains", args.domains, "at least one domain");
  expect(args.exchangeServers.length > 0, who, "exchangeServers", args.exchangeServers, "at least one address");
  for (const key of ["domains", "exchangeServers", "probeSources"] as const) checkUnique(who, key, args[key]);
  if (args.exposure === Exposure.Staged && args.probeSources.length === 0) {
    const expected = 'at least one block while exposure is "staged", such as 198.51.100.7/32';
    refuse(who, "probeSources", args.probeSources, expected);
  }
  const privateAddress = whenKnown<string | undefined, string>(args.privateAddress, (known) =>
    checkAddress(who, known ?? addressAt(cidr, 10), cidr),
  );
  const exchangeServers = args.exchangeServers.map((server, i) =>
    whenKnown(server, (known) => checkServer(who, `exchangeServers[${i}]`, known, inside, cidr)),
  );
  return { ...args, privateAddress, exchangeServers };
}

function checkAddress(who: Owner, chosen: string, cidr: string): string {
  const expected = `an address inside the subnet ${cidr}, but for the first four and the last, which the cloud keeps`;
  expect(isUsable(chosen, cidr), who, "privateAddress", chosen, expected);
  return chosen;
}

function checkServer(who: Owner, path: string, server: string, inside: readonly string[], dmz: string): string {
  const held = isInside(server, inside) && !isInside(server, [dmz]);
  expect(held, who, path, server, `an address inside the network ${inside.join(", ")} and outside the DMZ ${dmz}`);
  return server;
}
