import * as pulumi from "@pulumi/pulumi";
import { aws } from "../components";
import { perimeterArgs } from "./config";

const perimeter = new aws.MailPerimeter("mail", perimeterArgs(pulumi.getProject(), pulumi.runtime.allConfig()));

/** Addresses for the A records of the front ends, in the order of `hostnames`. */
export const publicAddresses = perimeter.publicAddresses;
/** Groups to attach to the Exchange VMs. */
export const exchangeGroupIds = perimeter.exchangeGroupIds;
export const vpcId = perimeter.network.vpcId;
