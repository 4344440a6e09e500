import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { field, flag, items } from "../values";
import { ofTemplate, type Place, templatesOf } from "./launch-templates";

/** Interfaces that a managed service has in subnets: somebody to fear as a source, and no host. */
export interface ManagedInterfaces {
  readonly resource: ResourceSnapshot;
  readonly subnets: Place;
  /** Null where the service makes a group of its own, which the stack does not show. */
  readonly groups: Place | null;
  readonly publicIp: boolean | Unknown;
}

/** Where each type says in which subnets it is and which groups it carries: paths of properties, dots between them. */
interface Shape {
  readonly subnets: string;
  readonly groups: string | null;
  /** The type of the resource that lists the subnets, where it is not the service's own. */
  readonly via?: string;
  readonly publicIp?: string;
}

const VPC_GROUPS = "vpcSecurityGroupIds";
const SHAPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    "apprunner/vpcConnector:VpcConnector": { subnets: "subnets", groups: "securityGroups" },
    "batch/computeEnvironment:ComputeEnvironment": {
      subnets: "computeResources.subnets",
      groups: "computeResources.securityGroupIds",
    },
    "codebuild/project:Project": { subnets: "vpcConfig.subnets", groups: "vpcConfig.securityGroupIds" },
    "directoryservice/directory:Directory": { subnets: "vpcSettings.subnetIds", groups: null },
    "dms/replicationInstance:ReplicationInstance": {
      subnets: "replicationSubnetGroupId",
      via: "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup",
      groups: VPC_GROUPS,
    },
    "docdb/cluster:Cluster": {
      subnets: "dbSubnetGroupName",
      via: "aws:docdb/subnetGroup:SubnetGroup",
      groups: VPC_GROUPS,
    },
    "ecs/service:Service": {
      subnets: "networkConfiguration.subnets",
      groups: "networkConfiguration.securityGroups",
      publicIp: "networkConfiguration.assignPublicIp",
    },
    "ecs/taskSet:TaskSet": {
      subnets: "networkConfiguration.subnets",
      groups: "networkConfiguration.securityGroups",
      publicIp: "networkConfiguration.assignPublicIp",
    },
    "efs/mountTarget:MountTarget": { subnets: "subnetId", groups: "securityGroups" },
    "eks/cluster:Cluster": { subnets: "vpcConfig.subnetIds", groups: "vpcConfig.securityGroupIds" },
    "eks/fargateProfile:FargateProfile": { subnets: "subnetIds", groups: null },
    "eks/nodeGroup:NodeGroup": { subnets: "subnetIds", groups: null },
    "elasticache/cluster:Cluster": {
      subnets: "subnetGroupName",
      via: "aws:elasticache/subnetGroup:SubnetGroup",
      groups: "securityGroupIds",
    },
    "elasticache/replicationGroup:ReplicationGroup": {
      subnets: "subnetGroupName",
      via: "aws:elasticache/subnetGroup:SubnetGroup",
      groups: "securityGroupIds",
    },
    "elasticsearch/domain:Domain": { subnets: "vpcOptions.subnetIds", groups: "vpcOptions.securityGroupIds" },
    "emr/cluster:Cluster": { subnets: "ec2Attributes.subnetId", groups: "ec2Attributes.emrManagedMasterSecurityGroup" },
    "fsx/windowsFileSystem:WindowsFileSystem": { subnets: "subnetIds", groups: "securityGroupIds" },
    "lambda/function:Function": { subnets: "vpcConfig.subnetIds", groups: "vpcConfig.securityGroupIds" },
    "memorydb/cluster:Cluster": {
      subnets: "subnetGroupName",
      via: "aws:memorydb/subnetGroup:SubnetGroup",
      groups: "securityGroupIds",
    },
    "mq/broker:Broker": { subnets: "subnetIds", groups: "securityGroups" },
    "msk/cluster:Cluster": {
      subnets: "brokerNodeGroupInfo.clientSubnets",
      groups: "brokerNodeGroupInfo.securityGroups",
    },
    "mwaa/environment:Environment": {
      subnets: "networkConfiguration.subnetIds",
      groups: "networkConfiguration.securityGroupIds",
    },
    "neptune/cluster:Cluster": {
      subnets: "neptuneSubnetGroupName",
      via: "aws:neptune/subnetGroup:SubnetGroup",
      groups: VPC_GROUPS,
    },
    "opensearch/domain:Domain": { subnets: "vpcOptions.subnetIds", groups: "vpcOptions.securityGroupIds" },
    "rds/cluster:Cluster": { subnets: "dbSubnetGroupName", via: "aws:rds/subnetGroup:SubnetGroup", groups: VPC_GROUPS },
    "rds/instance:Instance": {
      subnets: "dbSubnetGroupName",
      via: "aws:rds/subnetGroup:SubnetGroup",
      groups: VPC_GROUPS,
    },
    "rds/proxy:Proxy": { subnets: "vpcSubnetIds", groups: VPC_GROUPS },
    "redshift/cluster:Cluster": {
      subnets: "clusterSubnetGroupName",
      via: "aws:redshift/subnetGroup:SubnetGroup",
      groups: VPC_GROUPS,
    },
    "sagemaker/notebookInstance:NotebookInstance": { subnets: "subnetId", groups: "securityGroups" },
  } satisfies { readonly [type: string]: Shape }).map(([type, shape]) => [`aws:${type}`, shape]),
);

/** Types that are sources in their subnets and groups; they are no way to a host that they name. */
export const MANAGED: ReadonlySet<string> = new Set(SHAPES.keys());

/** Every managed service of the stack that says in which subnets it is. */
export function lowerManaged(resources: Resources): readonly ManagedInterfaces[] {
  return [...SHAPES].flatMap(([type, shape]) =>
    resources.ofType(type).flatMap((resource): ManagedInterfaces[] => {
      const subnets = subnetsOf(resources, resource, shape);
      if (subnets === null || resource.external) return [];
      const own = shape.groups === null ? null : placeOf(resource, shape.groups);
      return [
        {
          resource,
          subnets,
          groups: own ?? templateGroups(resources, resource),
          publicIp: shape.publicIp === undefined ? false : (flag(valueAt(resource, shape.publicIp)) ?? false),
        },
      ];
    }),
  );
}

function subnetsOf(resources: Resources, resource: ResourceSnapshot, shape: Shape): Place | null {
  const place = placeOf(resource, shape.subnets);
  if (shape.via === undefined) return place.value === undefined || place.value === null ? null : place;
  const { certain, possible } = resolve(resources, resource, place.property, place.value, new Set([shape.via]));
  const named = resources.ofType(shape.via).filter(({ properties }) => properties.name === place.value);
  const [group] = [...certain, ...possible, ...(typeof place.value === "string" ? named : [])];
  return group === undefined ? null : placeOf(group, "subnetIds");
}

function placeOf(holder: ResourceSnapshot, path: string): Place {
  const [property = path] = path.split(".");
  return { holder, property, value: valueAt(holder, path) };
}

/** A property by its path; inside of what is unknown everything is. */
function valueAt(holder: ResourceSnapshot, path: string): Value | undefined {
  const [property = path, inner] = path.split(".");
  const value = holder.properties[property];
  if (inner === undefined || value instanceof Unknown) return value;
  const [first] = items(value);
  return first instanceof Unknown ? first : field(first, inner);
}

/** EKS node groups carry the groups of their launch template, or one that the cluster makes. */
function templateGroups(resources: Resources, resource: ResourceSnapshot): Place | null {
  const spec = resource.properties.launchTemplate;
  if (spec === undefined || spec === null) return null;
  const [template] = templatesOf(resources, resource, "launchTemplate", spec);
  const [first] = template === undefined ? [] : ofTemplate(template, resource);
  return first === undefined || first.foreign !== null || items(first.groups.value).length === 0 ? null : first.groups;
}
