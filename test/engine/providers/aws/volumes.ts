import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame } from "../values";
import { arn, type Cloud, flag, found, number, present, tagProps, tagSpecifications, text, updateTags } from "./cloud";

/** Volumes of EBS, and what they are attached to. */
export function volumeServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ebs/volume:Volume": volumes(it),
    "aws:ec2/volumeAttachment:VolumeAttachment": attachments(it),
  };
}

function volumes(it: Cloud): Service {
  const { ec2: client } = it;
  return {
    create: async (inputs) => {
      const { VolumeId = "" } = await client().send(
        new ec2.CreateVolumeCommand({
          AvailabilityZone: text(inputs, "availabilityZone"),
          VolumeType: text(inputs, "type") as ec2.VolumeType | undefined,
          Size: number(inputs, "size"),
          Encrypted: flag(inputs, "encrypted"),
          KmsKeyId: text(inputs, "kmsKeyId"),
          TagSpecifications: tagSpecifications("volume", inputs),
        }),
      );
      return VolumeId;
    },
    read: async (id) => {
      const answer = await found(client().send(new ec2.DescribeVolumesCommand({ VolumeIds: [id] })));
      const volume = answer?.Volumes?.[0];
      if (volume === undefined) return null;
      return {
        ...tagProps(volume.Tags),
        ...present({
          availabilityZone: volume.AvailabilityZone,
          type: volume.VolumeType,
          size: volume.Size,
          encrypted: volume.Encrypted,
        }),
        arn: arn(it, `volume/${id}`),
      };
    },
    update: async (id, old, news) => {
      if (!isSame(old.size, news.size))
        await client().send(new ec2.ModifyVolumeCommand({ VolumeId: id, Size: number(news, "size") }));
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await found(client().send(new ec2.DeleteVolumeCommand({ VolumeId: id })))),
  };
}

/** `stopInstanceBeforeDetaching`: `resourceVolumeAttachmentDelete` in ec2_ebs_volume_attachment.go. */
function attachments({ ec2: client }: Cloud): Service {
  return {
    create: async (inputs) => {
      const [VolumeId = "", InstanceId = ""] = [text(inputs, "volumeId"), text(inputs, "instanceId")];
      await client().send(
        new ec2.AttachVolumeCommand({ VolumeId, InstanceId, Device: text(inputs, "deviceName") ?? "" }),
      );
      return `vai-${VolumeId}-${InstanceId}`;
    },
    read: async (_, before) => {
      const VolumeId = text(before, "volumeId") ?? "";
      const answer = await found(client().send(new ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId] })));
      const attached = answer?.Volumes?.[0]?.Attachments?.find(
        ({ InstanceId }) => InstanceId === text(before, "instanceId"),
      );
      if (attached === undefined) return null;
      return present({ volumeId: VolumeId, instanceId: attached.InstanceId, deviceName: attached.Device });
    },
    update: async () => {},
    delete: async (_, state) => {
      const [VolumeId = "", InstanceId = ""] = [text(state, "volumeId"), text(state, "instanceId")];
      if (flag(state, "stopInstanceBeforeDetaching") === true)
        await client().send(new ec2.StopInstancesCommand({ InstanceIds: [InstanceId] }));
      await client().send(new ec2.DetachVolumeCommand({ VolumeId, InstanceId, Device: text(state, "deviceName") }));
    },
  };
}
