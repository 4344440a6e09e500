import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import { identifier, integer } from "../../schemas";

/** The disk that the mail queue is on. It outlives the VM: what was accepted is delivered by the next one. */
export interface QueueVolumeArgs {
  /** In GiB, 1 to 16384. It can grow, never shrink. @default 20 */
  sizeGib?: pulumi.Input<number> | undefined;
  /** KMS key that encrypts it. Another key is another volume. @default the account's key for EBS */
  kmsKeyId?: pulumi.Input<string | undefined>;
  /** Whether Pulumi refuses to delete it. @default true */
  protect?: boolean | undefined;
}

export const queueVolume = z
  .strictObject(
    {
      sizeGib: deferrable(integer(1, 16384, "GiB").default(20)),
      kmsKeyId: deferrable(identifier.optional()),
      protect: z.boolean({ error: "true or false" }).default(true),
    },
    { error: "an object with sizeGib, kmsKeyId and protect" },
  )
  .prefault({});

/**
 * The volume, in the zone of the subnet. A zone that changes would be another, empty volume: the attachment fails instead, and the mail in
 * the queue stays.
 */
export function createQueueVolume(
  name: string,
  args: z.output<typeof queueVolume>,
  zone: pulumi.Input<string>,
  tags: TagsArgs,
  parent: pulumi.Resource,
): aws.ebs.Volume {
  const { sizeGib: size, kmsKeyId, protect } = args;
  return new aws.ebs.Volume(
    `${name}-queue`,
    {
      availabilityZone: zone,
      type: "gp3",
      size,
      encrypted: true,
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      tags: { ...tags, Name: `${name}-queue` },
    },
    { parent, protect, ignoreChanges: ["availabilityZone"] },
  );
}

/**
 * A volume attaches to one VM. Before it leaves, the VM is stopped, so that Postfix ends and the file system is clean. The device name
 * is for AWS alone: NVMe names differ, and the VM finds the volume by its id.
 */
export function attachQueueVolume(
  name: string,
  volume: aws.ebs.Volume,
  instance: aws.ec2.Instance,
  parent: pulumi.Resource,
): aws.ec2.VolumeAttachment {
  return new aws.ec2.VolumeAttachment(
    `${name}-queue-attachment`,
    { deviceName: "/dev/sdf", volumeId: volume.id, instanceId: instance.id, stopInstanceBeforeDetaching: true },
    { parent, deleteBeforeReplace: true },
  );
}
