import type { RelayAnswer } from "../../../policies/analysis/mta/answer";
import { isSubset } from "../../../policies/analysis/net/addr";
import { parseCidr, toCidrs } from "../../../policies/analysis/net/cidr";
import { type Attempt, type Host, type Identities, loopbacks, named, sources } from "./host";
import { type Configuration, forTheLab } from "./postfix-files";

export async function install(host: Host, configuration: Configuration): Promise<void> {
  await host.write({
    "/etc/postfix/main.cf": forTheLab + configuration.main,
    "/etc/postfix/master.cf": configuration.master,
    ...configuration.files,
  });
  for (const path of configuration.compiled ?? []) await host.run(["postmap", path]);
}

/** Runs the Postfix that is configured, hands it over, and ends it. */
export async function running<T>(host: Host, use: (log: () => Promise<string>) => Promise<T>): Promise<T> {
  await host.write({ "/var/log/mail.log": "" });
  // What `postfix start` ends with, after checks of the installation that take longer than everything else here.
  const { output } = await host.run(["/usr/lib/postfix/sbin/master", "-w"]);
  try {
    return await use(async () => output + ((await host.read("/var/log/mail.log")) ?? ""));
  } finally {
    await host.killAll();
    await host.sh(
      "cd /var/spool/postfix && find pid public private incoming active deferred maildrop ! -type d -delete",
    );
  }
}

export interface Observation {
  readonly from: string;
  readonly attempt: Attempt;
}

/** Tries every source address on a port. A service that dies at its start is not tried again. */
export async function observe(
  host: Host,
  port: number,
  identities: Identities,
  log: () => Promise<string>,
  prelude: readonly string[] = [],
): Promise<Observation[]> {
  const result: Observation[] = [];
  let dead: Attempt | null = null;
  for (const from of [...loopbacks, ...sources]) {
    let attempt: Attempt = dead ?? (await host.probe(from, port, identities, { prelude }));
    if (dead === null && attempt.broken === true) {
      if (/fatal: /.test(await log())) dead = attempt;
      else if (/no answer/.test(attempt.last))
        attempt = await host.probe(from, port, identities, { prelude, patience: 20_000 });
    }
    result.push({ from, attempt });
  }
  return result;
}

/**
 * Where what was observed contradicts an answer, in words; nothing if it does not. Mail that is taken and goes nowhere was not relayed.
 */
export async function contradictions(
  host: Host,
  answer: RelayAnswer,
  observations: readonly Observation[],
): Promise<string[]> {
  const wrong: string[] = [];
  let delivers: boolean | null = null;
  for (const { from, attempt } of observations) {
    const address = parseCidr(from);
    if (address === null) throw new Error(`${from} is no address`);
    const said = `must ${toCidrs(answer.relays.must).slice(0, 6).join(" ")}, may ${toCidrs(answer.relays.may).slice(0, 6).join(" ")}`;
    if (attempt.accepted && !isSubset(address, answer.relays.may)) {
      const { greeting, sender, recipient = "" } = attempt;
      delivers ??= await host.arrived(recipient);
      if (delivers) wrong.push(`${from} relays (HELO ${greeting}, from <${sender}>, to <${recipient}>), but: ${said}`);
    }
    // A service that is not bound to loopback has no clients from there.
    if (attempt.broken === true && /ECONNREFUSED/.test(attempt.last) && (loopbacks as readonly string[]).includes(from))
      continue;
    // Whoever has a name of his own could do without.
    if (from in named && /unknown/.test(JSON.stringify(answer.trace.concat(answer.relays.why)))) continue;
    if (!attempt.accepted && isSubset(address, answer.relays.must))
      wrong.push(`${from} does not relay (${attempt.last}), but: ${said}`);
  }
  return wrong;
}
