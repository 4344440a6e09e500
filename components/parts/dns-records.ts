/** DNS records of front ends and of the domains that they receive for, as plain data. */

export interface DnsRecordSet {
  /** What the name of the resource adds to the component's. */
  readonly key: string;
  /** Full name, without a final dot. */
  readonly name: string;
  readonly type: "MX" | "TXT" | "CNAME";
  readonly values: readonly string[];
}

/** What the records of one domain follow from. */
export interface DomainRecordSettings {
  readonly domain: string;
  readonly hostnames: readonly string[];
  /** Whether other mail servers are told to deliver here. */
  readonly live: boolean;
  readonly spf: string | undefined;
  readonly dmarc: string | undefined;
  readonly tlsReports: string | undefined;
  readonly mtaSts: { readonly policyId: string; readonly policyHost: string } | undefined;
  /** TXT values of others at the domain, which share the record set with SPF. */
  readonly texts: readonly string[];
}

/**
 * Records of a domain. MX records are equal in preference, so that senders spread over the front ends (RFC 5321, 5.1), and there only
 * once the front ends are live. SPF: RFC 7208; DMARC: RFC 7489; TLS reports: RFC 8460; MTA-STS: RFC 8461.
 */
export function domainRecords(it: DomainRecordSettings): DnsRecordSet[] {
  const { domain, hostnames, mtaSts } = it;
  const record = (type: DnsRecordSet["type"], label: string, ...values: string[]): DnsRecordSet => {
    const name = label === "" ? domain : `${label}.${domain}`;
    return { key: `${type.toLowerCase()}-${name}`, name, type, values };
  };
  return [
    ...(it.live ? [record("MX", "", ...hostnames.map((host) => `10 ${host}.`))] : []),
    record("TXT", "", it.spf ?? defaultSpf(hostnames), ...it.texts),
    record("TXT", "_dmarc", it.dmarc ?? `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`),
    ...(it.tlsReports === undefined ? [] : [record("TXT", "_smtp._tls", `v=TLSRPTv1; rua=mailto:${it.tlsReports}`)]),
    ...(mtaSts === undefined
      ? []
      : [
          record("TXT", "_mta-sts", `v=STSv1; id=${mtaSts.policyId}`),
          record("CNAME", "mta-sts", `${mtaSts.policyHost}.`),
        ]),
  ];
}

/** By the names of the front ends and not by `mx`: it must hold before there are MX records. */
function defaultSpf(hostnames: readonly string[]): string {
  return ["v=spf1", ...hostnames.map((host) => `a:${host}`), "-all"].join(" ");
}

/** The zone of a name: the one with the longest domain that the name is, or lies in. */
export function zoneOf<T>(name: string, zones: Readonly<Record<string, T>>): T | undefined {
  const fits = Object.keys(zones).filter((zone) => name === zone || name.endsWith(`.${zone}`));
  const [longest] = fits.sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : zones[longest];
}
