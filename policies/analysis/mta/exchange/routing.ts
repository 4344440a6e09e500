import type { AcceptedDomain, Organisation, SmartHost } from "./organisation";
import type { Call } from "./powershell/call";
import type { Session } from "./powershell/environment";
import { itemsOf, Opaque, Table, Thing, textOf, type Value, wildcard } from "./powershell/values";
import { Order } from "./session";
import * as signatures from "./signatures";

/** `New-`, `Set-` and `Remove-AcceptedDomain`: the domains whose mail is taken from everybody. */
export function changeDomain(call: Call, session: Session, state: Organisation): Organisation {
  const makes = call.name.startsWith("new-");
  const order = new Order(
    call,
    session,
    makes
      ? signatures.newAcceptedDomain
      : call.name.startsWith("remove-")
        ? signatures.removeByIdentity
        : signatures.acceptedDomain,
  );
  if (order.isDry) return state;
  const domains = new Map(state.domains);
  if (makes) {
    const domain = order.text("domainname") ?? order.text("name");
    const name = order.text("name");
    const key = typeof name === "string" ? name : `(line ${call.line})`;
    domains.set(key.toLowerCase(), {
      name: key,
      domain: typeof domain === "string" ? domain : null,
      // Source: Microsoft, New-AcceptedDomain: Authoritative unless said otherwise.
      type: order.scalar("domaintype", { value: "Authoritative" }),
      certain: true,
      line: order.line,
    });
    return { ...state, domains };
  }
  for (const target of targetsOf(order)) {
    const meant = [...domains].filter(
      ([key, it]) => target instanceof Opaque || matches(target, key) || matches(target, it.domain ?? ""),
    );
    for (const [key, it] of meant) {
      if (call.name.startsWith("set-")) domains.set(key, withType(it, order, target instanceof Opaque));
      else if (target instanceof Opaque) domains.set(key, { ...it, certain: false });
      else domains.delete(key);
    }
    // A domain that exists already may be turned into a relay domain.
    if (meant.length === 0 && call.name.startsWith("set-") && typeof target === "string")
      domains.set(
        target.toLowerCase(),
        withType(
          { name: target, domain: target, type: { value: "Authoritative" }, certain: true, line: order.line },
          order,
          false,
        ),
      );
  }
  return { ...state, domains };
}

function withType(domain: AcceptedDomain, order: Order, perhaps: boolean): AcceptedDomain {
  if (order.value("domaintype") === undefined) return domain;
  const type = perhaps ? { open: [order.line] } : order.scalar("domaintype", domain.type);
  return { ...domain, type, line: order.line };
}

/** `New-` and `Set-SendConnector`: where mail may be handed on to. A connector never closes a way. */
export function changeSendConnector(call: Call, session: Session, state: Organisation): Organisation {
  if (call.name.startsWith("remove-")) return state;
  const order = new Order(
    call,
    session,
    call.name.startsWith("new-") ? signatures.newSendConnector : signatures.sendConnector,
  );
  const hosts = order.value("smarthosts");
  if (order.isDry || hosts === undefined) return state;
  const port = Number(textOf(order.value("port") ?? 25));
  const known = Number.isInteger(port) && port > 0 && port < 65536 ? port : null;
  const found = hosts instanceof Table ? hosts.pairs().flatMap(([, value]) => itemsOf(value)) : itemsOf(hosts);
  const smartHosts = found.flatMap((item): SmartHost[] => {
    const text = textOf(item);
    if (text instanceof Opaque) return [{ host: null, port: known, line: order.line }];
    return text
      .split(",")
      .map((host) => host.trim().replace(/^\[|\]$/g, ""))
      .filter((host) => host !== "")
      .map((host) => ({ host, port: known, line: order.line }));
  });
  return { ...state, smartHosts: [...state.smartHosts, ...smartHosts] };
}

function targetsOf(order: Order): (string | Opaque)[] {
  const identity = order.value("identity");
  const items: readonly Value[] = identity === undefined ? (order.call.input ?? []) : itemsOf(identity);
  return items.map((item) =>
    item instanceof Thing ? item.identity : item instanceof Table ? new Opaque("an object") : textOf(item),
  );
}

function matches(target: string, name: string): boolean {
  if (name === "") return false;
  // The domain `*` is a name here, before it is a pattern.
  if (target.toLowerCase() === name.toLowerCase()) return true;
  return target.length > 1 && wildcard(target)?.test(name) === true;
}
