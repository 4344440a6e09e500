import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { renderUserData } from "../parts/bootstrap";
import { createName } from "./parts/dns";
import { type FrontEndMailServerArgs, type FrontEndPlan, frontEndFields, planFrontEnd } from "./parts/front-end-args";
import { createRules, room } from "./parts/group-rules";

/** Debian's own account, which publishes its images. */
const debianOwner = "136693071363";

/**
 * A front-end mail server in the DMZ: a Debian 13 VM with Postfix as a gateway that relays for its own domains, and for the
 * Exchange servers only. The address and its interface outlive the VM. It has no key pair, no open management port, an encrypted
 * disk, and metadata by IMDSv2 only; it can open SMTP and https to the Internet, SMTP to the Exchange servers, and nothing else.
 *
 * `exposure` decides who reaches its SMTP ports; changing it changes security group rules and nothing else.
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

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: FrontEndMailServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:FrontEndMailServer", name, args, opts);
    const who = owner("FrontEndMailServer", name);
    const plan = planFrontEnd(who, checkArgs(who, frontEndFields, args));

    const lists = this.createPrefixList(name, plan);
    const mail = this.createGroup(`${name}-mail`, "Front-end mail server: mail", plan);
    createRules(this, name, mail, plan.mail, lists);
    const updates = this.createGroup(`${name}-updates`, "Front-end mail server: updates", plan);
    createRules(this, name, updates, plan.updates, lists);
    const card = this.createInterface(name, [mail, updates], plan);
    const publicAddress = this.createAddress(name, card, plan);
    const instance = this.createInstance(name, card, plan);
    const { dnsZoneId, hostname } = plan.args;
    if (dnsZoneId !== undefined) createName(name, dnsZoneId as pulumi.Input<string>, hostname, publicAddress, this);

    this.instanceId = instance.id;
    this.networkInterfaceId = card.id;
    this.securityGroupIds = [mail.id, updates.id];
    this.privateAddress = pulumi.output(plan.privateAddress);
    this.publicAddress = publicAddress.publicIp;
    this.publicAddressId = publicAddress.allocationId;
    this.hostname = pulumi.output(plan.args.hostname);
    this.registerOutputs({
      instanceId: this.instanceId,
      networkInterfaceId: this.networkInterfaceId,
      securityGroupIds: this.securityGroupIds,
      privateAddress: this.privateAddress,
      publicAddress: this.publicAddress,
      publicAddressId: this.publicAddressId,
      hostname: this.hostname,
      ports: plan.args.ports,
      exposure: plan.args.exposure,
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

  private createAddress(name: string, card: aws.ec2.NetworkInterface, { args }: FrontEndPlan): aws.ec2.Eip {
    const tags = { ...args.tags, Name: name };
    const address = new aws.ec2.Eip(`${name}-address`, { domain: "vpc", tags }, { parent: this });
    new aws.ec2.EipAssociation(
      `${name}-address-association`,
      { allocationId: address.allocationId, networkInterfaceId: card.id },
      { parent: this },
    );
    return address;
  }

  /** The interface attaches to one instance only, so a replaced VM is deleted first. */
  private createInstance(name: string, card: aws.ec2.NetworkInterface, plan: FrontEndPlan): aws.ec2.Instance {
    const { args } = plan;
    const tags = { ...args.tags, Name: name };
    return new aws.ec2.Instance(
      `${name}-instance`,
      {
        ami: this.image(plan),
        instanceType: args.instanceType,
        primaryNetworkInterface: { networkInterfaceId: card.id },
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: {
          encrypted: true,
          volumeType: "gp3",
          volumeSize: args.rootVolumeSize,
          ...(args.kmsKeyId === undefined ? {} : { kmsKeyId: args.kmsKeyId }),
          tags,
        },
        userData: renderUserData(owner("FrontEndMailServer", name), args),
        userDataReplaceOnChange: false,
        tags: { ...tags, ...roleTags(args.ports) },
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /** The image named, found by its exact name, so that no newer one ever replaces the VM by itself. */
  private image({ args }: FrontEndPlan): pulumi.Input<string> {
    if (args.amiId !== undefined) return args.amiId as pulumi.Input<string>;
    const filters = [{ name: "name", values: [args.imageName] }];
    return aws.ec2.getAmiOutput({ owners: [debianOwner], includeDeprecated: true, filters }, { parent: this }).id;
  }
}

/** What the policies know a front end by. */
function roleTags(ports: readonly number[]): Record<string, string> {
  const declared = ports.length === 1 && ports[0] === 25 ? {} : { "relayproof:ports": ports.join(" ") };
  return { "relayproof:role": "front-end", ...declared };
}
