import type * as compute from "@pulumi/azure-native/compute";
import type * as managedidentity from "@pulumi/azure-native/managedidentity";
import type * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { renderUserData } from "../parts/bootstrap";
import { type FrontEndMailServerArgs, type FrontEndPlan, frontEndFields, planFrontEnd } from "./parts/front-end-args";
import { securityRules } from "./parts/security-rules";
import { placeOf } from "./parts/vocabulary";
import { sdk } from "./sdk";

/** Debian's own image of Debian 13 for VMs of the second generation. */
const debian = { publisher: "Debian", offer: "debian-13", sku: "13-gen2" };

/**
 * A front-end mail server in the DMZ: a Debian 13 VM with Postfix as a gateway that relays for its own domains, and for the
 * Exchange servers only. The public address, the interface and the identity outlive the VM. It takes no passwords, has no open
 * management port and encrypted disks; it can open SMTP and https to the Internet, SMTP to the Exchange servers, and nothing else.
 *
 * `exposure` decides who reaches its SMTP ports; changing it changes security rules and nothing else.
 */
export class FrontEndMailServer extends pulumi.ComponentResource {
  /** The VM's id. */
  readonly virtualMachineId: pulumi.Output<string>;
  /** The interface's id. */
  readonly networkInterfaceId: pulumi.Output<string>;
  /** Id of the interface's network security group. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Fixed private address, which Exchange and the groups know the gateway by. */
  readonly privateAddress: pulumi.Output<string>;
  /** Public address: what the MX record's name and the PTR record agree on. */
  readonly publicAddress: pulumi.Output<string>;
  /** Id of the public address. */
  readonly publicAddressId: pulumi.Output<string>;
  /** Principal of the VM's managed identity, for role assignments. */
  readonly principalId: pulumi.Output<string>;
  /** The gateway's name. */
  readonly hostname: pulumi.Output<string>;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: FrontEndMailServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:azure:FrontEndMailServer", name, args, opts);
    const who = owner("FrontEndMailServer", name);
    const plan = planFrontEnd(who, checkArgs(who, frontEndFields, args));

    const group = this.createGroup(name, plan);
    const address = this.createAddress(name, plan);
    const card = this.createInterface(name, group, address, plan);
    const identity = this.createIdentity(name, plan);
    const machine = this.createMachine(name, card, identity, plan);

    this.virtualMachineId = machine.id;
    this.networkInterfaceId = card.id;
    this.securityGroupId = group.id;
    this.privateAddress = pulumi.output(plan.privateAddress);
    this.publicAddress = address.ipAddress.apply((known) => known ?? "");
    this.publicAddressId = address.id;
    this.principalId = identity.principalId;
    this.hostname = pulumi.output(plan.args.hostname);
    this.registerOutputs({
      virtualMachineId: this.virtualMachineId,
      networkInterfaceId: this.networkInterfaceId,
      securityGroupId: this.securityGroupId,
      privateAddress: this.privateAddress,
      publicAddress: this.publicAddress,
      publicAddressId: this.publicAddressId,
      principalId: this.principalId,
      hostname: this.hostname,
      ports: plan.args.ports,
      exposure: plan.args.exposure,
    });
  }

  private createGroup(name: string, { args, rules }: FrontEndPlan): network.NetworkSecurityGroup {
    return new sdk.network.NetworkSecurityGroup(
      `${name}-rules`,
      {
        ...placeOf(args),
        securityRules: securityRules([{ rules }]),
        tags: { ...args.tags, Name: name, ...roleTags(args.ports) },
      },
      { parent: this },
    );
  }

  /** A standard address lets nothing in but what a security group allows, and is spread over the region's zones. */
  private createAddress(name: string, { args }: FrontEndPlan): network.PublicIPAddress {
    return new sdk.network.PublicIPAddress(
      `${name}-address`,
      {
        ...placeOf(args),
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        publicIPAddressVersion: "IPv4",
        ...(args.reverseDns ? { dnsSettings: { reverseFqdn: args.hostname } } : {}),
        tags: { ...args.tags, Name: name },
      },
      { parent: this },
    );
  }

  private createInterface(
    name: string,
    group: network.NetworkSecurityGroup,
    address: network.PublicIPAddress,
    { args, privateAddress }: FrontEndPlan,
  ): network.NetworkInterface {
    return new sdk.network.NetworkInterface(
      `${name}-interface`,
      {
        ...placeOf(args),
        networkSecurityGroup: { id: group.id },
        enableIPForwarding: false,
        ipConfigurations: [
          {
            name: "mail",
            primary: true,
            subnet: { id: args.subnet.id },
            privateIPAllocationMethod: "Static",
            privateIPAddress: privateAddress,
            privateIPAddressVersion: "IPv4",
            publicIPAddress: { id: address.id },
          },
        ],
        tags: { ...args.tags, Name: name },
      },
      { parent: this },
    );
  }

  /** One of its own rather than the VM's, so that what it may read survives the VM. */
  private createIdentity(name: string, { args }: FrontEndPlan): managedidentity.UserAssignedIdentity {
    return new sdk.managedidentity.UserAssignedIdentity(
      `${name}-identity`,
      { ...placeOf(args), tags: { ...args.tags, Name: name } },
      { parent: this },
    );
  }

  /** The interface attaches to one VM only, so a replaced VM is deleted first. Azure never changes `customData` of one that exists. */
  private createMachine(
    name: string,
    card: network.NetworkInterface,
    identity: managedidentity.UserAssignedIdentity,
    { args }: FrontEndPlan,
  ): compute.VirtualMachine {
    const encryptionSet = args.diskEncryptionSetId as pulumi.Input<string> | undefined;
    const userData = renderUserData(owner("FrontEndMailServer", name), args, []);
    return new sdk.compute.VirtualMachine(
      `${name}-vm`,
      {
        ...placeOf(args),
        ...(args.zone === undefined ? {} : { zones: [args.zone as pulumi.Input<string>] }),
        hardwareProfile: { vmSize: args.vmSize },
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        networkProfile: { networkInterfaces: [{ id: card.id, primary: true, deleteOption: "Detach" }] },
        securityProfile: { encryptionAtHost: args.encryptionAtHost },
        storageProfile: {
          imageReference:
            args.imageId === undefined
              ? { ...debian, version: args.imageVersion }
              : { id: args.imageId as pulumi.Input<string> },
          osDisk: {
            createOption: "FromImage",
            caching: "ReadWrite",
            deleteOption: "Delete",
            diskSizeGB: args.osDiskSize,
            managedDisk: {
              storageAccountType: "Premium_LRS",
              ...(encryptionSet === undefined ? {} : { diskEncryptionSet: { id: encryptionSet } }),
            },
          },
        },
        osProfile: {
          computerName: pulumi.output(args.hostname).apply((hostname) => hostname.split(".")[0] ?? hostname),
          adminUsername: "operator",
          customData: pulumi.output(userData).apply((text) => Buffer.from(text).toString("base64")),
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            provisionVMAgent: true,
            ssh: {
              publicKeys: [{ keyData: args.sshPublicKey, path: "/home/operator/.ssh/authorized_keys" }],
            },
          },
        },
        diagnosticsProfile: { bootDiagnostics: { enabled: true } },
        tags: { ...args.tags, Name: name, ...roleTags(args.ports) },
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        replaceOnChanges: ["osProfile.customData", "storageProfile.imageReference"],
      },
    );
  }
}

/** What the policies know a front end by. */
function roleTags(ports: readonly number[]): Record<string, string> {
  const declared = ports.length === 1 && ports[0] === 25 ? {} : { "relayproof:ports": ports.join(" ") };
  return { "relayproof:role": "front-end", ...declared };
}
