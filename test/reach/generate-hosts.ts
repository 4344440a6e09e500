import { Builder, type Vpc } from "./builder";
import type { Fields } from "./fields";

/** Instances and interfaces, with public addresses in every form. */
export class HostBuilder extends Builder {
  protected host(vpc: Vpc, index: number): void {
    const { dice } = this;
    const owned = dice.chance(30) ? this.interface(vpc, 20 + index) : null;
    const instance = `i-${vpc.index}-${index}`;
    const primary = owned ?? `eni-of-${instance}`;
    this.add(
      "ec2",
      "Instance",
      {
        primaryNetworkInterfaceId: primary,
        ...(owned === null
          ? this.launch(vpc, index)
          : dice.chance(50)
            ? { primaryNetworkInterface: { networkInterfaceId: owned } }
            : { networkInterfaces: [{ networkInterfaceId: owned, deviceIndex: 0 }] }),
      },
      instance,
    );
    if (dice.chance(20)) {
      const second = this.interface(vpc, 30 + index);
      this.add("ec2", "NetworkInterfaceAttachment", {
        instanceId: instance,
        networkInterfaceId: second,
        deviceIndex: 1,
      });
    }
    this.elasticIp(instance, owned);
    if (dice.chance(15))
      this.add("ec2", "NetworkInterfaceSecurityGroupAttachment", {
        networkInterfaceId: primary,
        securityGroupId: dice.pick(vpc.groups),
      });
  }

  private launch(vpc: Vpc, index: number): Fields {
    const { dice } = this;
    const subnet = dice.pick(vpc.subnets);
    return {
      subnetId: subnet.id,
      privateIp: `10.${vpc.index}.${subnet.index}.${10 + index}`,
      ...(dice.chance(80) && { vpcSecurityGroupIds: dice.some(vpc.groups, 50) }),
      ...(dice.chance(40) && { associatePublicIpAddress: dice.chance(60) }),
      ...(vpc.dual && dice.chance(70) && { ipv6Addresses: [this.address6(vpc, subnet.index, 10 + index)] }),
    };
  }

  protected interface(vpc: Vpc, index: number): string {
    const { dice } = this;
    const subnet = dice.pick(vpc.subnets);
    return this.add("ec2", "NetworkInterface", {
      subnetId: subnet.id,
      privateIps: [`10.${vpc.index}.${subnet.index}.${10 + index}`],
      ...(dice.chance(80) && { securityGroups: dice.some(vpc.groups, 50) }),
      ...(vpc.dual && dice.chance(60) && { ipv6Addresses: [this.address6(vpc, subnet.index, 10 + index)] }),
    });
  }

  private address6(vpc: Vpc, subnet: number, host: number): string {
    return `2001:db8:${vpc.index + 1}:${subnet}::${host.toString(16)}`;
  }

  private elasticIp(instance: string, owned: string | null): void {
    const { dice } = this;
    switch (dice.int(0, 5)) {
      case 0:
        this.add("ec2", "Eip", { instance });
        break;
      case 1:
        this.add("ec2", "Eip", owned === null ? {} : { networkInterface: owned });
        break;
      case 2: {
        const eip = this.add("ec2", "Eip", {});
        const owner = owned === null ? { instanceId: instance } : { networkInterfaceId: owned };
        this.add("ec2", "EipAssociation", { allocationId: eip, ...owner });
        break;
      }
    }
  }
}
