import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { type Address, type Block, holds, parseBlock } from "./address";
import { idOf, known, type Stock, text } from "./read";
import type { Vpc } from "./resources";
import { listBlocks } from "./rules";

/** Something that joins VPCs, and that routes name by an id. */
export interface Link {
  readonly id: string;
  /** Whether a packet from one VPC to an address comes out in another. */
  carries(from: string, to: string, destination: Address): boolean;
  /** Whether rules of a group in one VPC may mean groups of the other. */
  references(from: string, to: string): boolean;
}

export function readLinks(stock: Stock, vpcs: readonly Vpc[]): Link[] {
  return [...stock.named("VpcPeeringConnection").map(readPeering), ...readTransit(stock, vpcs)];
}

function readPeering(peering: ResourceSnapshot): Link {
  const p = peering.properties;
  const ends = [known(p.vpcId), known(p.peerVpcId)];
  const joins = (from: string, to: string) => from !== to && ends.includes(from) && ends.includes(to);
  const sameRegion = text(p.peerRegion) === null || text(p.peerRegion) === text(p.region);
  return { id: idOf(peering), carries: joins, references: (from, to) => sameRegion && joins(from, to) };
}

interface Entry {
  readonly block: Block;
  readonly propagated: boolean;
  /** The VPC that it leads to; null for a hole. */
  readonly vpc: string | null;
}

/** A packet enters by the attachment of its VPC, whose table says by which attachment it leaves. */
function readTransit(stock: Stock, vpcs: readonly Vpc[]): Link[] {
  return stock.named("TransitGateway").map((gateway) => {
    const id = idOf(gateway);
    const attachments = stock.named("VpcAttachment").filter((item) => text(item.properties.transitGatewayId) === id);
    const on = (item: ResourceSnapshot, name: string) =>
      text(item.properties[`transitGateway${name}`]) !== "false" &&
      text(gateway.properties[`d${name.slice(1)}`]) !== "disable";
    const vpcOf = (attachment: string) =>
      known(attachments.find((item) => idOf(item) === attachment)?.properties.vpcId ?? null);

    const tableOf = (attachment: ResourceSnapshot): string | null => {
      const own = stock
        .named("RouteTableAssociation")
        .find((item) => text(item.properties.transitGatewayAttachmentId) === idOf(attachment));
      if (own !== undefined) return known(own.properties.transitGatewayRouteTableId);
      if (!on(attachment, "DefaultRouteTableAssociation")) return null;
      return known(gateway.properties.associationDefaultRouteTableId);
    };
    const entriesOf = (table: string): Entry[] => {
      const here = (item: ResourceSnapshot) => text(item.properties.transitGatewayRouteTableId) === table;
      const entry = (item: ResourceSnapshot, block: Block): Entry => {
        const hole = text(item.properties.blackhole) === "true";
        return {
          block,
          propagated: false,
          vpc: hole ? null : vpcOf(known(item.properties.transitGatewayAttachmentId)),
        };
      };
      const spread = attachments.filter(
        (attachment) =>
          (on(attachment, "DefaultRouteTablePropagation") &&
            text(gateway.properties.propagationDefaultRouteTableId) === table) ||
          stock
            .named("RouteTablePropagation")
            .some((item) => here(item) && text(item.properties.transitGatewayAttachmentId) === idOf(attachment)),
      );
      return [
        ...stock
          .named("Route")
          .filter(here)
          .map((item) => entry(item, parseBlock(known(item.properties.destinationCidrBlock)))),
        ...stock
          .named("PrefixListReference")
          .filter(here)
          .flatMap((item) => listBlocks(stock, known(item.properties.prefixListId)).map((block) => entry(item, block))),
        ...spread.flatMap((attachment) => {
          const vpc = known(attachment.properties.vpcId);
          const blocks = vpcs.find((item) => item.id === vpc)?.blocks ?? [];
          return blocks.map((block) => ({ block, propagated: true, vpc }));
        }),
      ];
    };

    return {
      id,
      carries: (from, to, destination) => {
        const entrance = attachments.find((item) => text(item.properties.vpcId) === from);
        const table = entrance === undefined ? null : tableOf(entrance);
        if (table === null || from === to) return false;
        const [best] = entriesOf(table)
          .filter(({ block }) => holds(block, destination))
          .sort((a, b) => b.block.length - a.block.length || Number(a.propagated) - Number(b.propagated));
        return best?.vpc === to;
      },
      references: (from, to) =>
        [gateway, ...attachments.filter((item) => [from, to].includes(known(item.properties.vpcId)))].every(
          (item) => text(item.properties.securityGroupReferencingSupport) === "enable",
        ),
    };
  });
}
