import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import { metricNames } from "../../render";
import { identifier, integer, mailbox } from "../../schemas";

/** What is told to whom when a front end is in trouble (R8). CloudWatch charges each metric and each alarm. */
export interface AlarmsArgs {
  /** SNS topics that are told. One of `topicArns` and `emails` is required. @default [] */
  topicArns?: pulumi.Input<string>[] | undefined;
  /**
   * Mail addresses that a topic is made for; each has to confirm. None in `domains`: notice of mail that fails would come by that mail.
   * @default []
   */
  emails?: string[] | undefined;
  /** Messages in the queue that are too many, over a quarter of an hour. @default 500 */
  queueLength?: number | undefined;
  /** Messages that others did not take yet that are too many, over half an hour. @default 200 */
  deferredMessages?: number | undefined;
  /** Messages sent in an hour that are more than you ever send: a stolen mailbox, or a relay. @default 2000 */
  outboundPerHour?: number | undefined;
}

export const alarms = z
  .strictObject(
    {
      topicArns: z.array(deferrable(identifier), { error: "a list of ARNs of SNS topics" }).default([]),
      emails: z.array(mailbox, { error: "a list of mail addresses" }).default([]),
      queueLength: integer(1, 1000000, "messages").default(500),
      deferredMessages: integer(1, 1000000, "messages").default(200),
      outboundPerHour: integer(1, 10000000, "messages").default(2000),
    },
    { error: "an object with topicArns or emails" },
  )
  .refine((it) => it.topicArns.length + it.emails.length > 0, { error: "one of topicArns and emails" })
  .optional();
export type Alarms = NonNullable<z.output<typeof alarms>>;

/** Where front ends put their metrics, one dimension `Host` with the name of the front end. */
export const namespace = "Relayproof";

export interface AlarmPlan {
  readonly key: string;
  readonly metric: string;
  readonly namespace: string;
  /** What it means, and where to read on: the alarm's description. */
  readonly description: string;
  readonly threshold: number;
  /** Seconds of one measurement, and how many of them must be too high. */
  readonly period: number;
  readonly periods: number;
  /** Silence is trouble of its own where it cannot mean that all is well. */
  readonly missing: "breaching" | "notBreaching";
  /** Whether the metric is of the VM, as EC2 measures it. */
  readonly ofInstance: boolean;
}

/** One alarm a row, in the order in which trouble shows. */
export function planAlarms(it: Alarms): AlarmPlan[] {
  const own = { namespace, ofInstance: false, missing: "notBreaching" } as const;
  return [
    {
      key: "machine",
      metric: "StatusCheckFailed",
      namespace: "AWS/EC2",
      description: "The VM of a front end, or what it runs on, fails its checks",
      threshold: 1,
      period: 60,
      periods: 5,
      missing: "breaching",
      ofInstance: true,
    },
    {
      ...own,
      key: "queue",
      metric: metricNames.queue,
      description: `${it.queueLength} messages or more wait in the queue of a front end, or it is silent`,
      threshold: it.queueLength,
      period: 300,
      periods: 3,
      missing: "breaching",
    },
    {
      ...own,
      key: "deferred",
      metric: metricNames.deferred,
      description: `${it.deferredMessages} messages or more of a front end were not taken by others`,
      threshold: it.deferredMessages,
      period: 300,
      periods: 6,
    },
    {
      ...own,
      key: "outbound",
      metric: metricNames.outbound,
      description: `${it.outboundPerHour} messages or more left a front end within an hour: if they are not yours, hold them (outbound: held)`,
      threshold: it.outboundPerHour,
      period: 300,
      periods: 1,
    },
    {
      ...own,
      key: "listed",
      metric: metricNames.listings,
      description: "A block list has the public address of a front end: docs/operations.md, Being listed",
      threshold: 1,
      period: 3600,
      periods: 1,
    },
    {
      ...own,
      key: "jobs",
      metric: metricNames.failedJobs,
      description: "A job of a front end fails, such as the fetch of recipients or the renewal of the certificate",
      threshold: 1,
      period: 300,
      periods: 3,
    },
  ];
}

/** What alarms are about, and who is told. */
export interface AlarmTargets {
  readonly instance: aws.ec2.Instance;
  readonly hostname: pulumi.Input<string>;
  readonly topics: readonly pulumi.Input<string>[];
  readonly tags: TagsArgs;
}

export function createAlarms(
  name: string,
  plans: readonly AlarmPlan[],
  { instance, hostname, topics, tags }: AlarmTargets,
  parent: pulumi.Resource,
): void {
  for (const it of plans) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-alarm-${it.key}`,
      {
        alarmDescription: it.description,
        namespace: it.namespace,
        metricName: it.metric,
        dimensions: it.ofInstance ? { InstanceId: instance.id } : { Host: hostname },
        statistic: "Maximum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: it.threshold,
        period: it.period,
        evaluationPeriods: it.periods,
        treatMissingData: it.missing,
        alarmActions: [...topics],
        okActions: [...topics],
        tags: { ...tags, Name: `${name}-${it.key}` },
      },
      { parent },
    );
  }
}

/** The topics that are told: those given, and one for the addresses. */
export function createTopics(
  name: string,
  args: Alarms,
  tags: TagsArgs,
  parent: pulumi.Resource,
): pulumi.Input<string>[] {
  if (args.emails.length === 0) return args.topicArns;
  const topic = new aws.sns.Topic(`${name}-alarms`, { tags: { ...tags, Name: `${name}-alarms` } }, { parent });
  for (const endpoint of args.emails)
    new aws.sns.TopicSubscription(
      `${name}-alarms-${endpoint.replace(/[^A-Za-z0-9]+/g, "-")}`,
      { topic: topic.arn, protocol: "email", endpoint },
      { parent },
    );
  return [...args.topicArns, topic.arn];
}
