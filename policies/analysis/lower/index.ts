import type { MailNetwork } from "../model/network";
import { lowerAws } from "./aws";
import type { Resources } from "./resources";

/** Lowers a stack's resources to the neutral model. Pure: equal snapshots give equal networks. */
export function lower(resources: Resources): MailNetwork {
  return lowerAws(resources);
}
