import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, nameOf, owner } from "../args";
import { renderUserData } from "./parts/bootstrap";
import { type FrontEndMailServerArgs, type FrontEndPlan, frontEndFields, planFrontEnd } from "./parts/front-end-args";
import { egress, host, ingress, tcp } from "./parts/group-rules";
import { Exposure } from "./parts/shared";

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
  /** The security group's id. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Fixed private address, which Exchange and the groups know the gateway by. */
  readonly privateAddress: pulumi.Output<string>;
  /** Public address: what the MX record's name and the PTR record agree on. */
  readonly publicAddress: pulumi.Output<string>;
  /** The gateway's name. */
  readonly hostname: pulumi.Output<string>;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: FrontEndMailServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:FrontEndMailServer", name, args, opts);
    const plan = planFrontEnd(
      owner("FrontEndMailServer", name),
      checkArgs(owner("FrontEndMailServer", name), frontEndFields, args),
    );

    const group = this.createGroup(name, plan);
    this.admitMail(name, group, plan);
    this.admitExchange(name, group, plan);
    this.openInternet(name, group, plan);
    this.openExchange(name, group, plan);
    const card = this.createInterface(name, group, plan);
    const publicAddress = this.createAddress(name, card, plan);
    const instance = this.createInstance(name, card, plan);

    this.instanceId = instance.id;
    this.networkInterfaceId = card.id;
    this.securityGroupId = group.id;
    this.privateAddress = pulumi.output(plan.privateAddress);
    this.publicAddress = publicAddress.publicIp;
    this.hostname = pulumi.output(plan.args.hostname);
    this.registerOutputs({
      instanceId: this.instanceId,
      networkInterfaceId: this.networkInterfaceId,
      securityGroupId: this.securityGroupId,
      privateAddress: this.privateAddress,
      publicAddress: this.publicAddress,
      hostname: this.hostname,
      ports: plan.args.ports,
      exposure: plan.args.exposure,
    });
  }

  private createGroup(name: string, { args }: FrontEndPlan): aws.ec2.SecurityGroup {
    return new aws.ec2.SecurityGroup(
      `${name}-group`,
      {
        vpcId: args.vpcId,
        description: "Front-end mail server in the DMZ",
        tags: { ...args.tags, Name: name, ...roleTags(args.ports) },
      },
      { parent: this },
    );
  }

  /** R2, R4: mail from the Internet, or from the probes that establish that nothing is relayed. */
  private admitMail(name: string, group: aws.ec2.SecurityGroup, { args }: FrontEndPlan): void {
    const live = args.exposure === Exposure.Live;
    for (const port of args.ports) {
      if (live) {
        const reason = `SMTP on ${port} from other mail servers on the Internet`;
        ingress(this, `${name}-in-${port}-internet`, group, "0.0.0.0/0", tcp(port), reason);
        continue;
      }
      args.probeSources.forEach((source, i) => {
        const reason = `SMTP on ${port} from a probe, before going live`;
        ingress(this, `${name}-in-${port}-probe-${nameOf(source, i)}`, group, source, tcp(port), reason);
      });
    }
  }

  private admitExchange(name: string, group: aws.ec2.SecurityGroup, { args }: FrontEndPlan): void {
    args.exchangeServers.forEach((server, i) => {
      const child = `${name}-in-25-exchange-${nameOf(server, i)}`;
      ingress(this, child, group, host(server), tcp(25), "Outbound mail of an Exchange server");
    });
  }

  /** Mail and packages. Private space is left out, so that a front end that is taken over finds nothing inside. */
  private openInternet(name: string, group: aws.ec2.SecurityGroup, plan: FrontEndPlan): void {
    for (const block of plan.publicDestinations) {
      const place = nameOf(block, 0);
      egress(this, `${name}-out-25-${place}`, group, block, tcp(25), "Mail to the mail servers of others");
      egress(this, `${name}-out-443-${place}`, group, block, tcp(443), "Package updates over https");
    }
  }

  private openExchange(name: string, group: aws.ec2.SecurityGroup, { args }: FrontEndPlan): void {
    args.exchangeServers.forEach((server, i) => {
      const child = `${name}-out-25-exchange-${nameOf(server, i)}`;
      egress(this, child, group, host(server), tcp(25), "Inbound mail to an Exchange server");
    });
  }

  private createInterface(name: string, group: aws.ec2.SecurityGroup, { args, privateAddress }: FrontEndPlan) {
    return new aws.ec2.NetworkInterface(
      `${name}-interface`,
      {
        subnetId: args.subnet.id,
        privateIps: [privateAddress],
        securityGroups: [group.id],
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
