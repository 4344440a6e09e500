import { toCidrs } from "../net/cidr";
import { SMTP_PORTS } from "../reach/flows";
import { names } from "./exposure";
import type { Perimeter } from "./perimeter";
import type { ApprovedSenders } from "./report";
import { approvedSenders } from "./trust";

const nobody = { urns: new Set<string>() };

/** Who may open SMTP to internal mail servers, as `exchange-approved-senders` takes it; ports with the same answer are one row. */
export function approvedRows(perimeter: Perimeter): ApprovedSenders[] {
  const rows = new Map<string, { ports: number[]; sources: string[] }>();
  for (const port of SMTP_PORTS) {
    const set = approvedSenders(perimeter, "exchange-approved-senders", port);
    const sources = [...toCidrs(set.addr), ...names(perimeter.network, nobody, set)];
    const key = sources.join(" ");
    const row = rows.get(key) ?? { ports: [], sources };
    row.ports.push(port);
    rows.set(key, row);
  }
  return [...rows.values()];
}
