import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TagsArgs } from "../../parts/shared";

/** What a front end may ask AWS for, one statement a purpose. What is absent is not granted. */
export interface AccessSettings {
  readonly mailLogArn: pulumi.Input<string> | undefined;
  /** Namespace of its metrics. */
  readonly metrics: string | undefined;
  readonly secret:
    | { readonly arn: pulumi.Input<string>; readonly kmsKeyArn?: pulumi.Input<string> | undefined }
    | undefined;
  readonly recipients:
    | { readonly objectArn: pulumi.Input<string>; readonly kmsKeyArn?: pulumi.Input<string> | undefined }
    | undefined;
  readonly certificate: { readonly zoneId: pulumi.Input<string>; readonly hostname: pulumi.Input<string> } | undefined;
}

/** A statement of a policy. `Sid` says what it is for. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: object;
}

/**
 * The agent of Systems Manager needs these, none of which takes a resource: what `AmazonSSMManagedInstanceCore` grants without the
 * parameters of the whole account. AWS Systems Manager User Guide, "Reference: ec2messages, ssmmessages, and other API operations".
 */
const agent: Statement = {
  Sid: "Agent",
  Effect: "Allow",
  Action: [
    "ssm:UpdateInstanceInformation",
    "ssm:ListAssociations",
    "ssm:ListInstanceAssociations",
    "ssm:DescribeAssociation",
    "ssm:DescribeDocument",
    "ssm:GetDocument",
    "ssm:GetManifest",
    "ssm:PutInventory",
    "ssm:PutComplianceItems",
    "ssm:PutConfigurePackageResult",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
  ],
  Resource: "*",
};

export function statements(it: AccessSettings): Statement[] {
  const { mailLogArn, metrics, secret, recipients, certificate } = it;
  return [
    agent,
    ...(mailLogArn === undefined ? [] : [allow("MailLog", logActions, [pulumi.interpolate`${mailLogArn}:*`])]),
    ...(metrics === undefined
      ? []
      : [
          allow("MailMetrics", ["cloudwatch:PutMetricData"], "*", {
            StringEquals: { "cloudwatch:namespace": metrics },
          }),
        ]),
    ...(secret === undefined ? [] : [allow("SmartHostSecret", ["secretsmanager:GetSecretValue"], secret.arn)]),
    ...key("SmartHostSecretKey", "secretsmanager", secret?.kmsKeyArn),
    ...(recipients === undefined ? [] : [allow("Recipients", ["s3:GetObject"], recipients.objectArn)]),
    ...key("RecipientsKey", "s3", recipients?.kmsKeyArn),
    ...(certificate === undefined ? [] : challenge(certificate)),
  ];
}

const logActions = ["logs:CreateLogStream", "logs:PutLogEvents"];

function allow(Sid: string, Action: readonly string[], Resource: Statement["Resource"], Condition?: object): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** A key is used through the service whose data it encrypts, and for nothing else. */
function key(Sid: string, service: string, arn: pulumi.Input<string> | undefined): Statement[] {
  if (arn === undefined) return [];
  return [allow(Sid, ["kms:Decrypt"], arn, { StringLike: { "kms:ViaService": `${service}.*.amazonaws.com` } })];
}

/**
 * The one record by which the VM proves to a certificate authority that the name is its own. Service Authorization Reference, "Actions,
 * resources, and condition keys for Amazon Route 53".
 */
function challenge({ zoneId, hostname }: NonNullable<AccessSettings["certificate"]>): Statement[] {
  const zone = pulumi.interpolate`arn:aws:route53:::hostedzone/${zoneId}`;
  return [
    allow("CertificateChallenge", ["route53:ChangeResourceRecordSets"], zone, {
      "ForAllValues:StringEquals": {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [pulumi.interpolate`_acme-challenge.${hostname}`],
        "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
      },
    }),
    // A challenge is added to what stands there already.
    allow("CertificateChallengeRecords", ["route53:ListResourceRecordSets"], zone),
    allow("CertificateChallengeState", ["route53:GetChange"], "arn:aws:route53:::change/*"),
  ];
}

/** The instance profile, and what the VM has to wait for to have its rights. */
export interface Access {
  readonly profile: aws.iam.InstanceProfile;
  readonly policy: aws.iam.RolePolicy;
}

export function createAccess(name: string, settings: AccessSettings, tags: TagsArgs, parent: pulumi.Resource): Access {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "Front-end mail server",
      assumeRolePolicy: policyText({
        Effect: "Allow",
        Principal: { Service: "ec2.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
      tags: { ...tags, Name: name },
    },
    { parent },
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-role-policy`,
    { role: role.id, policy: policyText(...statements(settings)) },
    { parent },
  );
  const profile = new aws.iam.InstanceProfile(
    `${name}-profile`,
    { role: role.name, tags: { ...tags, Name: name } },
    { parent },
  );
  return { profile, policy };
}

function policyText(...all: object[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: all });
}
