import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { type ExchangeHardeningArgs, type HardeningPlan, hardeningFields, planHardening } from "./parts/hardening-args";

/**
 * The receive connectors of Exchange servers of the user, hardened by a script that Systems Manager runs on them, at once and on a
 * schedule: the front ends deliver to accepted domains and nobody relays without authentication but the senders that are listed,
 * one by one (R5, R6). Every session is logged, so that an incident can be traced.
 */
export class ExchangeHardening extends pulumi.ComponentResource {
  /** Name of the document. */
  readonly documentName: pulumi.Output<string>;
  /** Id of the association that applies it. */
  readonly associationId: pulumi.Output<string>;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: ExchangeHardeningArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:ExchangeHardening", name, args, opts);
    const who = owner("ExchangeHardening", name);
    const plan = planHardening(who, checkArgs(who, hardeningFields, args));

    const document = this.createDocument(name, plan);
    const association = this.createAssociation(name, document, plan);

    this.documentName = document.name;
    this.associationId = association.associationId;
    this.registerOutputs({ documentName: this.documentName, associationId: this.associationId });
  }

  private createDocument(name: string, { args, content }: HardeningPlan): aws.ssm.Document {
    const tags = { ...args.tags, Name: `${name}-hardening` };
    return new aws.ssm.Document(
      `${name}-hardening`,
      { documentType: "Command", documentFormat: "JSON", targetType: "/AWS::EC2::Instance", content, tags },
      { parent: this },
    );
  }

  /** A changed document is a new version, which the association names, so that it is applied at once. */
  private createAssociation(name: string, document: aws.ssm.Document, { args }: HardeningPlan): aws.ssm.Association {
    return new aws.ssm.Association(
      `${name}-hardening-association`,
      {
        name: document.name,
        documentVersion: document.latestVersion,
        associationName: `${name}-hardening`,
        targets: [{ key: "InstanceIds", values: [...args.instanceIds] }],
        scheduleExpression: args.schedule,
        complianceSeverity: "CRITICAL",
        tags: { ...args.tags, Name: `${name}-hardening` },
      },
      { parent: this },
    );
  }
}
