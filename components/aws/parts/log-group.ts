import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import { identifier, integer } from "../../schemas";

/** How a log group of CloudWatch keeps logs. */
export interface LogGroupArgs {
  /** Days that CloudWatch keeps the logs: one of the periods that it offers. @default 365 */
  retentionDays?: pulumi.Input<number> | undefined;
  /** KMS key that encrypts the log group. @default CloudWatch's own key */
  kmsKeyArn?: pulumi.Input<string | undefined>;
}

const periods = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const retentionDays = integer(1, 3653, "days").refine((days) => periods.includes(days), {
  error: `one of the periods of CloudWatch, in days: ${periods.join(", ")}`,
});

export const logGroupFields = {
  retentionDays: deferrable(retentionDays.default(365)),
  kmsKeyArn: deferrable(identifier.optional()),
};

export const logGroup = z.strictObject(logGroupFields, { error: "an object with retentionDays and kmsKeyArn" });

export function createLogGroup(
  child: string,
  args: z.output<typeof logGroup>,
  tags: TagsArgs,
  parent: pulumi.Resource,
  namePrefix?: string,
): aws.cloudwatch.LogGroup {
  const name = namePrefix === undefined ? {} : { namePrefix };
  return new aws.cloudwatch.LogGroup(
    child,
    { ...name, retentionInDays: args.retentionDays, kmsKeyId: args.kmsKeyArn, tags },
    { parent },
  );
}
