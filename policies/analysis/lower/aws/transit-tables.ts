import type { ResourceSnapshot } from "../../model/snapshot";
import { Unknown } from "../../model/snapshot";
import type { AddrSet } from "../../net/addr";
import { intersect, union } from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { cidr, parseCidr, toCidrs } from "../../net/cidr";
import { type Answer, type Route, type Routes, toward } from "../longest-prefix";
import { type References, type Resources, resolve, resolveOwner } from "../resources";
import { flag, text } from "../values";
import { prefixListBlocks } from "./prefix-lists";
import type { Attachment } from "./transit";
import * as types from "./types";

const TABLE = new Set(["aws:ec2transitgateway/routeTable:RouteTable"]);
/** A table's id, or an output of the gateway that holds that of its default table. */
const TABLE_REFERENCE = new Set([...TABLE, ...types.TRANSIT_GATEWAY]);

/** Where a route of a transit gateway leads: an attachment, nowhere, or what cannot be told. */
interface Next {
  readonly attachment: ResourceSnapshot | null;
  readonly sure: boolean;
}

type Table = ResourceSnapshot;

/** The route tables of a transit gateway; the gateway stands for its own default table. Transit Gateways Guide, "Route tables". */
export class TransitTables {
  private readonly resources: Resources;
  private readonly gateway: ResourceSnapshot;
  private readonly attachments: readonly Attachment[];
  private readonly memo = new Map<Table, Routes<Next>>();

  constructor(resources: Resources, gateway: ResourceSnapshot, attachments: readonly Attachment[]) {
    this.resources = resources;
    this.gateway = gateway;
    this.attachments = attachments;
  }

  /** What is sent from one attachment to another. */
  forwards(from: Attachment, to: Attachment): Bounds<AddrSet> {
    const options = this.tablesOf(from).map((table) => this.sent(table, to));
    const [first, ...rest] = options;
    if (first === undefined) return exactly({ v4: [], v6: [] });
    if (rest.length === 0) return first;
    const why = { text: `which route table ${from.resource.name} has is not known`, at: { urn: from.resource.urn } };
    return rest.reduce(
      (set, option) =>
        between(
          intersect(set.must, option.must),
          union(set.may, option.may),
          mergeReasons([...set.why, ...option.why]),
        ),
      between(first.must, first.may, [...first.why, why]),
    );
  }

  private sent(table: Table | null, to: Attachment): Bounds<AddrSet> {
    const nothing = exactly<AddrSet>({ v4: [], v6: [] });
    if (table === null) return nothing;
    let routes = this.memo.get(table);
    if (routes === undefined) {
      routes = { routes: [...this.propagated(table), ...this.listed(table)], unread: unread(table, this.gateway) };
      this.memo.set(table, routes);
    }
    const wanted = (next: Next): Answer => {
      if (next.attachment === null) return next.sure ? "no" : "maybe";
      return next.attachment === to.resource ? (next.sure ? "yes" : "maybe") : "no";
    };
    const [four, six] = [toward(routes, 4, wanted), toward(routes, 6, wanted)];
    return between(union(four.must, six.must), union(four.may, six.may), mergeReasons([...four.why, ...six.why]));
  }

  /** The tables that an attachment may be associated with; null among them for none. */
  private tablesOf({ resource, switches }: Attachment): readonly (Table | null)[] {
    const possible: Table[] = [];
    for (const item of this.resources.ofType("aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation")) {
      const owner = this.attachmentOf(item);
      if (!owner.certain.includes(resource) && !owner.possible.includes(resource)) continue;
      const tables = this.tableOf(item);
      const named = [...tables.certain, ...tables.possible];
      if (owner.certain.includes(resource) && named.length > 0) return named;
      possible.push(...named);
    }
    const onDefault = both(
      isOn(resource.properties[switches.association], true),
      isOn(this.gateway.properties.defaultRouteTableAssociation, "enable"),
    );
    const defaults = this.defaultTables(
      "aws:ec2transitgateway/defaultRouteTableAssociation:DefaultRouteTableAssociation",
    );
    return [
      ...(onDefault === "no" ? [] : defaults),
      ...(onDefault === "yes" && possible.length === 0 ? [] : [null]),
      ...possible,
    ].filter((table, i, all) => !(table === null && onDefault === "yes") && all.indexOf(table) === i);
  }

  /** The gateway's own, or one that a resource puts in its place: attachments made before it keep the former. */
  private defaultTables(type: string): Table[] {
    const named = this.resources.ofType(type).flatMap((item) => {
      const owner = resolve(
        this.resources,
        item,
        "transitGatewayId",
        item.properties.transitGatewayId,
        types.TRANSIT_GATEWAY,
      );
      const mine = owner.certain.includes(this.gateway) || owner.possible.includes(this.gateway);
      const tables = this.tableOf(item);
      return mine ? [...tables.certain, ...tables.possible] : [];
    });
    return [this.gateway, ...named];
  }

  /** Propagation adds a route for every block of an attachment, where it is switched on or asked for. */
  private propagated(table: Table): Route<Next>[] {
    return this.attachments.flatMap((attachment) => {
      const answer = this.propagates(attachment, table);
      if (answer === "no") return [];
      const { announces, resource } = attachment;
      const at = { urn: resource.urn };
      const doubt =
        answer === "yes" ? null : { text: `whether ${resource.name} propagates its routes is not known`, at };
      // Every block is a route of its own; what is announced by somebody else may be anything, and takes nothing away.
      return toCidrs(announces.may).map(
        (block): Route<Next> => ({
          destination: cidr(block),
          family: null,
          rank: attachment.rank,
          target: { attachment: resource, sure: true },
          at,
          text: `${block} of ${resource.name}`,
          doubt: doubt ?? announces.why[0] ?? null,
        }),
      );
    });
  }

  private propagates({ resource, switches }: Attachment, table: Table): Answer {
    let answer: Answer = "no";
    const note = (found: Answer) => {
      if (found === "yes" || (found === "maybe" && answer === "no")) answer = found;
    };
    for (const item of this.resources.ofType("aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation")) {
      const [owner, into] = [this.attachmentOf(item), this.tableOf(item)];
      note(both(names(owner, resource), names(into, table)));
    }
    const defaults = this.defaultTables(
      "aws:ec2transitgateway/defaultRouteTablePropagation:DefaultRouteTablePropagation",
    );
    if (defaults.includes(table)) {
      const on = both(
        isOn(resource.properties[switches.propagation], true),
        isOn(this.gateway.properties.defaultRouteTablePropagation, "enable"),
      );
      note(on === "yes" && defaults.length > 1 ? "maybe" : on);
    }
    return answer;
  }

  /** Static routes, and references to prefix lists, which count as such. */
  private listed(table: Table): Route<Next>[] {
    const of = (item: ResourceSnapshot, blocks: readonly (AddrSet | null)[], shown: string): Route<Next>[] => {
      const mine = names(this.tableOf(item), table);
      if (mine === "no") return [];
      const at = { urn: item.urn };
      const doubt =
        mine === "yes" ? null : { text: "which table a route of the transit gateway belongs to is not known", at };
      return blocks.map((destination) => ({
        destination,
        family: null,
        rank: 0,
        target: this.nextOf(item),
        at,
        text: `${shown} of ${item.name}`,
        doubt,
      }));
    };
    const routes = this.resources.ofType("aws:ec2transitgateway/route:Route").flatMap((item) => {
      const block = text(item.properties.destinationCidrBlock);
      return of(
        item,
        [typeof block === "string" ? parseCidr(block) : null],
        String(typeof block === "string" ? block : "a route"),
      );
    });
    const lists = this.resources
      .ofType("aws:ec2transitgateway/prefixListReference:PrefixListReference")
      .flatMap((item) => {
        const { prefixListId } = item.properties;
        const named = resolve(this.resources, item, "prefixListId", prefixListId, types.PREFIX_LIST);
        return of(item, prefixListBlocks(this.resources, named) ?? [null], "a prefix list");
      });
    return [...routes, ...lists];
  }

  private nextOf(item: ResourceSnapshot): Next {
    const hole = flag(item.properties.blackhole) ?? false;
    if (hole === true) return { attachment: null, sure: true };
    const { certain, possible, foreign } = this.attachmentOf(item);
    const [one] = certain;
    if (one !== undefined && certain.length + possible.length === 1) return { attachment: one, sure: hole === false };
    // A literal id names an attachment outside the stack.
    const elsewhere = possible.length === 0 && foreign.every((id) => !(id instanceof Unknown)) && foreign.length > 0;
    return { attachment: null, sure: elsewhere };
  }

  private attachmentOf(item: ResourceSnapshot): References {
    const accepted = new Set(this.attachments.map(({ resource }) => resource.type));
    const name = "transitGatewayAttachmentId";
    return resolveOwner(this.resources, item, name, item.properties[name], accepted);
  }

  private tableOf(item: ResourceSnapshot): References {
    const name = "transitGatewayRouteTableId";
    return resolveOwner(this.resources, item, name, item.properties[name], TABLE_REFERENCE);
  }
}

function unread(table: Table, gateway: ResourceSnapshot): { text: string; at: { urn: string } } | null {
  if (!table.external && !(table === gateway && gateway.external)) return null;
  return { text: "the routes of the transit gateway are not in the stack", at: { urn: table.urn } };
}

function names(references: References, one: ResourceSnapshot): Answer {
  return references.certain.includes(one) ? "yes" : references.possible.includes(one) ? "maybe" : "no";
}

function both(a: Answer, b: Answer): Answer {
  return a === "no" || b === "no" ? "no" : a === "yes" && b === "yes" ? "yes" : "maybe";
}

/** Booleans on the attachment, `enable`/`disable` on the gateway; both on by default. */
function isOn(value: ResourceSnapshot["properties"][string] | undefined, on: string | boolean): Answer {
  if (value instanceof Unknown) return "maybe";
  return value === undefined || value === null || value === on || value === String(on) ? "yes" : "no";
}
