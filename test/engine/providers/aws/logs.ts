import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame } from "../values";
import {
  ACCOUNT,
  arn,
  type Cloud,
  found,
  number,
  object,
  present,
  tagProps,
  tagSpecifications,
  text,
  unchanging,
} from "./cloud";

/** Flow logs and the log groups that they write to. */
export function logServices(it: Cloud): Record<string, Service> {
  return { "aws:ec2/flowLog:FlowLog": flowLogs(it), "aws:cloudwatch/logGroup:LogGroup": logGroups(it) };
}

function flowLogs(it: Cloud): Service {
  const { ec2: client } = it;
  return unchanging(it, {
    create: async (inputs) => {
      const [kind, id] = text(inputs, "vpcId")
        ? (["VPC", text(inputs, "vpcId")] as const)
        : text(inputs, "subnetId")
          ? (["Subnet", text(inputs, "subnetId")] as const)
          : (["NetworkInterface", text(inputs, "eniId")] as const);
      const { FlowLogIds = [], Unsuccessful = [] } = await client().send(
        new ec2.CreateFlowLogsCommand({
          ResourceIds: [id ?? ""],
          ResourceType: kind,
          TrafficType: text(inputs, "trafficType") as ec2.TrafficType | undefined,
          LogDestinationType: text(inputs, "logDestinationType") as ec2.LogDestinationType | undefined,
          LogDestination: text(inputs, "logDestination"),
          DeliverLogsPermissionArn: text(inputs, "iamRoleArn"),
          MaxAggregationInterval: number(inputs, "maxAggregationInterval"),
          TagSpecifications: tagSpecifications("vpc-flow-log", inputs),
        }),
      );
      const [refused] = Unsuccessful;
      if (refused !== undefined) throw new Error(`${refused.Error?.Code}: ${refused.Error?.Message}`);
      return FlowLogIds[0] ?? "";
    },
    read: async (id) => {
      const { FlowLogs = [] } = await client().send(new ec2.DescribeFlowLogsCommand({ FlowLogIds: [id] }));
      const [log] = FlowLogs;
      if (log === undefined) return null;
      const on = log.ResourceId ?? "";
      return {
        ...tagProps(log.Tags),
        ...(on.startsWith("vpc-") ? { vpcId: on } : on.startsWith("subnet-") ? { subnetId: on } : { eniId: on }),
        ...present({
          trafficType: log.TrafficType,
          logDestinationType: log.LogDestinationType,
          logDestination: log.LogDestination,
          iamRoleArn: log.DeliverLogsPermissionArn,
          logFormat: log.LogFormat,
        }),
        arn: arn(it, `vpc-flow-log/${id}`),
      };
    },
    delete: async (id) => void (await client().send(new ec2.DeleteFlowLogsCommand({ FlowLogIds: [id] }))),
  });
}

/** A log group is known by its name. */
function logGroups(it: Cloud): Service {
  const { logs: client } = it;
  const setRetention = async (logGroupName: string, days: number | undefined) => {
    if (days === undefined || days === 0) await client().send(new logs.DeleteRetentionPolicyCommand({ logGroupName }));
    else await client().send(new logs.PutRetentionPolicyCommand({ logGroupName, retentionInDays: days }));
  };
  const arnOf = (name: string) => `arn:aws:logs:${it.region()}:${ACCOUNT}:log-group:${name}`;
  const stringTags = (tags: object) =>
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]));
  return {
    create: async (inputs) => {
      const logGroupName = text(inputs, "name") ?? "";
      const tags = stringTags(object(inputs, "tags"));
      await client().send(new logs.CreateLogGroupCommand({ logGroupName, kmsKeyId: text(inputs, "kmsKeyId"), tags }));
      if (number(inputs, "retentionInDays")) await setRetention(logGroupName, number(inputs, "retentionInDays"));
      return logGroupName;
    },
    read: async (id) => {
      const { logGroups: all = [] } = await client().send(
        new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: id }),
      );
      const group = all.find(({ logGroupName }) => logGroupName === id);
      if (group === undefined) return null;
      const { tags = {} } = await client().send(new logs.ListTagsForResourceCommand({ resourceArn: arnOf(id) }));
      return {
        name: id,
        arn: arnOf(id),
        retentionInDays: group.retentionInDays ?? 0,
        kmsKeyId: group.kmsKeyId ?? "",
        logGroupClass: "STANDARD",
        namePrefix: "",
        tags,
        tagsAll: tags,
      };
    },
    update: async (id, old, news) => {
      if (!isSame(old.retentionInDays, news.retentionInDays)) await setRetention(id, number(news, "retentionInDays"));
      const [before, after] = [object(old, "tags"), object(news, "tags")];
      const tagKeys = Object.keys(before).filter((key) => !(key in after));
      if (tagKeys.length > 0) await client().send(new logs.UntagResourceCommand({ resourceArn: arnOf(id), tagKeys }));
      if (Object.keys(after).length > 0)
        await client().send(new logs.TagResourceCommand({ resourceArn: arnOf(id), tags: stringTags(after) }));
    },
    delete: async (id) => void (await found(client().send(new logs.DeleteLogGroupCommand({ logGroupName: id })))),
  };
}
