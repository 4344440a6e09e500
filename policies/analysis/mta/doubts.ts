import type { Reason } from "../model/provenance";
import { allAddresses, isEmpty, noAddresses, subtract } from "../net/addr";
import * as bounds from "../net/bounds";
import type { HostMta, RelayAnswer } from "./answer";

type Known = Extract<HostMta, { kind: "known" }>;

/** Ports that a mail server may listen on where its configuration is not known. */
const USUAL_PORTS = [25, 465, 587, 2525];

/**
 * What can be read of a host, beside something that cannot. What is not read may let anybody relay on any port, and takes nothing
 * back that stands open in what is read.
 * @param unread why there may be more than what is read; not empty
 */
export function doubted(known: Known, unread: readonly Reason[]): Known {
  const answers = known.answers.map(({ outage: _, ...answer }): RelayAnswer => {
    const why = bounds.mergeReasons([...answer.relays.why, ...unread]);
    const open = isEmpty(subtract(allAddresses, answer.relays.must));
    return open ? answer : { ...answer, relays: bounds.between(answer.relays.must, allAddresses, why) };
  });
  const heard = new Set(answers.filter((answer) => !answer.loopbackOnly).map(({ port }) => port));
  const silent = USUAL_PORTS.filter((port) => !heard.has(port)).map(
    (port): RelayAnswer => ({
      port,
      loopbackOnly: false,
      relays: bounds.between(noAddresses, allAddresses, unread),
      trace: unread,
    }),
  );
  return {
    ...known,
    answers: [...answers, ...silent],
    unknownHops: bounds.mergeReasons([...(known.unknownHops ?? []), ...unread]),
    unread,
  };
}
