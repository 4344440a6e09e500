import { addresses, noEndpoints } from "../../model/endpoints";
import type { Zone } from "../../model/network";
import type { ResourceSnapshot, Urn } from "../../model/snapshot";
import { between } from "../../net/bounds";
import { type Resources, resolve } from "../resources";
import { PRIVATE_V4 } from "./address-space";
import { BALANCER } from "./types";

/** A PrivateLink service in front of network load balancers: endpoints in other VPCs and accounts reach it. */
export interface EndpointService {
  readonly resource: ResourceSnapshot;
  readonly balancers: readonly Urn[];
}

/** PrivateLink Guide, "Share your services through AWS PrivateLink". Which load balancer is one of several is left open. */
export function lowerEndpointServices(resources: Resources): readonly EndpointService[] {
  return resources.ofType("aws:ec2/vpcEndpointService:VpcEndpointService").map((resource) => {
    const { networkLoadBalancerArns } = resource.properties;
    const named = resolve(resources, resource, "networkLoadBalancerArns", networkLoadBalancerArns, BALANCER);
    return { resource, balancers: [...named.certain, ...named.possible].map(({ urn }) => urn) };
  });
}

/** Its consumers: private networks that somebody else runs. Who they are is decided outside the stack, permission by permission. */
export function consumerZone({ resource }: EndpointService): Zone {
  const text = `consumers of endpoint service ${resource.name}`;
  const why = { text: `who the ${text} are is not in the stack`, at: { urn: resource.urn } };
  return {
    id: `consumers:${resource.urn}`,
    kind: "connected",
    resource: resource.urn,
    text,
    endpoints: between(noEndpoints, addresses(PRIVATE_V4), [why]),
  };
}
