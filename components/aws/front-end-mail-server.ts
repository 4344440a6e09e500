import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, type Owner, owner, whenKnown } from "../args";
import { renderBootstrap, renderDelivery } from "../parts/scripts";
import { awsCloud, referenceTags } from "../render";
import { type Access, createAccess } from "./parts/access";
import { createAlarms, createTopics, namespace, planAlarms } from "./parts/alarms";
import { createDelivery, deliveryDocument } from "./parts/configuration";
import { createName } from "./parts/dns";
import { type FrontEndMailServerArgs, type FrontEndPlan, frontEndFields, planFrontEnd } from "./parts/front-end-args";
import { createRules, room } from "./parts/group-rules";
import { createLogGroup } from "./parts/log-group";
import { attachQueueVolume, createQueueVolume } from "./parts/queue-volume";
import { recipientsBucket } from "./parts/recipients";

/** Debian's own account, which publishes its images. */
const debianOwner = "136693071363";

/**
 * A front-end mail server in the DMZ: a Debian 13 VM with Postfix as a gateway that relays for its own domains, and for the
 * Exchange servers only. Its address, its interface and its mail queue outlive the VM. It has no key pair, no open management port, an
 * encrypted disk, metadata by IMDSv2 only, and no right but those it needs; it can open SMTP, https and DNS to the Internet, SMTP to the
 * Exchange servers, and nothing else.
 *
 * User data makes the VM ready and configures no mail flow. The configuration comes by Systems Manager, whenever it changes, and the
 * update waits until the VM has taken it. `exposure` decides who reaches its SMTP ports; changing it changes security group rules and
 * nothing else.
 */
export class FrontEndMailServer extends pulumi.ComponentResource {
  /** The VM's id. */
  readonly instanceId: pulumi.Output<string>;
  /** The interface's id. */
  readonly networkInterfaceId: pulumi.Output<string>;
  /** Ids of its security groups. */
  readonly securityGroupIds: pulumi.Output<string>[];
  /** Fixed private address, which Exchange and the groups know the gateway by. */
  readonly privateAddress: pulumi.Output<string>;
  /** Public address: what the MX record's name and the PTR record agree on. */
  readonly publicAddress: pulumi.Output<string>;
  /** Allocation id of the public address: what `aws.ec2.EipDomainName` sets its PTR record by. */
  readonly publicAddressId: pulumi.Output<string>;
  /** The gateway's name. */
  readonly hostname: pulumi.Output<string>;
  /** The volume of the mail queue. */
  readonly queueVolumeId: pulumi.Output<string>;
  /** The log group of the mail flow; undefined without it. */
  readonly mailLogName: pulumi.Output<string> | undefined;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: FrontEndMailServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:FrontEndMailServer", name, args, opts);
    const who = owner("FrontEndMailServer", name);
    const plan = planFrontEnd(who, checkArgs(who, frontEndFields, args));

    const groups = this.createGroups(name, plan);
    const card = this.createInterface(name, groups, plan);
    const { address, association } = this.createAddress(name, card, plan);
    const service = this.createService(name, plan);
    const instance = this.createInstance(name, who, { card, service, after: [association] }, plan);
    const attachment = attachQueueVolume(name, service.queue, instance, this);
    this.deliver(name, who, instance, [attachment, service.access.policy], plan);
    this.watch(name, instance, plan);
    const { dnsZoneId, hostname } = plan.args;
    if (dnsZoneId !== undefined) createName(name, dnsZoneId as pulumi.Input<string>, hostname, address, this);

    this.instanceId = instance.id;
    this.networkInterfaceId = card.id;
    this.securityGroupIds = groups.map(({ id }) => id);
    this.privateAddress = pulumi.output(plan.privateAddress);
    this.publicAddress = address.publicIp;
    this.publicAddressId = address.allocationId;
    this.hostname = pulumi.output(plan.args.hostname);
    this.queueVolumeId = service.queue.id;
    this.mailLogName = service.mailLog?.name;
    this.registerOutputs({
      instanceId: this.instanceId,
      networkInterfaceId: this.networkInterfaceId,
      securityGroupIds: this.securityGroupIds,
      privateAddress: this.privateAddress,
      publicAddress: this.publicAddress,
      publicAddressId: this.publicAddressId,
      hostname: this.hostname,
      queueVolumeId: this.queueVolumeId,
      ...(this.mailLogName === undefined ? {} : { mailLogName: this.mailLogName }),
      ports: plan.args.ports,
      exposure: plan.args.exposure,
    });
  }

  private createGroups(name: string, plan: FrontEndPlan): aws.ec2.SecurityGroup[] {
    const lists = this.createPrefixList(name, plan);
    return plan.groups.map(({ key, description, rules }) => {
      const group = this.createGroup(`${name}-${key}`, description, plan);
      createRules(this, name, group, rules, lists);
      return group;
    });
  }

  private createPrefixList(name: string, { args, internet }: FrontEndPlan) {
    const list = new aws.ec2.ManagedPrefixList(
      `${name}-internet`,
      {
        addressFamily: "IPv4",
        maxEntries: room(internet),
        entries: internet.blocks.map((cidr) => ({ cidr })),
        tags: { ...args.tags, Name: `${name}-internet` },
      },
      { parent: this },
    );
    return new Map([[internet, list]]);
  }

  private createGroup(child: string, description: string, { args }: FrontEndPlan): aws.ec2.SecurityGroup {
    const tags = { ...args.tags, Name: child, ...roleTags(args.ports) };
    return new aws.ec2.SecurityGroup(child, { vpcId: args.vpcId, description, tags }, { parent: this });
  }

  private createInterface(name: string, groups: aws.ec2.SecurityGroup[], { args, privateAddress }: FrontEndPlan) {
    return new aws.ec2.NetworkInterface(
      `${name}-interface`,
      {
        subnetId: args.subnet.id,
        privateIps: [privateAddress],
        securityGroups: groups.map(({ id }) => id),
        sourceDestCheck: true,
        description: "Front-end mail server",
        tags: { ...args.tags, Name: name },
      },
      { parent: this },
    );
  }

  private createAddress(name: string, card: aws.ec2.NetworkInterface, { args }: FrontEndPlan) {
    const tags = { ...args.tags, Name: name };
    const address = new aws.ec2.Eip(`${name}-address`, { domain: "vpc", tags }, { parent: this });
    const association = new aws.ec2.EipAssociation(
      `${name}-address-association`,
      { allocationId: address.allocationId, networkInterfaceId: card.id },
      { parent: this },
    );
    return { address, association };
  }

  /** What the VM finds by its tags, and may use: it is told where, when it asks. */
  private createService(name: string, { args }: FrontEndPlan): Service {
    const { tags, smartHost, recipientsObject: list, certificate, dnsZoneId } = args;
    const queue = createQueueVolume(name, args.queueVolume, this.zone(args.subnet), tags, this);
    const mailLog = args.mailLog.enabled ? createLogGroup(`${name}-mail-log`, args.mailLog, tags, this) : undefined;
    const bucket = list && recipientsBucket(name, list, tags, this);
    const zoneId = certificate && (dnsZoneId as pulumi.Input<string>);
    const access = createAccess(
      name,
      {
        mailLogArn: mailLog?.arn,
        metrics: args.alarms && namespace,
        secret: smartHost && { arn: smartHost.secretArn, kmsKeyArn: smartHost.kmsKeyArn as pulumi.Input<string> },
        recipients: list && {
          objectArn: pulumi.interpolate`arn:aws:s3:::${bucket}/${list.key}`,
          kmsKeyArn: list.kmsKeyArn as pulumi.Input<string>,
        },
        certificate: zoneId === undefined ? undefined : { zoneId, hostname: args.hostname },
      },
      tags,
      this,
    );
    const references = {
      [referenceTags.queueVolume]: queue.id,
      ...(mailLog && { [referenceTags.mailLog]: mailLog.name }),
      ...(list && { [referenceTags.recipients]: pulumi.interpolate`s3://${bucket}/${list.key}` }),
      ...(smartHost && { [referenceTags.smartHostSecret]: smartHost.secretArn }),
      ...(zoneId && { [referenceTags.acmeZone]: zoneId }),
    };
    return { queue, mailLog, access, references };
  }

  private zone({ id, zone }: FrontEndPlan["args"]["subnet"]): pulumi.Input<string> {
    if (zone !== undefined) return zone as pulumi.Input<string>;
    return aws.ec2.getSubnetOutput({ id }, { parent: this }).availabilityZone;
  }

  /** The interface attaches to one instance only, so a replaced VM is deleted first. */
  private createInstance(name: string, who: Owner, parts: MachineParts, plan: FrontEndPlan): aws.ec2.Instance {
    const { args } = plan;
    const { card, service, after } = parts;
    const { resolver, rebootTime } = args;
    const tags = { ...args.tags, Name: name };
    return new aws.ec2.Instance(
      `${name}-instance`,
      {
        ami: this.image(plan),
        instanceType: args.instanceType,
        primaryNetworkInterface: { networkInterfaceId: card.id },
        iamInstanceProfile: service.access.profile.name,
        metadataOptions: {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: 1,
          instanceMetadataTags: "enabled",
        },
        rootBlockDevice: {
          encrypted: true,
          volumeType: "gp3",
          volumeSize: args.rootVolumeSize,
          ...(args.kmsKeyId === undefined ? {} : { kmsKeyId: args.kmsKeyId }),
          tags,
        },
        userData: renderBootstrap(who, args.hostname, { cloud: cloudOf(plan), resolver, rebootTime }),
        // User data runs once: a VM that is to start otherwise is another VM.
        userDataReplaceOnChange: true,
        tags: { ...tags, ...roleTags(args.ports), ...service.references },
      },
      // It installs its packages, and its agent asks for its rights, when it starts.
      { parent: this, deleteBeforeReplace: true, dependsOn: [...after, service.access.policy] },
    );
  }

  /** The image named, found by its exact name, so that no newer one ever replaces the VM by itself. */
  private image({ args }: FrontEndPlan): pulumi.Input<string> {
    if (args.amiId !== undefined) return args.amiId as pulumi.Input<string>;
    const filters = [{ name: "name", values: [args.imageName] }];
    return aws.ec2.getAmiOutput({ owners: [debianOwner], includeDeprecated: true, filters }, { parent: this }).id;
  }

  /** Brings the configuration onto the VM, once the queue is there. */
  private deliver(
    name: string,
    who: Owner,
    instance: aws.ec2.Instance,
    dependsOn: readonly pulumi.Resource[],
    plan: FrontEndPlan,
  ): void {
    const { args } = plan;
    const { ports, outbound, smartHost, resolver } = args;
    const script = renderDelivery(who, args, {
      cloud: cloudOf(plan),
      ports,
      outbound,
      smartHost: smartHost && { host: smartHost.host, port: smartHost.port },
      recipientsObject: args.recipientsObject !== undefined,
      resolver,
      acme: args.certificate,
      mailLog: args.mailLog.enabled,
      metrics: args.alarms !== undefined,
    });
    const content = whenKnown(script, deliveryDocument);
    createDelivery(name, { content, instanceId: instance.id, tags: args.tags, dependsOn }, this);
  }

  private watch(name: string, instance: aws.ec2.Instance, { args }: FrontEndPlan): void {
    const { alarms, hostname, tags } = args;
    if (alarms === undefined) return;
    const topics = createTopics(name, alarms, tags, this);
    createAlarms(name, planAlarms(alarms), { instance, hostname, topics, tags }, this);
  }
}

interface Service {
  readonly queue: aws.ebs.Volume;
  readonly mailLog: aws.cloudwatch.LogGroup | undefined;
  readonly access: Access;
  /** Tags by which the VM finds what is its own. */
  readonly references: Record<string, pulumi.Input<string>>;
}

interface MachineParts {
  readonly card: aws.ec2.NetworkInterface;
  readonly service: Service;
  /** What must be there before the VM starts. */
  readonly after: readonly pulumi.Resource[];
}

function cloudOf({ args: { agent } }: FrontEndPlan) {
  return awsCloud({ metricNamespace: namespace, agent });
}

/** What the policies know a front end by. */
function roleTags(ports: readonly number[]): Record<string, string> {
  const declared = ports.length === 1 && ports[0] === 25 ? {} : { "relayproof:ports": ports.join(" ") };
  return { "relayproof:role": "front-end", ...declared };
}
