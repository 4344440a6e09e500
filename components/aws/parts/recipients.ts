import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import { identifier } from "../../schemas";

/** A list of recipients in S3: one address a line. Without it, recipients are refused for the time being, never accepted unseen. */
export interface RecipientsObjectArgs {
  /** Name of the bucket. @default a bucket of its own: versioned, encrypted, closed to the public */
  bucket?: pulumi.Input<string | undefined>;
  /** Key of the object. @default "recipients" */
  key?: string | undefined;
  /** ARN of the KMS key that encrypts the object. @default keys of S3 */
  kmsKeyArn?: pulumi.Input<string | undefined>;
}

export const recipientsObject = z
  .strictObject(
    {
      bucket: deferrable(identifier.optional()),
      key: z
        .string({ error: "a key" })
        .regex(/^[A-Za-z0-9._/-]{1,200}$/, { error: "1 to 200 letters, digits and ._/-" })
        .default("recipients"),
      kmsKeyArn: deferrable(identifier.optional()),
    },
    { error: "an object with bucket and key" },
  )
  .optional();
export type RecipientsObject = NonNullable<z.output<typeof recipientsObject>>;

/** The bucket that is named, or one of its own. */
export function recipientsBucket(
  name: string,
  { bucket, kmsKeyArn }: RecipientsObject,
  tags: TagsArgs,
  parent: pulumi.Resource,
): pulumi.Input<string> {
  if (bucket !== undefined) return bucket as pulumi.Input<string>;
  const opts = { parent };
  // What is in it comes from the directory, and can be put there again.
  const own = new aws.s3.Bucket(
    `${name}-recipients`,
    { forceDestroy: true, tags: { ...tags, Name: `${name}-recipients` } },
    opts,
  );
  new aws.s3.BucketPublicAccessBlock(
    `${name}-recipients-private`,
    {
      bucket: own.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    opts,
  );
  new aws.s3.BucketVersioning(
    `${name}-recipients-versions`,
    { bucket: own.id, versioningConfiguration: { status: "Enabled" } },
    opts,
  );
  const encryption =
    kmsKeyArn === undefined ? { sseAlgorithm: "AES256" } : { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn };
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-recipients-encryption`,
    { bucket: own.id, rules: [{ applyServerSideEncryptionByDefault: encryption, bucketKeyEnabled: true }] },
    opts,
  );
  const statement = {
    Sid: "EncryptedConnectionsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [own.arn, pulumi.interpolate`${own.arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  new aws.s3.BucketPolicy(
    `${name}-recipients-policy`,
    { bucket: own.id, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: [statement] }) },
    opts,
  );
  return own.bucket;
}
