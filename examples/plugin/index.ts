/**
 * A perimeter as a program in any language constructs it: through the plugin, which `packages` in Pulumi.yaml names. `pulumi package add`
 * generates a class like the one below for the language of a program; a program for Node needs none of this, and imports the package.
 */

import * as pulumi from "@pulumi/pulumi";

class MailPerimeter extends pulumi.ComponentResource {
  declare readonly publicAddresses: pulumi.Output<string[]>;
  declare readonly exchangeGroupIds: pulumi.Output<string[]>;

  constructor(name: string, args: pulumi.Inputs, options?: pulumi.ComponentResourceOptions) {
    const outputs = { publicAddresses: undefined, exchangeGroupIds: undefined };
    super("relayproof:aws:MailPerimeter", name, { ...outputs, ...args }, options, true);
  }
}

const perimeter = new MailPerimeter("mail", {
  domains: ["example.com"],
  hostnames: ["mx1.example.com"],
  exchangeServers: ["10.20.2.20"],
  exposure: "live",
  approvedSenders: [{ cidr: "10.20.2.30", reason: "Scanner of the office" }],
  tags: { team: "mail" },
});

export const publicAddresses = perimeter.publicAddresses;
export const exchangeGroupIds = perimeter.exchangeGroupIds;
