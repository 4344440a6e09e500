import { checkUnique, type Deferred, expect, type Owner } from "../args";
import { isInside } from "../schemas";
import { type ApprovedSender, checkInside, checkSenders } from "./senders";
import { type Flow, flowName, opens, smtpPorts } from "./shared";

/** What the arguments about Exchange say on every cloud. */
export interface ExchangeFlows {
  readonly networkCidrs: readonly string[];
  readonly connectedCidrs: readonly string[];
  readonly frontEnds: readonly Deferred<string>[];
  readonly approvedSenders: ApprovedSender[];
  readonly clientAccess: readonly Flow[];
  readonly egress: readonly Flow[];
}

/**
 * Checks the arguments against each other.
 * @returns them; an address that is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function checkExchange<T extends ExchangeFlows>(who: Owner, args: T): T {
  const inside = [...args.networkCidrs, ...args.connectedCidrs];
  expect(args.frontEnds.length > 0, who, "frontEnds", args.frontEnds, "at least one address");
  checkUnique(who, "frontEnds", args.frontEnds);
  const frontEnds = args.frontEnds.map((server, i) => checkInside(who, `frontEnds[${i}]`, server, inside));
  const approvedSenders = checkSenders(who, args.approvedSenders, inside);
  checkUnique(who, "clientAccess", args.clientAccess.map(flowName));
  checkUnique(who, "egress", args.egress.map(flowName));
  checkClientAccess(who, args.clientAccess, inside);
  checkEgress(who, args.egress, inside);
  return { ...args, frontEnds, approvedSenders };
}

function checkClientAccess(who: Owner, flows: readonly Flow[], inside: readonly string[]): void {
  for (const [i, it] of flows.entries()) {
    const path = `clientAccess[${i}]`;
    const ports = it.toPort === undefined ? (it.port ?? it.protocol) : `${it.port}-${it.toPort}`;
    expect(
      !opens(it, smtpPorts),
      who,
      `${path}.port`,
      ports,
      `no port of SMTP (${smtpPorts.join(", ")}): list who may open those in approvedSenders`,
    );
    expect(isInside(it.cidr, inside), who, `${path}.cidr`, it.cidr, `a block inside the network ${inside.join(", ")}`);
  }
}

/** R6: mail leaves through the front ends. */
function checkEgress(who: Owner, flows: readonly Flow[], inside: readonly string[]): void {
  for (const [i, it] of flows.entries()) {
    const held = isInside(it.cidr, inside) || !opens(it, [25]);
    expect(
      held,
      who,
      `egress[${i}].cidr`,
      it.cidr,
      `a block inside ${inside.join(", ")} where port 25 is open: mail leaves through the front ends`,
    );
  }
}
