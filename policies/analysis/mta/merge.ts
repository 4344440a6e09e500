import { allAddresses, isEmpty, noAddresses, subtract } from "../net/addr";
import * as bounds from "../net/bounds";
import type { HostMta, RelayAnswer } from "./answer";
import { mergedPractice } from "./practice";
import { between, type Clients, either as union } from "./sets";

type Known = Extract<HostMta, { kind: "known" }>;

/** One of several configurations is the one that counts, and nobody knows which; `text` says why. */
export function merged(known: readonly [Known, ...Known[]], text: string): Known {
  const [first, ...rest] = known;
  if (rest.length === 0) return first;
  const keys = new Set(known.flatMap((it) => it.answers.map(keyOf)));
  const answers = [...keys].map((key): RelayAnswer => {
    const found = known.map((it) => it.answers.filter((answer) => keyOf(answer) === key));
    return either(
      found.flat(),
      text,
      found.every((some) => some.length > 0),
    );
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

/** Of several answers on one port one, whose bounds hold whichever of them counts; `text` says why there are several. */
export function onePerPort(answers: readonly RelayAnswer[], text: string): RelayAnswer[] {
  const keys = new Set(answers.map(keyOf));
  return [...keys].map((key) =>
    either(
      answers.filter((answer) => keyOf(answer) === key),
      text,
      true,
    ),
  );
}

/** One of several answers; `certain` if one of them counts in any case. */
function either(all: readonly RelayAnswer[], text: string, certain: boolean): RelayAnswer {
  const [one] = all;
  if (one === undefined) throw new Error("there is no answer to choose from");
  if (all.length === 1 && certain) return one;
  const none = bounds.exactly(noAddresses);
  const must = certain
    ? all.reduce((sum, it) => subtract(sum, subtract(allAddresses, it.relays.must)), allAddresses)
    : noAddresses;
  const may = all.reduce<Clients>((sum, it) => union(sum, bounds.exactly(it.relays.may)), none).may;
  const claims = all.reduce<Clients>((sum, it) => union(sum, it.claims ?? none), none);
  const outage = certain && all.every((it) => it.outage !== undefined) ? one.outage : undefined;
  const why = { text, at: one.trace[0]?.at ?? { urn: "" } };
  const practices = all.map((it) => it.practice);
  const practice = mergedPractice(certain ? practices : [...practices, undefined], why);
  return {
    port: one.port,
    loopbackOnly: one.loopbackOnly,
    relays: between(must, may, why),
    ...(isEmpty(claims.may) ? {} : { claims }),
    ...(all.every((it) => it.expectsProxyHeader === true) ? { expectsProxyHeader: true } : {}),
    ...(outage === undefined ? {} : { outage }),
    trace: all.flatMap((it) => it.trace),
    ...(practice === undefined ? {} : { practice }),
  };
}

function keyOf(answer: RelayAnswer): string {
  return `${answer.port} ${answer.loopbackOnly}`;
}
