import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { DnsPlan } from "./dns-args";

/** Records of the mail domains: after the front ends that they name, and gone before them. */
export function createDomainRecords(
  name: string,
  { records, ttl }: DnsPlan,
  frontEnds: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): void {
  for (const { zoneId, record } of records) {
    const { key, type, values } = record;
    new aws.route53.Record(
      `${name}-${key}`,
      { zoneId, name: record.name, type, ttl, records: type === "TXT" ? values.map(inStrings) : [...values] },
      { parent, dependsOn: [...frontEnds] },
    );
  }
}

/**
 * A TXT value longer than 255 characters is several strings; the provider puts the outer quotes around it. Route 53 Developer Guide,
 * "TXT record type".
 */
function inStrings(value: string): string {
  return (value.match(/.{1,255}/g) ?? []).join('""');
}

/** What names an address: its A record, and then its PTR record, which AWS sets only while the A record agrees with it. */
export function createName(
  name: string,
  zoneId: pulumi.Input<string>,
  hostname: pulumi.Input<string>,
  address: aws.ec2.Eip,
  parent: pulumi.Resource,
): void {
  const record = new aws.route53.Record(
    `${name}-a`,
    { zoneId, name: hostname, type: "A", ttl: 3600, records: [address.publicIp] },
    { parent },
  );
  new aws.ec2.EipDomainName(
    `${name}-ptr`,
    { allocationId: address.allocationId, domainName: hostname },
    { parent, dependsOn: [record] },
  );
}
