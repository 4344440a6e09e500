import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { relayproof } from "../cli/run";

/** The commands and configurations of docs/adopt.md, on a stack that was not made for them. */
const page = readFileSync(join(__dirname, "../../docs/adopt.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text);

const program = `
import * as aws from "@pulumi/aws";

const vpc = new aws.ec2.Vpc("shop", { cidrBlock: "10.0.0.0/16" });
const internet = new aws.ec2.InternetGateway("shop", { vpcId: vpc.id });
const subnet = new aws.ec2.Subnet("dmz", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24", mapPublicIpOnLaunch: true });
const routes = new aws.ec2.RouteTable("dmz", { vpcId: vpc.id, routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: internet.id }] });
new aws.ec2.RouteTableAssociation("dmz", { subnetId: subnet.id, routeTableId: routes.id });
const smtp = [{ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["0.0.0.0/0"] }];
const group = new aws.ec2.SecurityGroup("mx", { vpcId: vpc.id, ingress: smtp, egress: smtp });
new aws.ec2.Instance("mx-1", {
  ami: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  subnetId: subnet.id,
  vpcSecurityGroupIds: [group.id],
  metadataOptions: { httpTokens: "required" },
  rootBlockDevice: { encrypted: true },
});
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "tmp-"));
  const [dev = "", prod = ""] = blocks("json");
  const files = {
    "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: index.ts\n",
    "Pulumi.dev.yaml": "config:\n  aws:region: eu-central-1\n",
    "Pulumi.prod.yaml": "config:\n  aws:region: eu-central-1\n",
    "index.ts": program,
    "policy/dev.json": dev,
    "policy/prod.json": prod,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = blocks("sh")
  .flatMap((block) => block.split("\n"))
  .filter((line) => line.startsWith("npx relayproof check --stack"));

describe("commands of docs/adopt.md", () => {
  it("are three", () => expect(commands).toHaveLength(3));

  it.each<[string, RegExp]>([
    ["npx relayproof check --stack dev", /^FAIL {2}dev: 1 violation, \d+ undetermined/],
    ["npx relayproof check --stack dev --policy-config policy/dev.json", /^PASS {2}dev: \d+ advisory/],
    [
      "npx relayproof check --stack prod --policy-config policy/prod.json",
      /^(?:PASS|UNDETERMINED) {2}prod: .*1 waived/,
    ],
  ])("%s", (command, heading) => {
    expect(commands).toContain(command);
    const { stdout, stderr } = relayproof(command.split(" ").slice(2), { cwd: folder });
    expect(stderr).toBe("");
    expect(stdout).toMatch(heading);
  });
});
