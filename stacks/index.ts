import * as pulumi from "@pulumi/pulumi";
import { aws, azure } from "../components";
import { perimeterConfig } from "./config";

const { cloud, args } = perimeterConfig(pulumi.getProject(), pulumi.runtime.allConfig());
const perimeter = cloud === "aws" ? new aws.MailPerimeter("mail", args) : new azure.MailPerimeter("mail", args);

/** Addresses for the A records of the front ends, in the order of `hostnames`. */
export const publicAddresses = perimeter.publicAddresses;
/** Groups to attach to the Exchange VMs; on Azure the network security group first, then the application security groups. */
export const exchangeGroupIds =
  perimeter instanceof azure.MailPerimeter
    ? [perimeter.exchangeSecurityGroupId, ...perimeter.exchangeGroupIds]
    : perimeter.exchangeGroupIds;
/** The VPC, or the virtual network. */
export const networkId =
  perimeter instanceof azure.MailPerimeter ? perimeter.network.virtualNetworkId : perimeter.network.vpcId;
