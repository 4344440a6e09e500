import type { Vpc } from "./builder";
import { cidr4, cidr6, vpcBlocks } from "./fields";
import { HostBuilder } from "./generate-hosts";

/** Peerings and transit gateways between VPCs. */
export class LinkBuilder extends HostBuilder {
  protected link(a: Vpc, b: Vpc, lists: readonly string[]): void {
    const { dice } = this;
    switch (dice.int(0, 4)) {
      case 0:
        return;
      case 1:
      case 2: {
        if (this.peering(a, b)) this.introduce(a, b);
        return;
      }
      case 3: {
        this.transit(a, b, lists);
        this.introduce(a, b);
        return;
      }
      default:
        this.peering(a, b);
        this.transit(a, b, lists);
    }
  }

  /** Rules may name groups of the other side, whether that has an effect or not. */
  private introduce(a: Vpc, b: Vpc): void {
    if (this.dice.chance(20)) return;
    a.foreignGroups.push(...b.groups);
    b.foreignGroups.push(...a.groups);
  }

  private peering(a: Vpc, b: Vpc): true {
    const { dice } = this;
    const [from, to] = dice.chance(50) ? [a, b] : [b, a];
    const id = this.add("ec2", "VpcPeeringConnection", {
      vpcId: from.id,
      peerVpcId: to.id,
      ...(dice.chance(60) && { autoAccept: true }),
      ...(dice.chance(20) && { region: "eu-central-1", peerRegion: dice.pick(["eu-central-1", "eu-west-1"]) }),
    });
    this.join(a, b, { vpcPeeringConnectionId: id });
    return true;
  }

  private join(a: Vpc, b: Vpc, target: Vpc["links"][number]["target"]): void {
    a.links.push({ target, blocks: this.blocksOf(b) });
    b.links.push({ target, blocks: this.blocksOf(a) });
  }

  private blocksOf(vpc: Vpc): string[] {
    const [v4 = "", v6 = ""] = vpcBlocks(vpc.index);
    const subnets = vpc.subnets.map(({ index }) => `10.${vpc.index}.${index}.0/24`);
    return vpc.dual ? [v4, v4, ...subnets, v6, v6] : [v4, v4, ...subnets];
  }

  private transit(a: Vpc, b: Vpc, lists: readonly string[]): void {
    const { dice } = this;
    const module = "ec2transitgateway";
    const toggle = (name: string, values: readonly (string | boolean)[]) =>
      dice.chance(30) ? { [name]: dice.pick(values) } : {};
    const states = ["enable", "disable"];
    const main = "tgw-rtb-default";
    const gateway = this.add(module, "TransitGateway", {
      associationDefaultRouteTableId: main,
      propagationDefaultRouteTableId: main,
      ...toggle("defaultRouteTableAssociation", states),
      ...toggle("defaultRouteTablePropagation", states),
      ...(dice.chance(50) && { securityGroupReferencingSupport: dice.pick(["enable", "enable", "disable"]) }),
    });
    const tables = dice.times(0, 2, () => this.add(module, "RouteTable", { transitGatewayId: gateway }));
    const attachments = [a, b].map((vpc) =>
      this.add(module, "VpcAttachment", {
        transitGatewayId: gateway,
        vpcId: vpc.id,
        subnetIds: vpc.subnets.map(({ id }) => id),
        ipv6Support: "enable",
        ...toggle("transitGatewayDefaultRouteTableAssociation", [true, false]),
        ...toggle("transitGatewayDefaultRouteTablePropagation", [true, false]),
        ...(dice.chance(50) && { securityGroupReferencingSupport: dice.pick(["enable", "enable", "disable"]) }),
      }),
    );
    for (const transitGatewayAttachmentId of attachments) {
      const end = { transitGatewayAttachmentId };
      if (tables.length > 0 && dice.chance(60))
        this.add(module, "RouteTableAssociation", { ...end, transitGatewayRouteTableId: dice.pick(tables) });
      for (const table of dice.some([...tables, main], 35))
        this.add(module, "RouteTablePropagation", { ...end, transitGatewayRouteTableId: table });
    }
    const blocks = [...this.blocksOf(a), ...this.blocksOf(b)];
    for (const table of [...tables, main]) {
      const taken = new Set<string>();
      for (let i = dice.int(0, 2); i > 0; i--) {
        const block = dice.chance(60) ? dice.pick(blocks) : dice.chance(70) ? cidr4(dice) : cidr6(dice);
        if (taken.has(block) || /^1\.0\.0\.0/.test(block)) continue;
        taken.add(block);
        this.add(module, "Route", {
          transitGatewayRouteTableId: table,
          destinationCidrBlock: block,
          ...(dice.chance(20) ? { blackhole: true } : { transitGatewayAttachmentId: dice.pick(attachments) }),
        });
      }
      if (lists.length > 0 && dice.chance(30))
        this.add(module, "PrefixListReference", {
          transitGatewayRouteTableId: table,
          prefixListId: dice.pick(lists),
          ...(dice.chance(20) ? { blackhole: true } : { transitGatewayAttachmentId: dice.pick(attachments) }),
        });
    }
    this.join(a, b, { transitGatewayId: gateway });
  }
}
