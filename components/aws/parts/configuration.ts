import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { TagsArgs } from "../../parts/shared";

/** What Systems Manager takes as the content of a document, in bytes. AWS Systems Manager quotas, "Document size". */
export const documentLimit = 64 * 1024;

/**
 * A document that runs a script with bash on Linux.
 * Source: AWS Systems Manager, "Command document plugin reference", aws:runShellScript.
 */
export function deliveryDocument(script: string): string {
  const step = {
    action: "aws:runShellScript",
    name: "deliver",
    precondition: { StringEquals: ["platformType", "Linux"] },
    inputs: { timeoutSeconds: "1800", runCommand: script.replace(/\n$/, "").split("\n") },
  };
  const description = "Brings the configuration of a front-end mail server onto it";
  return JSON.stringify({ schemaVersion: "2.2", description, mainSteps: [step] });
}

/** What a delivery waits for, and what it is about. */
export interface DeliverySettings {
  /** Content of the document, JSON. */
  readonly content: pulumi.Input<string>;
  readonly instanceId: pulumi.Input<string>;
  readonly tags: TagsArgs;
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Carries the configuration to the VM, at once whenever it changes, and daily in case somebody changed it there.
 *
 * The update waits until the VM has taken it, and fails if the VM refused it: what depends on it, such as the next front end, is not
 * touched then. The provider waits only when it creates an association, so each version of the document gets a new one.
 */
export function createDelivery(name: string, settings: DeliverySettings, parent: pulumi.Resource): aws.ssm.Association {
  const tags = { ...settings.tags, Name: `${name}-configuration` };
  const document = new aws.ssm.Document(
    `${name}-configuration`,
    {
      documentType: "Command",
      documentFormat: "JSON",
      targetType: "/AWS::EC2::Instance",
      content: settings.content,
      tags,
    },
    { parent },
  );
  return new aws.ssm.Association(
    `${name}-configuration-association`,
    {
      name: document.name,
      documentVersion: document.latestVersion,
      associationName: `${name}-configuration`,
      targets: [{ key: "InstanceIds", values: [settings.instanceId] }],
      scheduleExpression: "rate(1 day)",
      complianceSeverity: "CRITICAL",
      waitForSuccessTimeoutSeconds: 1200,
      tags,
    },
    {
      parent,
      dependsOn: [...settings.dependsOn],
      deleteBeforeReplace: true,
      replaceOnChanges: ["documentVersion", "targets"],
    },
  );
}
