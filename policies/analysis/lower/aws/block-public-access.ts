import type { Filter, Hop } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { text } from "../values";
import { SUBNET, VPC } from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/**
 * How a connection crosses the edge of a VPC: opened from outside, opened by an address of its own, or through a gateway that only
 * lets connections out.
 */
export type Crossing = "in" | "out" | "nat" | "egress-only";

/** VPC Block Public Access: the switch of an account and Region that closes Internet gateways, and who is exempt from it. */
export interface PublicAccess {
  /** The hops that judge a crossing for which all of some subnets must be open; none where nothing is switched on. */
  hops(subnets: readonly SubnetKey[], crossing: Crossing): readonly Hop[];
}

const OPTIONS = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions";
const EXCLUSION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion";

const NAME = "VPC Block Public Access";

/** What may apply to a subnet; more than one where a value is not known. */
interface Possible {
  readonly values: ReadonlySet<string>;
  readonly why: readonly Reason[];
}

/** EC2 API, VpcBlockPublicAccessOptions and VpcBlockPublicAccessExclusion; VPC User Guide, "Block public access to VPCs and subnets". */
export function lowerPublicAccess(resources: Resources, vpcs: Vpcs): PublicAccess {
  const options = resources.ofType(OPTIONS);
  const [first] = options;
  if (first === undefined) return { hops: () => [] };
  const exclusions = resources.ofType(EXCLUSION).map((item) => exclusionOf(resources, vpcs, item));
  // Resources of another provider may be in another Region.
  const providers = resources.ofType("pulumi:providers:aws").some(({ name }) => !name.startsWith("default"));

  const modeOf = (key: SubnetKey): Possible => {
    const region = regionOf(resources, vpcs, key);
    const values = new Set<string>();
    const why: Reason[] = [];
    let decided = false;
    for (const item of options) {
      const here = sameRegion(text(item.properties.region) ?? text(item.properties.awsRegion), region, providers);
      if (here === "no") continue;
      const mode = text(item.properties.internetGatewayBlockMode);
      const at = { urn: item.urn, path: "internetGatewayBlockMode" };
      if (typeof mode === "string") values.add(mode);
      else {
        for (const value of MODES) values.add(value);
        why.push({ text: `the mode of ${NAME} is not known yet`, at });
      }
      if (here === "maybe") why.push({ text: `whether ${NAME} is set for the Region of the subnet is not known`, at });
      else decided = true;
    }
    if (!decided) values.add("off");
    return { values, why };
  };

  const exemptionOf = (key: SubnetKey): Possible => {
    const { network, outside, name } = vpcs.subnet(key);
    const values = new Set<string>();
    const why: Reason[] = [];
    const modes = new Set<string>();
    for (const item of exclusions) {
      const names = (set: { certain: readonly string[]; possible: readonly string[] }, id: string) =>
        set.certain.includes(id) ? "yes" : set.possible.includes(id) ? "maybe" : "no";
      const [byVpc, bySubnet] = [names(item.networks, network), names(item.subnets, key)];
      if (byVpc === "no" && bySubnet === "no") continue;
      const at = { urn: item.resource.urn };
      if (byVpc !== "yes" && bySubnet !== "yes") {
        why.push({ text: `what the exclusion from ${NAME} names is not known`, at });
        for (const value of item.modes) values.add(value);
      } else if (item.modes.length > 1) {
        why.push({ text: `the mode of the exclusion from ${NAME} is not known yet`, at });
        for (const value of item.modes) values.add(value);
      } else for (const value of item.modes) modes.add(value);
    }
    const certain = modes.has("allow-bidirectional") ? "allow-bidirectional" : [...modes][0];
    values.add(certain ?? "none");
    if (outside !== null || !vpcs.network(network).created) {
      values.add("allow-bidirectional");
      why.push({ text: `whether ${name} is excluded from ${NAME} is not in the stack` });
    }
    return { values, why };
  };

  const hops = (subnets: readonly SubnetKey[], crossing: Crossing): readonly Hop[] => {
    const answers = new Set<boolean>();
    const why: Reason[] = [];
    for (const key of subnets) {
      const [mode, exemption] = [modeOf(key), exemptionOf(key)];
      why.push(...mode.why, ...exemption.why);
      for (const one of mode.values) for (const other of exemption.values) answers.add(passes(one, other, crossing));
    }
    if (!answers.has(false)) return [];
    if (why.length === 0 && answers.has(true))
      why.push({ text: `${NAME} excludes only a part of the subnets on the way`, at: { urn: first.urn } });
    const filters = answers.has(true) ? [filterOf(first, "deny"), filterOf(first, "allow")] : [filterOf(first, "deny")];
    return [{ kind: "filter", filters, leg: "request", step: "gateway", why: answers.has(true) ? why : [] }];
  };
  return { hops };
}

const MODES = ["off", "block-ingress", "block-bidirectional"] as const;

/** An exemption for egress applies only where both directions are blocked; a value that is none of these blocks nothing. */
function passes(mode: string, exemption: string, crossing: Crossing): boolean {
  if (exemption === "allow-bidirectional") return true;
  if (mode === "block-bidirectional") return exemption === "allow-egress" && crossing !== "in";
  if (mode === "block-ingress") return crossing === "nat" || crossing === "egress-only";
  return true;
}

function filterOf(options: ResourceSnapshot, otherwise: Filter["otherwise"]): Filter {
  return {
    id: `public-access:${options.urn}:${otherwise}`,
    name: NAME,
    at: { urn: options.urn },
    rules: [],
    otherwise,
  };
}

function exclusionOf(resources: Resources, vpcs: Vpcs, resource: ResourceSnapshot) {
  const { vpcId, subnetId, internetGatewayExclusionMode } = resource.properties;
  const mode = text(internetGatewayExclusionMode);
  const named = resolve(resources, resource, "vpcId", vpcId, VPC);
  return {
    resource,
    networks: named.absent ? { certain: [], possible: [] } : vpcs.networksOf(named),
    subnets: vpcs.subnetKeys(resolve(resources, resource, "subnetId", subnetId, SUBNET)),
    modes: typeof mode === "string" ? [mode] : ["allow-egress", "allow-bidirectional"],
  };
}

/** The Region of a subnet, as far as its own arguments or those of its VPC tell. */
function regionOf(resources: Resources, vpcs: Vpcs, key: SubnetKey): string | Unknown | undefined {
  const { resource, network } = vpcs.subnet(key);
  const home = vpcs.network(network).urn;
  return text(resource?.properties.region) ?? text(home === null ? undefined : resources.get(home)?.properties.region);
}

function sameRegion(
  a: string | Unknown | undefined,
  b: string | Unknown | undefined,
  providers: boolean,
): "yes" | "no" | "maybe" {
  if (a === undefined && b === undefined) return providers ? "maybe" : "yes";
  if (typeof a === "string" && typeof b === "string") return a === b ? "yes" : "no";
  return "maybe";
}
