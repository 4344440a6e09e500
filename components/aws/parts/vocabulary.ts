import { approvedSendersOf } from "../../parts/senders";
import { flowsOf, networkCidrsOf, subnetOf } from "../../parts/shared";
import { reason, vpcCidr } from "../../schemas";

/** The arguments that mean the same on every cloud, in the blocks and descriptions that AWS accepts. */

export const subnet = subnetOf(vpcCidr);
export const networkCidrs = networkCidrsOf(vpcCidr);
export const flows = flowsOf(reason);
export const approvedSenders = approvedSendersOf(reason);
