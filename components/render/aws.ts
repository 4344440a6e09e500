import { z } from "zod";
import type { Cloud } from "./cloud";
import { checked } from "./gateway";

/** What the scripts are told about AWS. */
export interface AwsSettings {
  /** CloudWatch namespace of the gateway's metrics. @default "Relayproof" */
  metricNamespace?: string | undefined;
  /**
   * Version and SHA-256 digest of the package of the SSM agent for Debian on amd64.
   * @default the latest one, from Amazon's bucket in the region over https, without a digest
   */
  agent?: { version: string; sha256: string } | undefined;
}

const settings = z.strictObject({
  metricNamespace: z
    .string({ error: "a name" })
    .regex(/^(?!AWS\/)[A-Za-z0-9._/#-]{1,255}$/, {
      error: "1 to 255 letters, digits and ._/#-, not starting with AWS/",
    })
    .default("Relayproof"),
  agent: z
    .strictObject({
      version: z.string().regex(/^\d+\.\d+\.\d+\.\d+$/, { error: "a version such as 3.3.987.0" }),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: "64 hexadecimal digits" }),
    })
    .optional(),
});

/** Instance metadata, IMDSv2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
const metadata = `metadata() {
  local token
  token=$(curl -sf -m 5 --retry 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token) || return 1
  curl -sf -m 5 --retry 3 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}
reference() {
  metadata "tags/instance/relayproof:$1"
}
`;

/**
 * AWS: the instance's role authorises, and its metadata must include its tags.
 * @throws Error if a setting is not valid.
 */
export function awsCloud(given: AwsSettings = {}): Cloud {
  const { metricNamespace, agent } = checked("AWS settings", settings, given);
  return {
    packages: ["awscli", "curl", "jq"],
    functions: `${metadata}region() {
  AWS_DEFAULT_REGION=$(metadata placement/region) || return 1
  export AWS_DEFAULT_REGION
}
fetch_object() {
  local object
  object=$(reference "$1") && region || return 1
  aws s3 cp --only-show-errors "$object" -
}
fetch_secret() {
  local secret
  secret=$(reference "$1") && region || return 1
  aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text
}
put_metrics() {
  region || return 1
  printf '%s\\n' "$@" | jq -cnR --arg host "$gateway" '[inputs | split("=") | {MetricName: .[0], Value: (.[1] | tonumber), Unit: "Count", Dimensions: [{Name: "Host", Value: $host}]}]' >/run/relayproof/metrics.json || return 1
  aws cloudwatch put-metric-data --namespace '${metricNamespace}' --metric-data file:///run/relayproof/metrics.json
}
put_log() {
  local group stream
  group=$(reference mail-log) && region || return 1
  stream=$gateway
  jq -cs 'sort_by(.__REALTIME_TIMESTAMP) | [.[] | {timestamp: (.__REALTIME_TIMESTAMP | tonumber / 1000 | floor), message: "\\(.SYSLOG_IDENTIFIER)[\\(.SYSLOG_PID // ._PID)]: \\(.MESSAGE)"}]' "$1" >/run/relayproof/log-events.json || return 1
  aws logs put-log-events --log-group-name "$group" --log-stream-name "$stream" --log-events file:///run/relayproof/log-events.json >/dev/null && return 0
  # The stream is made when there is something to put into it.
  aws logs create-log-stream --log-group-name "$group" --log-stream-name "$stream" || return 1
  aws logs put-log-events --log-group-name "$group" --log-stream-name "$stream" --log-events file:///run/relayproof/log-events.json >/dev/null
}
`,
    // The names of NVMe devices change from boot to boot; udev names an EBS volume by its id without the dash.
    queueDevice: `${metadata}queue_device() {
  local volume
  volume=$(reference queue-volume) || return 1
  echo "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$(echo "$volume" | tr -d -)"
}
`,
    files: [
      {
        // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configure-ec2-ntp.html
        path: "/etc/chrony/conf.d/relayproof.conf",
        content: "server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4\n",
      },
    ],
    agent: `${metadata}region=$(metadata placement/region)
curl -sf -m 300 --retry 5 -o /root/amazon-ssm-agent.deb "https://s3.$region.amazonaws.com/amazon-ssm-$region/${agent?.version ?? "latest"}/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"
${agent === undefined ? "" : `echo '${agent.sha256}  /root/amazon-ssm-agent.deb' | sha256sum --check --quiet\n`}dpkg -i /root/amazon-ssm-agent.deb
rm -f /root/amazon-ssm-agent.deb
systemctl enable --now amazon-ssm-agent
`,
    resolver: { address: "169.254.169.253", zones: ["amazonaws.com", "aws", "internal"] },
    acme: {
      provider: "route53",
      environment: `AWS_HOSTED_ZONE_ID=$(reference acme-zone)
AWS_REGION=$(metadata placement/region)
export AWS_HOSTED_ZONE_ID AWS_REGION
`,
    },
  };
}
