import { createHash } from "node:crypto";
import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import {
  ACCOUNT,
  arn,
  type Cloud,
  found,
  objects,
  present,
  tagProps,
  tagSpecifications,
  text,
  updateTags,
} from "./cloud";

/** Route tables, their routes and their associations. */
export function routeServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ec2/routeTable:RouteTable": tables(it),
    "aws:ec2/route:Route": routes(it),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": associations(it),
  };
}

/** Where a route leads, by the name of the property and of the API's parameter. An inline route names the block differently. */
function destination(props: Props) {
  return {
    DestinationCidrBlock: text(props, "destinationCidrBlock") ?? text(props, "cidrBlock"),
    DestinationIpv6CidrBlock: text(props, "destinationIpv6CidrBlock") ?? text(props, "ipv6CidrBlock"),
    DestinationPrefixListId: text(props, "destinationPrefixListId"),
  };
}

function target(props: Props) {
  return {
    GatewayId: text(props, "gatewayId"),
    NatGatewayId: text(props, "natGatewayId"),
    NetworkInterfaceId: text(props, "networkInterfaceId"),
    TransitGatewayId: text(props, "transitGatewayId"),
    VpcPeeringConnectionId: text(props, "vpcPeeringConnectionId"),
    VpcEndpointId: text(props, "vpcEndpointId"),
    EgressOnlyInternetGatewayId: text(props, "egressOnlyGatewayId"),
  };
}

function targetProps(route: ec2.Route): Props {
  return {
    gatewayId: route.GatewayId ?? "",
    natGatewayId: route.NatGatewayId ?? "",
    networkInterfaceId: route.NetworkInterfaceId ?? "",
    transitGatewayId: route.TransitGatewayId ?? "",
    vpcPeeringConnectionId: route.VpcPeeringConnectionId ?? "",
    egressOnlyGatewayId: route.EgressOnlyInternetGatewayId ?? "",
    carrierGatewayId: "",
    coreNetworkArn: "",
    localGatewayId: "",
    vpcEndpointId: "",
  };
}

function tables(it: Cloud): Service {
  const { ec2: client } = it;
  const add = (RouteTableId: string, route: Props) =>
    client().send(new ec2.CreateRouteCommand({ RouteTableId, ...destination(route), ...target(route) }));
  const remove = (RouteTableId: string, route: Props) =>
    client().send(new ec2.DeleteRouteCommand({ RouteTableId, ...destination(route) }));
  return {
    create: async (inputs) => {
      const { RouteTable } = await client().send(
        new ec2.CreateRouteTableCommand({
          VpcId: text(inputs, "vpcId"),
          TagSpecifications: tagSpecifications("route-table", inputs),
        }),
      );
      const id = RouteTable?.RouteTableId ?? "";
      for (const route of objects(inputs, "routes")) await add(id, route);
      return id;
    },
    read: async (id, before) => {
      const table = await describe(it, id);
      if (table === null) return null;
      const own = (table.Routes ?? []).filter((route) => route.GatewayId !== "local");
      const actual = own.map((route) => ({
        cidrBlock: route.DestinationCidrBlock ?? "",
        ipv6CidrBlock: route.DestinationIpv6CidrBlock ?? "",
        destinationPrefixListId: route.DestinationPrefixListId ?? "",
        ...targetProps(route),
      }));
      // What the program says, in its own words, as long as it is so.
      const said = objects(before, "routes").filter((route) => actual.some((one) => agrees(route, one)));
      const unsaid = actual.filter((one) => !said.some((route) => agrees(route, one)));
      return {
        ...tagProps(table.Tags),
        ...present({ vpcId: table.VpcId }),
        routes: [...said, ...unsaid],
        propagatingVgws: [],
        arn: arn(it, `route-table/${id}`),
        ownerId: ACCOUNT,
      };
    },
    update: async (id, old, news) => {
      const [before, after] = [objects(old, "routes"), objects(news, "routes")];
      for (const route of before) if (!after.some((one) => isSame(one, route))) await remove(id, route);
      for (const route of after) if (!before.some((one) => isSame(one, route))) await add(id, route);
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteRouteTableCommand({ RouteTableId: id }))),
  };
}

function agrees(said: Props, actual: Props): boolean {
  return Object.entries(said).every(([key, value]) => key === "__defaults" || isSame(actual[key], value));
}

async function describe({ ec2: client }: Cloud, id: string): Promise<ec2.RouteTable | null> {
  const answer = await found(client().send(new ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] })));
  return answer?.RouteTables?.[0] ?? null;
}

/** A route has no id of its own: `routeCreateID` in vpc_route.go. */
function routes(it: Cloud): Service {
  const { ec2: client } = it;
  const named = (props: Props) => ({ RouteTableId: text(props, "routeTableId"), ...destination(props) });
  return {
    create: async (inputs) => {
      await client().send(new ec2.CreateRouteCommand({ ...named(inputs), ...target(inputs) }));
      const digest = createHash("sha256")
        .update(JSON.stringify(destination(inputs)))
        .digest("hex")
        .slice(0, 10);
      return `r-${text(inputs, "routeTableId")}${digest}`;
    },
    read: async (_, before) => {
      const table = await describe(it, text(before, "routeTableId") ?? "");
      const to = destination(before);
      const route = table?.Routes?.find(
        (one) =>
          one.DestinationCidrBlock === to.DestinationCidrBlock &&
          one.DestinationIpv6CidrBlock === to.DestinationIpv6CidrBlock &&
          one.DestinationPrefixListId === to.DestinationPrefixListId,
      );
      if (route === undefined) return null;
      const empty = { instanceId: "", instanceOwnerId: "", destinationPrefixListId: "", destinationIpv6CidrBlock: "" };
      return {
        ...empty,
        ...present({ destinationCidrBlock: route.DestinationCidrBlock }),
        ...targetProps(route),
        origin: route.Origin ?? "CreateRoute",
        state: route.State ?? "active",
      };
    },
    update: async (_id, _old, news) =>
      void (await client().send(new ec2.ReplaceRouteCommand({ ...named(news), ...target(news) }))),
    delete: async (_, state) => void (await client().send(new ec2.DeleteRouteCommand(named(state)))),
  };
}

function associations(it: Cloud): Service {
  const { ec2: client } = it;
  return {
    create: async (inputs) => {
      const { AssociationId = "" } = await client().send(
        new ec2.AssociateRouteTableCommand({
          RouteTableId: text(inputs, "routeTableId"),
          SubnetId: text(inputs, "subnetId"),
          GatewayId: text(inputs, "gatewayId"),
        }),
      );
      return AssociationId;
    },
    read: async (id) => {
      const Filters = [{ Name: "association.route-table-association-id", Values: [id] }];
      const { RouteTables = [] } = await client().send(new ec2.DescribeRouteTablesCommand({ Filters }));
      const all = RouteTables.flatMap((table) => table.Associations ?? []);
      const association = all.find((one) => one.RouteTableAssociationId === id);
      if (association === undefined) return null;
      return present({
        routeTableId: association.RouteTableId,
        subnetId: association.SubnetId,
        gatewayId: association.GatewayId ?? "",
      });
    },
    // The association that takes the place of another has an id of its own, which the real provider changes in place too.
    update: async (id, _old, news) =>
      void (await client().send(
        new ec2.ReplaceRouteTableAssociationCommand({ AssociationId: id, RouteTableId: text(news, "routeTableId") }),
      )),
    delete: async (id) => void (await client().send(new ec2.DisassociateRouteTableCommand({ AssociationId: id }))),
  };
}
