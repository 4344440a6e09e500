import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { TagsArgs } from "../../parts/shared";
import { sdk } from "../sdk";
import type { flowLogs } from "./flow-logs-args";
import { type PlaceArgs, placeOf } from "./vocabulary";

/** Records the traffic of a virtual network. Azure Network Watcher, "Virtual network flow logs". */
export function createFlowLogs(
  name: string,
  vnet: { readonly id: pulumi.Input<string>; readonly location: pulumi.Input<string | undefined> },
  place: PlaceArgs,
  args: z.output<typeof flowLogs>,
  tags: TagsArgs,
  parent: pulumi.Resource,
): void {
  const storageId = args.storageAccountId ?? createStorage(name, vnet.id, place, tags, parent).id;
  new sdk.network.FlowLog(
    `${name}-flow-log`,
    {
      networkWatcherName: (args.networkWatcherName ??
        pulumi.interpolate`NetworkWatcher_${vnet.location}`) as pulumi.Input<string>,
      resourceGroupName: args.networkWatcherGroup,
      location: vnet.location,
      targetResourceId: vnet.id,
      storageId: storageId as pulumi.Input<string>,
      enabled: true,
      format: { type: "JSON", version: 2 },
      retentionPolicy: { enabled: true, days: args.retentionDays },
      tags: { ...tags, Name: name },
    },
    { parent },
  );
}

/** Its name is unique in the world, as Azure requires: it follows from the network's id, which holds the subscription. */
function createStorage(
  name: string,
  vnetId: pulumi.Input<string>,
  place: PlaceArgs,
  tags: TagsArgs,
  parent: pulumi.Resource,
) {
  const accountName = pulumi
    .output(vnetId)
    .apply((id) => `flows${createHash("sha256").update(id.toLowerCase()).digest("hex").slice(0, 19)}`);
  return new sdk.storage.StorageAccount(
    `${name}-flow-logs`,
    {
      ...placeOf(place),
      accountName,
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      minimumTlsVersion: "TLS1_2",
      enableHttpsTrafficOnly: true,
      allowBlobPublicAccess: false,
      networkRuleSet: { defaultAction: "Deny", bypass: "AzureServices" },
      tags: { ...tags, Name: name },
    },
    { parent },
  );
}
