import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import { identifier, oneOf } from "../../schemas";
import { createLogGroup, type LogGroupArgs, logGroupFields } from "./log-group";

/** Where flow logs go. */
export const FlowLogDestination = { CloudWatch: "cloud-watch", S3: "s3" } as const;
export type FlowLogDestination = (typeof FlowLogDestination)[keyof typeof FlowLogDestination];

/** Flow logs of the whole VPC (R6: who talked to whom). What is said of the log group holds for CloudWatch. */
export interface FlowLogsArgs extends LogGroupArgs {
  /** @default true */
  enabled?: boolean | undefined;
  /** @default FlowLogDestination.CloudWatch */
  destination?: FlowLogDestination | undefined;
  /** Bucket for {@link FlowLogDestination.S3}, which requires it. */
  bucketArn?: pulumi.Input<string> | undefined;
}

export const flowLogs = z
  .strictObject({
    enabled: z.boolean({ error: "true or false" }).default(true),
    destination: oneOf(FlowLogDestination).default(FlowLogDestination.CloudWatch),
    bucketArn: deferrable(identifier.optional()),
    ...logGroupFields,
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
  const group = createLogGroup(`${name}-flow-log-group`, args, tags, parent);
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
