import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { awsCloud, azureCloud, type Cloud } from "../../components/render";

/** Commands of the cloud that answer from a table, and note how they were called. */
const directory = mkdtempSync(join(tmpdir(), "relayproof-cloud-"));
afterAll(() => rmSync(directory, { recursive: true }));

const installed = spawnSync("jq", ["--version"]).status === 0;
const tags: Record<string, string> = {
  "relayproof:recipients": "s3://lists/recipients.txt",
  "relayproof:smart-host-secret": "smart-host",
  "relayproof:mail-log": "/mail/log",
  "relayproof:queue-volume": "vol-0123456789abcdef0",
};
const azureTags: Record<string, string> = {
  "relayproof:recipients": "https://lists.blob.core.windows.net/lists/recipients.txt",
  "relayproof:smart-host-secret": "https://mail.vault.azure.net/secrets/smart-host",
  "relayproof:mail-log": "https://x.ingest.monitor.azure.com/dataCollectionRules/dcr-1/streams/Custom-Mail",
};

const curl = `#!/bin/bash
echo "curl $*" >>"$CALLS"
for url in "$@"; do :; done
case "$*" in *'--config -'*) sed 's/^/  stdin: /' >>"$CALLS" ;; esac
for word in "$@"; do case $word in @*) sed 's/^/  body: /' "\${word#@}" >>"$CALLS" ;; esac; done
case $url in
*/latest/api/token) echo TOKEN ;;
*/placement/region) echo eu-central-1 ;;
${Object.entries(tags)
  .map(([name, value]) => `*/tags/instance/${name}) echo ${value} ;;`)
  .join("\n")}
*/tagsList*) echo '${JSON.stringify(Object.entries(azureTags).map(([name, value]) => ({ name, value })))}' ;;
*/oauth2/token*) echo '{"access_token":"BEARER"}' ;;
*/instance/compute\\?*) echo '{"location":"westeurope","resourceId":"/subscriptions/s/vm"}' ;;
*/recipients.txt) echo a@example.com ;;
*/secrets/*) echo '{"value":"the secret"}' ;;
*/streams/*|*/metrics) ;;
*) exit 22 ;;
esac
`;
const aws = `#!/bin/bash
echo "aws $AWS_DEFAULT_REGION $*" >>"$CALLS"
for word in "$@"; do case $word in file://*) sed 's/^/  file: /' "\${word#file://}" >>"$CALLS" ;; esac; done
case "$1 $2" in
"s3 cp") echo a@example.com ;;
"secretsmanager get-secret-value") echo 'the secret' ;;
esac
`;

/** Runs commands after the functions of a cloud. What is written to /run is written to a directory of the test. */
function run(cloud: Cloud, commands: string) {
  const calls = join(directory, "calls");
  for (const [name, text] of Object.entries({ curl, aws })) writeFileSync(join(directory, name), text, { mode: 0o755 });
  writeFileSync(calls, "");
  const text = `set -eu -o pipefail\ngateway=mx1.example.com\n${cloud.functions}${commands}\n`;
  const { status, stdout, stderr } = spawnSync("bash", ["-s"], {
    input: text.replaceAll("/run/relayproof", directory),
    encoding: "utf8",
    env: { PATH: `${directory}:${process.env.PATH}`, CALLS: calls },
  });
  return { status, stdout, stderr, calls: readFileSync(calls, "utf8").replaceAll(directory, "/run/relayproof") };
}

const journal = [2, 1].map((n) =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: `178000000${n}000123`,
    SYSLOG_IDENTIFIER: "postfix/smtpd",
    SYSLOG_PID: "77",
    MESSAGE: `line ${n}`,
  }),
);

describe.skipIf(!installed && process.env.CI === undefined)("AWS", () => {
  const cloud = awsCloud({ metricNamespace: "Mail" });

  test("fetches what the tags of the instance name", () => {
    const { stdout, calls } = run(cloud, "fetch_object recipients; fetch_secret smart-host-secret");
    expect(stdout).toBe("a@example.com\nthe secret\n");
    expect(calls).toContain(
      "-H X-aws-ec2-metadata-token: TOKEN http://169.254.169.254/latest/meta-data/tags/instance/relayproof:recipients",
    );
    expect(calls).toContain("aws eu-central-1 s3 cp --only-show-errors s3://lists/recipients.txt -");
    expect(calls).toContain("aws eu-central-1 secretsmanager get-secret-value --secret-id smart-host ");
  });

  test("records metrics with the name of the gateway", () => {
    const { status, calls } = run(cloud, "put_metrics QueueLength=3 DeferredMessages=0");
    expect(status).toBe(0);
    expect(calls).toContain(
      "aws eu-central-1 cloudwatch put-metric-data --namespace Mail --metric-data file:///run/relayproof/metrics.json",
    );
    expect(JSON.parse(/^ {2}file: (.*)$/m.exec(calls)?.[1] ?? "")).toEqual(
      Object.entries({ QueueLength: 3, DeferredMessages: 0 }).map(([MetricName, Value]) => ({
        MetricName,
        Value,
        Unit: "Count",
        Dimensions: [{ Name: "Host", Value: "mx1.example.com" }],
      })),
    );
  });

  test("stores lines of the journal in the order of their time", () => {
    writeFileSync(join(directory, "journal"), `${journal.join("\n")}\n`);
    const { status, calls } = run(cloud, "put_log /run/relayproof/journal");
    expect(status).toBe(0);
    expect(calls).toContain(
      "aws eu-central-1 logs put-log-events --log-group-name /mail/log --log-stream-name mx1.example.com ",
    );
    expect(JSON.parse(/^ {2}file: (.*)$/m.exec(calls)?.[1] ?? "")).toEqual([
      { timestamp: 1780000001000, message: "postfix/smtpd[77]: line 1" },
      { timestamp: 1780000002000, message: "postfix/smtpd[77]: line 2" },
    ]);
  });

  test("finds the queue's disk by the id of its volume", () => {
    const { stdout } = run({ ...cloud, functions: cloud.queueDevice }, "queue_device");
    expect(stdout).toBe("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0\n");
  });

  test.each(["fetch_object acme-zone", "fetch_secret acme-zone"])("fails without the tag: %s", (command) => {
    expect(run(cloud, command)).toMatchObject({ stdout: "" });
    expect(run(cloud, command).status).not.toBe(0);
  });
});

describe.skipIf(!installed && process.env.CI === undefined)("Azure", () => {
  const cloud = azureCloud();

  test("fetches what the tags of the VM name, with a token that is no argument", () => {
    const { stdout, calls } = run(cloud, "fetch_object recipients; fetch_secret smart-host-secret");
    expect(stdout).toBe("a@example.com\nthe secret\n");
    expect(calls).toContain("x-ms-version: 2021-12-02 https://lists.blob.core.windows.net/lists/recipients.txt");
    expect(calls).toContain("https://mail.vault.azure.net/secrets/smart-host?api-version=7.4");
    expect(calls.match(/^ {2}stdin: header = "Authorization: Bearer BEARER"$/gm)).toHaveLength(2);
    expect(calls).not.toMatch(/^curl.*BEARER/m);
  });

  test("records metrics of the VM itself", () => {
    const { status, calls } = run(cloud, "put_metrics QueueLength=3");
    expect(status).toBe(0);
    expect(calls).toContain("https://westeurope.monitoring.azure.com/subscriptions/s/vm/metrics");
    expect(JSON.parse(/^ {2}body: (.*)$/m.exec(calls)?.[1] ?? "")).toMatchObject({
      data: {
        baseData: { metric: "QueueLength", namespace: "Relayproof", series: [{ min: 3, max: 3, sum: 3, count: 1 }] },
      },
    });
  });

  test("stores lines of the journal", () => {
    writeFileSync(join(directory, "journal"), `${journal.join("\n")}\n`);
    const { status, calls } = run(cloud, "put_log /run/relayproof/journal");
    expect(status).toBe(0);
    expect(calls).toContain("/dataCollectionRules/dcr-1/streams/Custom-Mail?api-version=2023-01-01");
    expect(JSON.parse(/^ {2}body: (.*)$/m.exec(calls)?.[1] ?? "")[0]).toEqual({
      TimeGenerated: "2026-05-28T20:26:42Z",
      Host: "mx1.example.com",
      Message: "postfix/smtpd[77]: line 2",
    });
  });

  test.each(["fetch_object acme-zone", "fetch_secret acme-zone", "reference acme-zone"])(
    "fails without the tag: %s",
    (command) => {
      expect(run(cloud, command).status).not.toBe(0);
    },
  );
});
