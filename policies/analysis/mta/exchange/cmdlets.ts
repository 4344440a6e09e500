import type { Reason } from "../../model/provenance";
import { minus, plus, several, unknownList } from "./attributes";
import {
  bare,
  both,
  type Connector,
  type Edition,
  EVERY_ADDRESS,
  eitherConnector,
  identityOf,
  THIS_SERVER,
} from "./connector";
import { byKey, type Found, findConnectors, foreignConnector, serverName, withServer } from "./find";
import { eitherOrganisation, keyOf, type Organisation, withConnector, withoutConnector } from "./organisation";
import { changePermission } from "./permissions";
import type { Call } from "./powershell/call";
import type { Product, Session } from "./powershell/environment";
import { itemsOf, Opaque, Table, Thing, textOf, type Value } from "./powershell/values";
import { changeDomain, changeSendConnector } from "./routing";
import { Order } from "./session";
import * as signatures from "./signatures";

type Done = { readonly state: Organisation; readonly output: readonly Value[] };

/** Exchange's own commands, on the state of its connectors. */
export class Exchange implements Product<Organisation> {
  private readonly edition: Edition;

  constructor(edition: Edition) {
    this.edition = edition;
  }

  either(a: Organisation, b: Organisation, why: Reason): Organisation {
    return eitherOrganisation(a, b, why);
  }

  run(call: Call, state: Organisation, session: Session): Done | null {
    switch (call.name) {
      case "new-receiveconnector":
        return this.create(new Order(call, session, signatures.newReceiveConnector), state);
      case "set-receiveconnector":
        return this.each(new Order(call, session, signatures.setReceiveConnector), state, configured);
      case "remove-receiveconnector":
        return this.remove(new Order(call, session, signatures.removeByIdentity), state);
      case "get-receiveconnector":
        return this.get(new Order(call, session, signatures.getReceiveConnector), state);
      case "add-adpermission":
      case "remove-adpermission":
        return this.permit(new Order(call, session, signatures.adPermission), state, call.name === "add-adpermission");
      case "new-accepteddomain":
      case "set-accepteddomain":
      case "remove-accepteddomain":
        return { state: changeDomain(call, session, state), output: [] };
      case "new-sendconnector":
      case "set-sendconnector":
      case "remove-sendconnector":
        return { state: changeSendConnector(call, session, state), output: [] };
      default:
        return null;
    }
  }

  private create(order: Order, before: Organisation): Done {
    const given = order.text("name") ?? new Opaque("a connector without a name");
    const name = given instanceof Opaque ? `(line ${order.call.line})` : given.replace(/^[^\\]*\\/, "");
    const asked =
      order.text("server") ??
      (typeof given === "string" && given.includes("\\") ? given.slice(0, given.indexOf("\\")) : THIS_SERVER);
    if (asked instanceof Opaque) order.doubt(`the server of the connector is not known: ${order.call.text}`);
    const server = asked instanceof Opaque ? THIS_SERVER : serverName(asked);
    const state = withServer(before, server, this.edition, order.line.at ?? { urn: "" });
    if (order.isDry) return { state, output: [] };
    const blank = { ...bare(name, server, order.line.at ?? { urn: "" }), ...usage(order) };
    const made = configured(blank, order);
    // A second one of the same name is refused: either stands.
    const old = state.connectors.get(keyOf(made));
    const connector =
      old === undefined || !old.certain
        ? made
        : eitherConnector(made, old, {
            text: "a connector of this name exists already",
            ...(order.line.at && { at: order.line.at }),
          });
    return { state: withConnector(state, connector), output: [objectOf(connector)] };
  }

  private get(order: Order, before: Organisation): Done {
    const server = order.text("server");
    const state =
      typeof server === "string"
        ? withServer(before, serverName(server), this.edition, order.line.at ?? { urn: "" })
        : before;
    if (order.value("identity") === undefined && order.call.input === null) {
      const all = [...state.connectors.values()];
      if (server instanceof Opaque) return { state, output: [server] };
      // Without a server all of the organisation are meant, of which the script's own are known.
      const here =
        server === undefined ? all : all.filter((it) => it.server.toLowerCase() === serverName(server).toLowerCase());
      // What another server has beside its own connectors is nowhere in the program.
      const others = typeof server === "string" && serverName(server) !== THIS_SERVER;
      const output = here.map(objectOf);
      return { state, output: others ? [...output, new Opaque("connectors that exist already")] : output };
    }
    const output: Value[] = [];
    let after = state;
    for (const target of targets(order)) {
      if (target instanceof Opaque) {
        output.push(target);
        continue;
      }
      const found = this.find(after, target, order);
      after = found.state;
      output.push(...found.connectors.map(objectOf));
      if (found.missing !== null) output.push(new Thing(identityOf(found.missing), propertiesOf(found.missing), false));
    }
    return { state: after, output };
  }

  private remove(order: Order, before: Organisation): Done {
    let state = before;
    for (const target of targets(order)) {
      if (order.isDry) break;
      if (target instanceof Opaque) {
        // It may be any of them.
        for (const it of state.connectors.values())
          if (it.certain) state = withConnector(state, { ...it, certain: false });
        order.doubt(`which connector is removed is not known: ${order.call.text}`);
        continue;
      }
      const found = this.find(state, target, order);
      state = found.connectors.reduce((sum, it) => withoutConnector(sum, keyOf(it)), found.state);
    }
    return { state, output: [] };
  }

  private permit(order: Order, state: Organisation, grants: boolean): Done {
    const change = changePermission(order, grants);
    return change === null ? { state, output: [] } : this.each(order, state, change);
  }

  /** Changes every connector that the command names, or that the pipeline brings. */
  private each(order: Order, before: Organisation, change: (connector: Connector, order: Order) => Connector): Done {
    let state = before;
    for (const target of targets(order)) {
      if (order.isDry) break;
      if (target instanceof Opaque) {
        state = this.perhapsAny(order, state, target, change);
        continue;
      }
      const found = this.find(state, target, order);
      state = found.state;
      const meant = found.missing === null ? found.connectors : [found.missing];
      for (const connector of meant) {
        const changed = change(connector, order);
        // A new name is a new key.
        if (keyOf(changed) !== keyOf(connector)) state = withoutConnector(state, keyOf(connector));
        state = withConnector(state, changed);
      }
    }
    return { state, output: [] };
  }

  /** Which connector is meant is not known: it may be any, or one that is not in the program. */
  private perhapsAny(
    order: Order,
    before: Organisation,
    target: Opaque,
    change: (connector: Connector, order: Order) => Connector,
  ): Organisation {
    const why = order.reason(new Opaque(`which connector is meant is not known (${target.why})`));
    let state = before;
    const candidates = this.candidates(state, target, order);
    for (const connector of candidates ?? before.connectors.values()) {
      const changed = change(connector, order);
      if (changed !== connector)
        state = withConnector(state, eitherConnector({ ...changed, name: connector.name }, connector, why));
    }
    if (candidates !== null) return state;
    const blank = foreignConnector(`(line ${order.call.line})`, THIS_SERVER, order.line.at ?? { urn: "" });
    const other = change(blank, order);
    // Logs and delays open nothing.
    const matters = Object.keys(other.set).some((property) => !["logging", "tarpit", "requireTls"].includes(property));
    return matters ? withConnector(state, { ...other, name: blank.name, certain: false }) : state;
  }

  /** The connectors that an unknown value is one of; null if it may be any. */
  private candidates(state: Organisation, target: Opaque, order: Order): readonly Connector[] | null {
    if (target.among === null) return null;
    const found: Connector[] = [];
    for (const item of target.among) {
      if (!(item instanceof Thing) && typeof item !== "string") return null;
      const { connectors, missing } = this.find(state, item, order);
      if (missing !== null || connectors.length === 0) return null;
      found.push(...connectors);
    }
    return found;
  }

  private find(state: Organisation, target: string | Thing, order: Order): Found {
    const at = order.line.at ?? { urn: "" };
    if (target instanceof Thing) {
      const connector = byKey(state, target.identity);
      if (connector !== undefined) return { state, connectors: [connector], missing: null };
      return findConnectors(state, target.identity, this.edition, at);
    }
    return findConnectors(state, target, this.edition, at);
  }
}

/** What a command acts on: its identity, else what the pipeline brings. */
function targets(order: Order): (string | Thing | Opaque)[] {
  const identity = order.value("identity");
  const from = identity === undefined ? (order.call.input ?? []) : itemsOf(identity);
  if (identity === null) return [new Opaque("an empty identity")];
  return from.map((item) => {
    if (item instanceof Thing) return item;
    if (item instanceof Table) {
      const text = textOf(item.get("identity") ?? item.get("name") ?? new Opaque("an object"));
      return text;
    }
    const text = textOf(item);
    return typeof text === "string" && text.trim() === "" ? new Opaque("an empty identity") : text;
  });
}

/** Source: Microsoft, "Receive connectors" (Receive connector usage types). */
function usage(order: Order): Partial<Connector> {
  const named = order.text("usage");
  const flagged = ["custom", "internet", "internal", "client", "partner"].find((it) => order.value(it) !== undefined);
  if (named instanceof Opaque) {
    const why = order.reason(named);
    return { auth: unknownList(why), groups: unknownList(why) };
  }
  switch ((named ?? flagged ?? "custom").toLowerCase()) {
    case "client":
      return {
        bindings: several(...both(587)),
        auth: several("Tls", "BasicAuth", "BasicAuthRequireTLS", "Integrated"),
        groups: several("ExchangeUsers"),
      };
    case "internet":
      return {
        bindings: several(...both(25)),
        ranges: several(EVERY_ADDRESS[0] as string),
        groups: several("AnonymousUsers"),
      };
    case "internal":
      return {
        bindings: several(...both(25)),
        auth: several("Tls", "ExchangeServer"),
        groups: several("ExchangeServers", "ExchangeLegacyServers"),
      };
    case "partner":
      return { bindings: several(...both(25)), groups: several("Partners") };
    default: {
      // Bindings and ranges are mandatory: without them Exchange refuses the connector.
      const missing = (what: string) =>
        unknownList({ text: `no ${what} given: ${order.call.text}`, ...(order.line.at && { at: order.line.at }) });
      return {
        bindings: order.value("bindings") === undefined ? missing("bindings are") : several(...both(25)),
        ranges:
          order.value("remoteipranges") === undefined ? missing("remote IP ranges are") : several(...EVERY_ADDRESS),
      };
    }
  }
}

const tracked = {
  bindings: "bindings",
  remoteipranges: "ranges",
  authmechanism: "auth",
  permissiongroups: "groups",
  protocollogginglevel: "logging",
  tarpitinterval: "tarpit",
  requiretls: "requireTls",
  enabled: "enabled",
} as const;

/** A connector after `New-` or `Set-ReceiveConnector`. */
function configured(connector: Connector, order: Order): Connector {
  const list = (name: string, before: Connector["ranges"]) => order.changed(name, before, plus, minus);
  const set = Object.fromEntries(
    Object.entries(tracked).flatMap(([parameter, property]) =>
      order.value(parameter) === undefined ? [] : [[property, order.line]],
    ),
  );
  const renamed = order.text("name");
  const groups = list("permissiongroups", connector.groups);
  return {
    ...connector,
    ...(typeof renamed === "string" && renamed !== "" ? { name: renamed.replace(/^[^\\]*\\/, "") } : {}),
    bindings: list("bindings", connector.bindings),
    ranges: list("remoteipranges", connector.ranges),
    auth: list("authmechanism", connector.auth),
    // `Custom` only says that there are direct grants.
    groups: { ...groups, has: groups.has.filter((it) => !/^(?:custom|none)$/i.test(it)) },
    logging: order.scalar("protocollogginglevel", connector.logging),
    tarpit: order.scalar("tarpitinterval", connector.tarpit),
    requireTls: order.flag("requiretls", connector.requireTls),
    enabled: order.flag("enabled", connector.enabled),
    set: { ...connector.set, ...set },
  };
}

/** A connector as an object in the pipeline. */
function objectOf(connector: Connector): Value {
  return connector.certain
    ? new Thing(identityOf(connector), propertiesOf(connector), true)
    : new Opaque("a connector that may not exist");
}

function propertiesOf(connector: Connector): Table {
  const list = ({ has, open }: Connector["ranges"]): Value =>
    open.length === 0 ? has : [...has, new Opaque(open[0]?.text ?? "not known")];
  const scalar = (it: Connector["logging"] | Connector["enabled"]): Value =>
    "value" in it ? it.value : new Opaque(it.open[0]?.text ?? "not known");
  return new Table([
    ["Identity", identityOf(connector)],
    ["Name", connector.name],
    ["Server", connector.server],
    ["DistinguishedName", `CN=${connector.name},CN=SMTP Receive Connectors,CN=Protocols,CN=${connector.server}`],
    ["Bindings", list(connector.bindings)],
    ["RemoteIPRanges", list(connector.ranges)],
    ["AuthMechanism", texts(list(connector.auth))],
    ["PermissionGroups", texts(list(connector.groups))],
    ["ProtocolLoggingLevel", scalar(connector.logging)],
    ["TarpitInterval", scalar(connector.tarpit)],
    ["RequireTLS", scalar(connector.requireTls)],
    ["Enabled", scalar(connector.enabled)],
  ]);
}

/** Flags print as one text. */
function texts(list: Value): Value {
  const items = itemsOf(list);
  const unknown = items.find((it) => it instanceof Opaque);
  return unknown ?? (items.length === 0 ? "None" : items.map(String).join(", "));
}
