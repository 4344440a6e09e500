import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import { identifier, integer, oneOf } from "../../schemas";
import type { TagsArgs } from "./shared";

/** Where flow logs go. */
export const FlowLogDestination = { CloudWatch: "cloud-watch", S3: "s3" } as const;
export type FlowLogDestination = (typeof FlowLogDestination)[keyof typeof FlowLogDestination];

/** Flow logs of the whole VPC (R6: who talked to whom). */
export interface FlowLogsArgs {
  /** @default true */
  enabled?: boolean | undefined;
  /** @default FlowLogDestination.CloudWatch */
  destination?: FlowLogDestination | undefined;
  /** Bucket for {@link FlowLogDestination.S3}, which requires it. */
  bucketArn?: pulumi.Input<string> | undefined;
  /** Days that CloudWatch keeps the logs: one of the periods that it offers. @default 365 */
  retentionDays?: pulumi.Input<number> | undefined;
  /** KMS key that encrypts the log group. @default CloudWatch's own key */
  kmsKeyArn?: pulumi.Input<string> | undefined;
}

const periods = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const retentionDays = integer(1, 3653, "days").refine((days) => periods.includes(days), {
  error: `one of the periods of CloudWatch, in days: ${periods.join(", ")}`,
});

export const flowLogs = z
  .strictObject({
    enabled: z.boolean({ error: "true or false" }).default(true),
    destination: oneOf(FlowLogDestination).default(FlowLogDestination.CloudWatch),
    bucketArn: deferrable(identifier.optional()),
    retentionDays: deferrable(retentionDays.default(365)),
    kmsKeyArn: deferrable(identifier.optional()),
  })
  .refine((it) => it.destination !== FlowLogDestination.S3 || it.bucketArn !== undefined, {
    path: ["bucketArn"],
    error: "the ARN of a bucket, which the destination s3 requires",
  })
  .prefault({});

/** Records accepted and rejected traffic of the VPC. */
export function createFlowLogs(
  name: string,
  vpcId: pulumi.Input<string>,
  args: z.output<typeof flowLogs>,
  tags: TagsArgs,
  parent: pulumi.Resource,
): void {
  const opts = { parent };
  const common = { vpcId, trafficType: "ALL", tags: { ...tags, Name: name } };
  if (args.destination === FlowLogDestination.S3) {
    const target = { logDestinationType: "s3", logDestination: args.bucketArn };
    new aws.ec2.FlowLog(`${name}-flow-log`, { ...common, ...target }, opts);
    return;
  }
  const group = new aws.cloudwatch.LogGroup(
    `${name}-flow-log-group`,
    { retentionInDays: args.retentionDays, kmsKeyId: args.kmsKeyArn, tags },
    opts,
  );
  const role = createWriter(name, group, tags, opts);
  new aws.ec2.FlowLog(
    `${name}-flow-log`,
    { ...common, logDestinationType: "cloud-watch-logs", logDestination: group.arn, iamRoleArn: role.arn },
    opts,
  );
}

/** A role that the flow log service of this account, and no other, writes with. */
function createWriter(
  name: string,
  group: aws.cloudwatch.LogGroup,
  tags: TagsArgs,
  opts: { parent: pulumi.Resource },
): aws.iam.Role {
  const account = aws.getCallerIdentityOutput({}, opts).accountId;
  const role = new aws.iam.Role(
    `${name}-flow-log-role`,
    {
      assumeRolePolicy: policy({
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      }),
      tags,
    },
    opts,
  );
  new aws.iam.RolePolicy(
    `${name}-flow-log-policy`,
    {
      role: role.id,
      policy: policy(
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
        },
        { Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" },
      ),
    },
    opts,
  );
  return role;
}

function policy(...statements: object[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}
