import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import { identifier, integer } from "../../schemas";

/** Flow logs of the whole virtual network (R6: who talked to whom). */
export interface FlowLogsArgs {
  /** @default true */
  enabled?: boolean | undefined;
  /** Days that the logs are kept. @default 365 */
  retentionDays?: pulumi.Input<number> | undefined;
  /** Storage account that keeps them, in the region of the virtual network. @default a new one */
  storageAccountId?: pulumi.Input<string | undefined>;
  /** Name of the region's Network Watcher. @default "NetworkWatcher_" and the region, which Azure makes by itself */
  networkWatcherName?: pulumi.Input<string | undefined>;
  /** Resource group of the Network Watcher. @default "NetworkWatcherRG" */
  networkWatcherGroup?: pulumi.Input<string> | undefined;
}

export const flowLogs = z
  .strictObject({
    enabled: z.boolean({ error: "true or false" }).default(true),
    retentionDays: deferrable(integer(1, 365, "days").default(365)),
    storageAccountId: deferrable(identifier.optional()),
    networkWatcherName: deferrable(identifier.optional()),
    networkWatcherGroup: deferrable(identifier.default("NetworkWatcherRG")),
  })
  .prefault({});
