import { allAddresses, isEmpty, noAddresses, subtract } from "../net/addr";
import * as bounds from "../net/bounds";
import type { HostMta, RelayAnswer } from "./answer";
import { mergedPractice } from "./practice";
import { between, type Clients, either } from "./sets";

type Known = Extract<HostMta, { kind: "known" }>;

/** One of several configurations is the one that counts, and nobody knows which; `text` says why. */
export function merged(known: readonly Known[], text: string): HostMta {
  const [first, ...rest] = known;
  if (first === undefined) return { kind: "none" };
  if (rest.length === 0) return first;
  const keys = new Set(known.flatMap((it) => it.answers.map(keyOf)));
  const answers = [...keys].map((key): RelayAnswer => {
    const found = known.map((it) => it.answers.filter((answer) => keyOf(answer) === key));
    const one = found.flat()[0] as RelayAnswer;
    const all = found.flat();
    const must = found.some((some) => some.length === 0)
      ? noAddresses
      : all.reduce((sum, it) => subtract(sum, subtract(allAddresses, it.relays.must)), allAddresses);
    const may = all.reduce<Clients>(
      (sum, it) => either(sum, bounds.exactly(it.relays.may)),
      bounds.exactly(noAddresses),
    ).may;
    const claims = all.reduce<Clients>(
      (sum, it) => either(sum, it.claims ?? bounds.exactly(noAddresses)),
      bounds.exactly(noAddresses),
    );
    const why = { text, at: one.trace[0]?.at ?? { urn: "" } };
    const practice = mergedPractice(
      found.map((some) => some[0]?.practice),
      why,
    );
    return {
      port: one.port,
      loopbackOnly: one.loopbackOnly,
      relays: between(must, may, why),
      ...(isEmpty(claims.may) ? {} : { claims }),
      ...(all.every((it) => it.expectsProxyHeader === true) ? { expectsProxyHeader: true } : {}),
      trace: all.flatMap((it) => it.trace),
      ...(practice === undefined ? {} : { practice }),
    };
  });
  const forwards = known.flatMap((it) => it.forwards ?? []);
  const unknownHops = known.flatMap((it) => it.unknownHops ?? []);
  return {
    kind: "known",
    answers,
    nextHops: known.flatMap((it) => it.nextHops),
    ...(unknownHops.length > 0 ? { unknownHops } : {}),
    ...(forwards.length > 0 ? { forwards } : {}),
    ...(known.every((it) => it.heloName?.name === first.heloName?.name) && first.heloName !== undefined
      ? { heloName: first.heloName }
      : {}),
  };
}

function keyOf(answer: RelayAnswer): string {
  return `${answer.port} ${answer.loopbackOnly}`;
}
