import { ANSWER_CIDR, ANSWER_TEXT } from "../marks";
import type { Answer, Question } from "./question";

const client: Answer = (q) => ({
  id: q.guid(),
  clientId: q.guid(1),
  objectId: q.guid(2),
  subscriptionId: q.guid(3),
  tenantId: q.guid(4),
});

const group = (q: Question) =>
  `/subscriptions/${q.guid(3)}/resourceGroups/${q.text("resourceGroupName", q.text("name", ANSWER_TEXT))}`;

const named = (provider: string, argument: string, more: Record<string, string | string[]> = {}): Answer => {
  return (q) => {
    const name = q.text(argument, ANSWER_TEXT);
    return { id: `${group(q)}/providers/${provider}/${name}`, name, ...more };
  };
};

const http: Answer = (q) => ({
  id: q.text("url", ""),
  url: q.text("url", ""),
  body: ANSWER_TEXT,
  responseBody: ANSWER_TEXT,
  statusCode: 200,
});

/** Azure, and questions to the Internet. */
export const OTHERS: Readonly<Record<string, Answer>> = {
  "azure-native:authorization/getClientConfig": client,
  "azure:core/getClientConfig": client,
  "azuread:index/getClientConfig": client,
  "azure:core/getSubscription": (q) => ({ id: `/subscriptions/${q.guid()}`, subscriptionId: q.guid() }),
  "azure-native:resources/getResourceGroup": (q) => ({ id: group(q), name: q.text("resourceGroupName", ANSWER_TEXT) }),
  "azure:core/getResourceGroup": (q) => ({ id: group(q), name: q.text("name", ANSWER_TEXT) }),
  "azure-native:network/getVirtualNetwork": named("Microsoft.Network/virtualNetworks", "virtualNetworkName"),
  "azure-native:network/getNetworkSecurityGroup": named(
    "Microsoft.Network/networkSecurityGroups",
    "networkSecurityGroupName",
  ),
  "azure-native:network/getPublicIPAddress": named("Microsoft.Network/publicIPAddresses", "publicIpAddressName", {
    ipAddress: "241.37.0.10",
  }),
  "azure-native:network/getSubnet": (q) => ({
    id: `${group(q)}/providers/Microsoft.Network/virtualNetworks/${q.text("virtualNetworkName", "")}/subnets/${q.text("subnetName", "")}`,
    name: q.text("subnetName", ANSWER_TEXT),
    addressPrefix: ANSWER_CIDR,
  }),
  "http:index/getHttp": http,
};
