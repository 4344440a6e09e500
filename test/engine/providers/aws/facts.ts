import { isSame, type Props } from "../values";

/**
 * What the schema says of a type beyond the names of its properties, which `@pulumi/aws` has. The package leaves the rest out, so it is
 * written down here from the schemas that Pulumi's provider is generated from: `internal/service/{ec2,elbv2,iam,logs}` of
 * github.com/hashicorp/terraform-provider-aws, `ForceNew` and `RequiresReplace` for replacement, `Optional` with `Computed`, and
 * `Default`. Names that are made up: `provider/resources.go` of github.com/pulumi/pulumi-aws.
 */
export interface Facts {
  readonly replaceOn: readonly string[];
  readonly computed?: readonly string[];
  readonly defaults?: Props;
  readonly named?: string;
  /** Replacement that depends on more than the name of the property. */
  readonly replaces?: (changed: readonly string[], old: Props, news: Props) => readonly string[];
  /** Outputs that an update makes anew. */
  readonly renews?: (inputs: Props, state: Props) => readonly string[];
}

/** The kind of source of a security group rule cannot be changed in place: `ModifyPlan` in vpc_security_group_ingress_rule.go. */
const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"];
const ruleFacts: Facts = {
  replaceOn: ["securityGroupId"],
  replaces: (changed, old, news) => {
    const sourceOf = (props: Props) => SOURCES.find((key) => props[key] !== undefined);
    return sourceOf(old) === sourceOf(news) ? [] : changed.filter((key) => SOURCES.includes(key));
  },
};

export const FACTS: Readonly<Record<string, Facts>> = {
  "aws:ec2/vpc:Vpc": {
    replaceOn: ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "instanceTenancy"],
    computed: [
      "cidrBlock",
      "enableDnsHostnames",
      "enableNetworkAddressUsageMetrics",
      "ipv6CidrBlock",
      "ipv6CidrBlockNetworkBorderGroup",
    ],
    defaults: { enableDnsSupport: true, instanceTenancy: "default" },
  },
  "aws:ec2/subnet:Subnet": {
    replaceOn: [
      "availabilityZone",
      "availabilityZoneId",
      "cidrBlock",
      "ipv4IpamPoolId",
      "ipv6IpamPoolId",
      "ipv6Native",
      "outpostArn",
      "vpcId",
    ],
    computed: [
      "availabilityZone",
      "availabilityZoneId",
      "cidrBlock",
      "ipv6CidrBlock",
      "privateDnsHostnameTypeOnLaunch",
    ],
    defaults: {
      assignIpv6AddressOnCreation: false,
      enableDns64: false,
      enableResourceNameDnsARecordOnLaunch: false,
      enableResourceNameDnsAaaaRecordOnLaunch: false,
      ipv6Native: false,
      mapPublicIpOnLaunch: false,
    },
  },
  "aws:ec2/internetGateway:InternetGateway": { replaceOn: [], computed: ["vpcId"] },
  "aws:ec2/routeTable:RouteTable": { replaceOn: ["vpcId"], computed: ["propagatingVgws", "routes"] },
  "aws:ec2/route:Route": {
    replaceOn: ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"],
    computed: ["instanceId", "networkInterfaceId"],
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": { replaceOn: ["gatewayId", "subnetId"] },
  "aws:ec2/natGateway:NatGateway": {
    replaceOn: ["allocationId", "connectivityType", "privateIp", "subnetId"],
    computed: ["privateIp", "secondaryAllocationIds", "secondaryPrivateIpAddressCount", "secondaryPrivateIpAddresses"],
    defaults: { connectivityType: "public" },
  },
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {
    replaceOn: ["peerOwnerId", "peerRegion", "peerVpcId", "vpcId"],
    computed: ["accepter", "peerOwnerId", "peerRegion", "requester"],
  },
  "aws:lb/loadBalancer:LoadBalancer": {
    replaceOn: ["internal", "loadBalancerType", "name", "namePrefix"],
    computed: ["internal", "ipAddressType", "namePrefix", "securityGroups", "subnetMappings", "subnets"],
    defaults: { loadBalancerType: "application" },
    named: "name",
  },
  "aws:lb/targetGroup:TargetGroup": {
    replaceOn: ["name", "namePrefix", "port", "protocol", "targetType", "vpcId"],
    computed: ["healthCheck", "ipAddressType", "namePrefix", "preserveClientIp", "stickiness", "targetFailovers"],
    defaults: { targetType: "instance" },
    named: "name",
  },
  "aws:lb/listener:Listener": { replaceOn: ["loadBalancerArn"], computed: ["protocol", "sslPolicy"] },
  "aws:lb/targetGroupAttachment:TargetGroupAttachment": {
    replaceOn: ["availabilityZone", "port", "targetGroupArn", "targetId"],
    computed: ["port"],
  },
  "aws:ec2/networkAcl:NetworkAcl": { replaceOn: ["vpcId"], computed: ["egress", "ingress", "subnetIds"] },
  "aws:ec2/networkAclRule:NetworkAclRule": {
    replaceOn: [
      "cidrBlock",
      "egress",
      "fromPort",
      "icmpCode",
      "icmpType",
      "ipv6CidrBlock",
      "networkAclId",
      "protocol",
      "ruleAction",
      "ruleNumber",
      "toPort",
    ],
    defaults: { egress: false },
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    replaceOn: ["description", "name", "namePrefix", "vpcId"],
    computed: ["egress", "ingress", "namePrefix", "vpcId"],
    defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
    named: "name",
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    replaceOn: ["vpcId"],
    computed: ["egress", "ingress", "vpcId"],
    defaults: { revokeRulesOnDelete: false },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ruleFacts,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ruleFacts,
  "aws:ec2/managedPrefixList:ManagedPrefixList": {
    replaceOn: ["addressFamily"],
    computed: ["entries"],
    named: "name",
  },
  "aws:ec2/networkInterface:NetworkInterface": {
    replaceOn: ["interfaceType", "subnetId"],
    computed: [
      "attachments",
      "interfaceType",
      "ipv4PrefixCount",
      "ipv4Prefixes",
      "ipv6AddressCount",
      "ipv6AddressLists",
      "ipv6Addresses",
      "ipv6PrefixCount",
      "ipv6Prefixes",
      "privateIp",
      "privateIpLists",
      "privateIps",
      "privateIpsCount",
      "securityGroups",
    ],
    defaults: { ipv6AddressListEnabled: false, privateIpListEnabled: false, sourceDestCheck: true },
    // `CustomizeDiff` in vpc_network_interface.go: replaced if the primary address goes.
    replaces: (changed, old, news) => {
      const primary = (old.privateIps as readonly string[] | undefined)?.[0];
      const stays = primary !== undefined && (news.privateIps as readonly string[] | undefined)?.includes(primary);
      return changed.includes("privateIps") && !stays ? ["privateIps"] : [];
    },
  },
  "aws:ec2/eip:Eip": {
    replaceOn: ["address", "customerOwnedIpv4Pool", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"],
    computed: ["domain", "instance", "ipamPoolId", "networkBorderGroup", "networkInterface", "publicIpv4Pool"],
  },
  "aws:ec2/eipAssociation:EipAssociation": {
    replaceOn: [
      "allocationId",
      "allowReassociation",
      "instanceId",
      "networkInterfaceId",
      "privateIpAddress",
      "publicIp",
    ],
    computed: ["allocationId", "instanceId", "networkInterfaceId", "privateIpAddress", "publicIp"],
  },
  "aws:ec2/instance:Instance": {
    replaceOn: [
      "ami",
      "associatePublicIpAddress",
      "availabilityZone",
      "ephemeralBlockDevices",
      "hibernation",
      "hostId",
      "ipv6AddressCount",
      "ipv6Addresses",
      "keyName",
      "launchTemplate",
      "networkInterfaces",
      "placementGroup",
      "primaryNetworkInterface",
      "privateIp",
      "securityGroups",
      "subnetId",
      "tenancy",
    ],
    computed: [
      "ami",
      "associatePublicIpAddress",
      "availabilityZone",
      "capacityReservationSpecification",
      "cpuOptions",
      "disableApiStop",
      "disableApiTermination",
      "ebsBlockDevices",
      "ebsOptimized",
      "enclaveOptions",
      "ephemeralBlockDevices",
      "hostId",
      "hostResourceGroupArn",
      "iamInstanceProfile",
      "instanceInitiatedShutdownBehavior",
      "instanceType",
      "ipv6AddressCount",
      "ipv6Addresses",
      "keyName",
      "maintenanceOptions",
      "metadataOptions",
      "monitoring",
      "networkInterfaces",
      "placementGroup",
      "placementPartitionNumber",
      "primaryNetworkInterface",
      "privateDnsNameOptions",
      "privateIp",
      "rootBlockDevice",
      "secondaryPrivateIps",
      "securityGroups",
      "spotInstanceRequestId",
      "subnetId",
      "tenancy",
      "userData",
      "userDataBase64",
      "vpcSecurityGroupIds",
    ],
    defaults: { getPasswordData: false, sourceDestCheck: true, userDataReplaceOnChange: false },
    // `CustomizeDiff` in ec2_instance.go.
    replaces: (changed, _, news) =>
      news.userDataReplaceOnChange === true ? changed.filter((key) => /^userData(Base64)?$/.test(key)) : [],
  },
  "aws:ec2/flowLog:FlowLog": {
    replaceOn: [
      "deliverCrossAccountRole",
      "destinationOptions",
      "eniId",
      "iamRoleArn",
      "logDestination",
      "logDestinationType",
      "logFormat",
      "maxAggregationInterval",
      "subnetId",
      "trafficType",
      "transitGatewayAttachmentId",
      "transitGatewayId",
      "vpcId",
    ],
    computed: ["logDestination", "logFormat"],
    defaults: { logDestinationType: "cloud-watch-logs", maxAggregationInterval: 600 },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    replaceOn: ["name", "namePrefix"],
    computed: ["deletionProtectionEnabled", "logGroupClass", "namePrefix"],
    defaults: { retentionInDays: 0, skipDestroy: false },
    named: "name",
  },
  "aws:iam/role:Role": {
    replaceOn: ["name", "namePrefix", "path"],
    computed: ["inlinePolicies", "managedPolicyArns", "namePrefix"],
    defaults: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
    named: "name",
  },
  "aws:iam/rolePolicy:RolePolicy": {
    replaceOn: ["name", "namePrefix", "role"],
    computed: ["namePrefix"],
    named: "name",
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    replaceOn: ["name", "namePrefix", "path"],
    computed: ["namePrefix"],
    defaults: { path: "/" },
    named: "name",
  },
  "aws:ebs/volume:Volume": {
    replaceOn: ["availabilityZone", "encrypted", "kmsKeyId", "multiAttachEnabled", "outpostArn", "snapshotId"],
    computed: ["encrypted", "iops", "kmsKeyId", "size", "snapshotId", "throughput", "type"],
    defaults: { finalSnapshot: false },
  },
  "aws:ec2/volumeAttachment:VolumeAttachment": { replaceOn: ["deviceName", "instanceId", "volumeId"] },
  "aws:ssm/document:Document": {
    replaceOn: ["documentType", "name", "targetType"],
    defaults: { documentFormat: "JSON" },
    named: "name",
    renews: (inputs, state) => (isSame(inputs.content, state.content) ? [] : ["latestVersion", "defaultVersion"]),
  },
  "aws:ssm/association:Association": {
    replaceOn: ["instanceId", "name"],
    computed: ["documentVersion", "parameters", "targets"],
    defaults: { applyOnlyAtCronInterval: false },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    replaceOn: ["name"],
    defaults: { actionsEnabled: true },
    named: "name",
  },
  "aws:sns/topic:Topic": { replaceOn: ["fifoTopic", "name", "namePrefix"], computed: ["namePrefix"], named: "name" },
  "aws:sns/topicSubscription:TopicSubscription": { replaceOn: ["endpoint", "protocol", "topic"] },
  "aws:route53/record:Record": { replaceOn: ["name", "setIdentifier", "type", "zoneId"] },
  "aws:ec2/eipDomainName:EipDomainName": { replaceOn: ["allocationId"] },
};
