import type { DnsRecord, DnsZone, Naming, PublicAddress } from "../../model/naming";
import { type ResourceSnapshot, Unknown, type Urn } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { items, text } from "../values";
import type { Interface } from "./interfaces";
import { addressHolders } from "./public-addresses";
import { EIP } from "./types";

const ZONE = new Set(["aws:route53/zone:Zone"]);
const RECORD = "aws:route53/record:Record";
const DOMAIN_NAME = "aws:ec2/eipDomainName:EipDomainName";

/** Elastic IPs with their PTR records (EC2 API, ModifyAddressAttribute), and the public zones of Route 53. */
export function lowerNaming(resources: Resources, interfaces: readonly Interface[]): Naming {
  const hostsOf = new Map<Urn, Urn>(
    interfaces.flatMap(({ resource, host }) => (host === null ? [] : [[resource.urn, host]])),
  );
  const names = resources.ofType(DOMAIN_NAME).flatMap((resource) => {
    const { certain } = resolve(resources, resource, "allocationId", resource.properties.allocationId, EIP);
    return certain.map((eip) => ({ eip: eip.urn, resource }));
  });
  return {
    addresses: resources.ofType(...EIP).map((eip): PublicAddress => {
      const name = names.find((item) => item.eip === eip.urn)?.resource;
      const address = eip.properties.publicIp;
      return {
        resource: eip,
        address: typeof address === "string" ? address : null,
        hosts: new Set(addressHolders(resources, eip).map((urn) => hostsOf.get(urn) ?? urn)),
        ptr: name === undefined ? null : { name: nameOf(text(name.properties.domainName)), at: name.urn },
      };
    }),
    zones: resources.ofType(...ZONE).flatMap((zone) => zoneOf(resources, zone)),
  };
}

/** A zone that is associated with a VPC is private. */
function zoneOf(resources: Resources, zone: ResourceSnapshot): DnsZone[] {
  const name = nameOf(text(zone.properties.name));
  if (zone.external || typeof name !== "string" || items(zone.properties.vpcs).length > 0) return [];
  const records = resources.ofType(RECORD).filter((record) => {
    const { certain, possible } = resolve(resources, record, "zoneId", record.properties.zoneId, ZONE);
    return [...certain, ...possible].includes(zone);
  });
  return [{ name, records: records.map((record) => recordOf(record, name)) }];
}

function recordOf(resource: ResourceSnapshot, zone: string): DnsRecord {
  const { name, type, records, aliases } = resource.properties;
  const alias = items(aliases).length > 0 ? [new Unknown([], "an alias")] : [];
  return {
    resource,
    name: within(nameOf(text(name)), zone),
    type: text(type) ?? new Unknown([], "not given"),
    values: [...items(records).map((value) => text(value) ?? ""), ...alias],
  };
}

/** The provider adds the name of the zone where it is missing. */
function within(name: string | Unknown, zone: string): string | Unknown {
  if (name instanceof Unknown || name === zone || name.endsWith(`.${zone}`)) return name;
  return name === "" || name === "@" ? zone : `${name}.${zone}`;
}

function nameOf(value: string | Unknown | undefined): string | Unknown {
  return value instanceof Unknown ? value : (value ?? "").toLowerCase().replace(/\.$/, "");
}
