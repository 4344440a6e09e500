import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  awsCloud,
  azureCloud,
  bootstrap,
  type DeliverySettings,
  delivery,
  deliveryLimit,
  mainCf,
  masterCf,
  userDataLimit,
} from "../../components/render";
import { filesOf, filesOfUserData, whatever } from "./support";

const small: DeliverySettings = {
  hostname: "mx1.example.com",
  domains: ["example.com"],
  exchangeServers: ["10.20.2.20"],
  cloud: awsCloud(),
};
const full: DeliverySettings = {
  hostname: "mx2.example.org",
  domains: ["example.com", "example.org"],
  exchangeServers: ["10.20.2.20", "10.20.3.20"],
  ports: [25, 2525],
  cloud: azureCloud(),
  outbound: "held",
  smartHost: { host: "smtp.example.net" },
  recipientsObject: true,
  acme: { email: "postmaster@example.org", directory: "https://acme.example.net/directory" },
  mailLog: true,
  metrics: true,
  postfix: { dnsblSites: ["zen.spamhaus.org"], outboundTls: "dane" },
};

describe.each([
  ["small", small],
  ["full", full],
])("%s", (name, settings) => {
  const { hostname, cloud } = settings;
  test("the first boot", () =>
    expect(bootstrap({ hostname, cloud })).toMatchFileSnapshot(`snapshots/${name}.bootstrap.yaml`));
  test("the delivery", () => expect(delivery(settings)).toMatchFileSnapshot(`snapshots/${name}.delivery.sh`));

  test("the delivery holds the files as they are rendered", () => {
    const { cloud: _, acme: __, mailLog: ___, metrics: ____, ...gateway } = settings;
    const files = filesOf(delivery(settings));
    expect(files.get("/etc/postfix.new/main.cf")).toBe(mainCf(gateway));
    expect(files.get("/etc/postfix.new/master.cf")).toBe(masterCf(gateway));
  });
});

test("the first boot knows nothing of the mail flow", () => {
  const { hostname, cloud } = full;
  const text = bootstrap({ hostname, cloud });
  for (const word of ["example.com", "10.20.2.20", "smtp.example.net"]) expect(text).not.toContain(word);
  expect(filesOfUserData(text).get("/etc/postfix/main.cf")).toMatch(/^inet_interfaces = loopback-only$/m);
});

test("whatever the settings are, both texts fit, and neither holds what the clouds or the shell would replace", () => {
  whatever(60, (before, after) => {
    const userData = bootstrap(before);
    const script = delivery(after);
    expect(Buffer.byteLength(userData)).toBeLessThan(userDataLimit);
    expect(Buffer.byteLength(script)).toBeLessThanOrEqual(deliveryLimit);
    // SSM reads {{ name }} in a document as a parameter.
    expect(script).not.toContain("{{");
    for (const text of [userData, script])
      expect(text).not.toMatch(/undefined|\[object|http:\/\/(?!169\.254\.169\.254)/);
    expect(filesOf(script).get("/etc/postfix.new/main.cf")).toContain("reject_unauth_destination");
  });
});

test("a list that is too long says so", () => {
  const recipients = Array.from({ length: 5000 }, (_, i) => `user${i}@example.com`);
  expect(() => delivery({ ...small, postfix: { recipients } })).toThrow(
    /^delivery settings: postfix\.recipients: 5000 addresses make a script of \d+ bytes: expected at most 61440/,
  );
});

test.each<[string, object, string]>([
  ["outbound", { outbound: "closed" }, 'outbound: "closed": expected one of open, held'],
  [
    "smartHost.port",
    { smartHost: { host: "smtp.example.net", port: 465 } },
    "smartHost.port: 465: expected a port with STARTTLS such as 587, not 465 or 2465",
  ],
  [
    "smartHost.host",
    { smartHost: { host: "smtp" } },
    'smartHost.host: "smtp": expected a fully qualified domain name such as mx1.example.com',
  ],
  [
    "a list beside an object",
    { recipientsObject: true, postfix: { recipients: ["a@example.com"] } },
    'postfix.recipients: ["a@example.com"]: expected no list while recipientsObject is true',
  ],
  [
    "acme.email",
    { acme: { email: "a@example.com; reboot" } },
    'acme.email: "a@example.com; reboot": expected a mail address such as postmaster@example.com',
  ],
  [
    "acme.directory",
    { acme: { email: "a@example.com", directory: "https://x/$(reboot)" } },
    'acme.directory: "https://x/$(reboot)": expected an https address',
  ],
  ["a setting that does not exist", { recipientObject: true }, "recipientObject: true: expected no such setting"],
])("a setting that is not valid is named: %s", (_, wrong, message) => {
  expect(() => delivery({ ...small, ...wrong })).toThrow(new Error(`delivery settings: ${message}`));
});

test("so are those of the first boot and of the clouds", () => {
  const { hostname, cloud } = small;
  expect(() => bootstrap({ hostname, cloud, rebootTime: "3:30" })).toThrow(
    'bootstrap settings: rebootTime: "3:30": expected a time such as 03:30',
  );
  expect(() => awsCloud({ metricNamespace: "AWS/EC2" })).toThrow(
    /^AWS settings: metricNamespace: "AWS\/EC2": expected 1 to 255/,
  );
  expect(() => azureCloud({ queueLun: 64 })).toThrow(/^Azure settings: queueLun: 64: expected /);
});

const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
if (!shellcheck && process.env.CI === undefined) console.log("shellcheck is missing: the scripts are not linted.");

/** Every script that is rendered, as a file of its own. */
function scripts(settings: DeliverySettings): [string, string][] {
  const { hostname, cloud } = settings;
  const texts = [
    ["delivery", delivery(settings)] as const,
    ...filesOf(delivery(settings)),
    ...filesOfUserData(bootstrap({ hostname, cloud })),
  ];
  return texts.flatMap(([path, text]): [string, string][] => (/^#!|^# shellcheck/.test(text) ? [[path, text]] : []));
}

describe.skipIf(!shellcheck && process.env.CI === undefined)("shellcheck has nothing to say", () => {
  test.each([
    ...scripts({ ...full, cloud: awsCloud({ agent: { version: "3.3.987.0", sha256: "ab".repeat(32) } }) }),
    ...scripts(full),
  ])("%s", (_, text) => {
    const { stdout, stderr, error } = spawnSync("shellcheck", ["--external-sources", "--exclude=SC1091", "-"], {
      input: text,
      encoding: "utf8",
    });
    expect(error).toBeUndefined();
    expect(stdout + stderr).toBe("");
  });
});
