import { z } from "zod";
import type { Cloud } from "./cloud";
import { checked } from "./gateway";

/** What the scripts are told about Azure. */
export interface AzureSettings {
  /** Logical unit number of the queue's data disk. @default 0 */
  queueLun?: number | undefined;
  /** How the VM's disks are attached. @default "SCSI" */
  diskController?: "SCSI" | "NVMe" | undefined;
  /** Namespace of the gateway's custom metrics. @default "Relayproof" */
  metricNamespace?: string | undefined;
}

const settings = z.strictObject({
  queueLun: z.int({ error: "a number from 0 to 63" }).min(0).max(63).default(0),
  diskController: z.enum(["SCSI", "NVMe"], { error: "one of SCSI, NVMe" }).default("SCSI"),
  metricNamespace: z
    .string({ error: "a name" })
    .regex(/^[A-Za-z0-9._/#-]{1,255}$/, { error: "1 to 255 letters, digits and ._/#-" })
    .default("Relayproof"),
});

/**
 * Azure: the VM's managed identity authorises.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
 * @throws Error if a setting is not valid.
 */
export function azureCloud(given: AzureSettings = {}): Cloud {
  const { queueLun, diskController, metricNamespace } = checked("Azure settings", settings, given);
  const device =
    diskController === "NVMe" ? `/dev/disk/azure/data/by-lun/${queueLun}` : `/dev/disk/azure/scsi1/lun${queueLun}`;
  return {
    packages: ["azure-vm-utils", "curl", "jq"],
    functions: `metadata() {
  curl -sf -m 5 --retry 3 --noproxy '*' -H Metadata:true "http://169.254.169.254/metadata/$1"
}
token() {
  metadata "identity/oauth2/token?api-version=2018-02-01&resource=$1" | jq -er .access_token
}
reference() {
  metadata 'instance/compute/tagsList?api-version=2021-02-01' | jq -er --arg name "relayproof:$1" '.[] | select(.name == $name).value'
}
authorised() {
  local bearer
  bearer=$(token "$1") || return 1
  shift
  # The token is no argument of a process, where others could read it.
  printf 'header = "Authorization: Bearer %s"\\n' "$bearer" | curl -sf -m 120 --retry 3 --config - "$@"
}
fetch_object() {
  local object
  object=$(reference "$1") || return 1
  authorised https%3A%2F%2Fstorage.azure.com%2F -H 'x-ms-version: 2021-12-02' "$object"
}
fetch_secret() {
  local secret
  secret=$(reference "$1") || return 1
  authorised https%3A%2F%2Fvault.azure.net "$secret?api-version=7.4" | jq -er .value
}
put_metrics() {
  local url pair
  url=$(metadata 'instance/compute?api-version=2021-02-01' | jq -er '"https://\\(.location).monitoring.azure.com\\(.resourceId)/metrics"') || return 1
  for pair in "$@"; do
    echo "$pair" | jq -cR --arg time "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'split("=") | (.[1] | tonumber) as $n | {time: $time, data: {baseData: {metric: .[0], namespace: "${metricNamespace}", series: [{min: $n, max: $n, sum: $n, count: 1}]}}}' >/run/relayproof/metrics.json || return 1
    authorised https%3A%2F%2Fmonitoring.azure.com%2F -H 'Content-Type: application/json' -d @/run/relayproof/metrics.json "$url" || return 1
  done
}
put_log() {
  local url
  url=$(reference mail-log) || return 1
  jq -cs --arg host "$gateway" '[.[] | {TimeGenerated: (.__REALTIME_TIMESTAMP | tonumber / 1000000 | todate), Host: $host, Message: "\\(.SYSLOG_IDENTIFIER)[\\(.SYSLOG_PID // ._PID)]: \\(.MESSAGE)"}]' "$1" >/run/relayproof/log-events.json || return 1
  authorised https%3A%2F%2Fmonitor.azure.com%2F -H 'Content-Type: application/json' -d @/run/relayproof/log-events.json "$url?api-version=2023-01-01"
}
`,
    queueDevice: `queue_device() {
  echo ${device}
}
`,
    files: [
      {
        // https://learn.microsoft.com/azure/virtual-machines/linux/time-sync
        path: "/etc/chrony/conf.d/relayproof.conf",
        content: "refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2\n",
      },
    ],
    // The image brings the VM agent.
    agent: "",
    resolver: {
      address: "168.63.129.16",
      zones: ["azure.com", "azure.net", "windows.net", "cloudapp.net"],
    },
    acme: {
      provider: "azure",
      environment: `zone=$(reference acme-zone)
AZURE_SUBSCRIPTION_ID=$(echo "$zone" | cut -d/ -f3)
AZURE_RESOURCE_GROUP=$(echo "$zone" | cut -d/ -f5)
AZURE_ZONE_NAME=$(echo "$zone" | cut -d/ -f9)
export AZURE_SUBSCRIPTION_ID AZURE_RESOURCE_GROUP AZURE_ZONE_NAME
`,
    },
  };
}
