import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Log } from "sarif";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LONGEST_COMMENT } from "../../cli/report/markdown-blocks";
import { GitHubStandIn, type Ran, root, runAction } from "./workflow";

/** A server for mail that the Internet reaches on 25 from `cidr`. */
const program = (cidr: string) => `
const aws = require("@pulumi/aws");
const vpc = new aws.ec2.Vpc("mail", { cidrBlock: "10.0.0.0/16" });
const gateway = new aws.ec2.InternetGateway("way-out", { vpcId: vpc.id });
const subnet = new aws.ec2.Subnet("public", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24" });
const table = new aws.ec2.RouteTable("public", { vpcId: vpc.id, routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }] });
new aws.ec2.RouteTableAssociation("public", { subnetId: subnet.id, routeTableId: table.id });
const group = new aws.ec2.SecurityGroup("mail", {
  vpcId: vpc.id,
  ingress: [{ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["${cidr}"] }],
});
new aws.ec2.Instance("exchange", {
  ami: "ami-0", instanceType: "t3.large", subnetId: subnet.id, associatePublicIpAddress: true, vpcSecurityGroupIds: [group.id],
  tags: { "relayproof:role": "internal-mail" },
});
`;
const policyConfig = (waivers: object[] = []) =>
  JSON.stringify({ perimeter: { approvedSenders: ["10.0.1.0/24"], waivers } });

let folder: string;
let github: GitHubStandIn;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "relayproof-action-"));
  mkdirSync(join(folder, "infrastructure"));
  write("infrastructure/Pulumi.yaml", "name: mail\nruntime: nodejs\nmain: index.js\n");
  write("infrastructure/Pulumi.prod.yaml", "config: {}\n");
  write("infrastructure/policy.json", policyConfig());
  write("infrastructure/index.js", program("10.0.1.0/24"));
  git("init", "--quiet", "--initial-branch=main");
  commit();
  github = new GitHubStandIn();
  await github.start();
});
afterEach(() => {
  github.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, content: string): void {
  writeFileSync(join(folder, file), content);
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

function commit(): string {
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", "change");
  return git("rev-parse", "HEAD");
}

/** The dependencies of the program, as npm would install them. */
const install = `mkdir -p node_modules && ln -sfn '${root}/node_modules/@pulumi' node_modules/@pulumi && ln -sfn '${root}' node_modules/relayproof`;

function run(inputs: Record<string, string> = {}, event: object = pullRequest()): Promise<Ran> {
  write(".git/event.json", JSON.stringify(event));
  const all = { directory: "infrastructure", "policy-config": "infrastructure/policy.json", install, ...inputs };
  return runAction(all, {
    GITHUB_WORKSPACE: folder,
    GITHUB_EVENT_PATH: join(folder, ".git/event.json"),
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: "acme/mail",
    GITHUB_SHA: git("rev-parse", "HEAD"),
    GITHUB_REF: "refs/pull/7/merge",
  });
}

function pullRequest() {
  return { pull_request: { number: 7, base: { sha: git("rev-parse", "HEAD^1") } } };
}

function annotationsIn({ log }: Ran): string[] {
  return log.split("\n").filter((line) => line.startsWith("::"));
}

describe("the GitHub Action", () => {
  it("says of a change that opens the relay port what it opens, everywhere where reviewers look, and fails", async () => {
    write("infrastructure/index.js", program("0.0.0.0/0"));
    commit();
    const ran = await run();
    expect(ran.status, ran.log).toBe(1);
    expect(ran.outputs).toMatchObject({ verdict: "fail", opens: "true" });
    expect(ran.summary).toMatch(/^## ❌ Relayproof: fail\n/);
    expect(ran.summary).toContain("## 🔓 Relayproof: this change opens something");
    expect(ran.summary).toContain("| <code>exchange</code> | 25 | internet | 0.0.0.0/0 |");
    const [error] = annotationsIn(ran);
    expect(error).toMatch(
      /^::error file=infrastructure\/index\.js,line=12,col=1,title=Relayproof%3A [a-z-]+::.*exchange/,
    );
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toBe(`<!-- relayproof: infrastructure -->\n${ran.summary}`);
    const [upload] = github.sarifs;
    expect(upload).toMatchObject({ ref: "refs/pull/7/merge", commit_sha: git("rev-parse", "HEAD") });
    const sarif = JSON.parse(gunzipSync(Buffer.from(upload?.sarif ?? "", "base64")).toString()) as Log;
    expect(sarif.runs[0]?.results?.map((result) => result.ruleId)).toContain("smtp-internet-exposure");
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
  });

  it("keeps one comment up to date, and leaves those of others alone", async () => {
    const person = { login: "somebody", type: "User" };
    for (let id = 1; id <= 120; id++)
      github.comments.push({ id, body: "<!-- relayproof: infrastructure -->\nmine", user: person });
    write("infrastructure/index.js", program("0.0.0.0/0"));
    commit();
    await run();
    write("infrastructure/index.js", program("10.0.1.0/24"));
    commit();
    const ran = await run();
    expect(ran.status, ran.log).toBe(0);
    expect(github.comments).toHaveLength(121);
    expect(github.comments.at(-1)?.body).toContain("## 🔒 Relayproof: this change opens nothing");
    expect(github.comments.filter((comment) => comment.body.endsWith("mine"))).toHaveLength(120);
    github.requests.length = 0;
    await run();
    expect(github.requests.filter((request) => /^(PATCH|POST).*issues/.test(request))).toEqual([]);
  });

  it("fails on what opens only, if that is asked", async () => {
    write("infrastructure/index.js", program("0.0.0.0/0"));
    commit();
    commit();
    const ran = await run({ "fail-on": "opens" });
    expect(ran.status, ran.log).toBe(0);
    expect(ran.outputs).toMatchObject({ verdict: "fail", opens: "false" });
    expect((await run({ "fail-on": "opens", base: "none" })).status).toBe(1);
    expect((await run({ "fail-on": "never", base: "none" })).status).toBe(0);
  });

  it("uploads no waived finding, which code scanning would take for open, and annotates none", async () => {
    const waiver = { urn: "*", reason: "A migration", owner: "mail@example.com", expires: "2999-01-01" };
    const names = ["smtp-internet-exposure", "exchange-approved-senders"];
    write("infrastructure/policy.json", policyConfig(names.map((policy) => ({ policy, ...waiver }))));
    write("infrastructure/index.js", program("0.0.0.0/0"));
    commit();
    const ran = await run({ base: "none" });
    expect(ran.summary).toContain("_Waived: ");
    const sarif = gunzipSync(Buffer.from(github.sarifs[0]?.sarif ?? "", "base64")).toString();
    const rules = (JSON.parse(sarif) as Log).runs[0]?.results?.map((result) => result.ruleId) ?? [];
    expect(rules.filter((rule) => names.includes(rule ?? ""))).toEqual([]);
    expect(annotationsIn(ran).filter((line) => names.some((name) => line.includes(`%3A ${name}::`)))).toEqual([]);
  });

  it("has its verdict where a fork's token may write nothing", async () => {
    github.readOnly = true;
    write("infrastructure/index.js", program("0.0.0.0/0"));
    commit();
    const ran = await run();
    expect(ran.status).toBe(1);
    expect(ran.summary).toContain("Relayproof: fail");
    expect(annotationsIn(ran).filter((line) => line.startsWith("::warning title=Relayproof::"))).toEqual([
      "::warning title=Relayproof::comment: POST /repos/acme/mail/issues/7/comments: 403 Resource not accessible by integration",
      "::warning title=Relayproof::code-scanning: POST /repos/acme/mail/code-scanning/sarifs: 403 Resource not accessible by integration",
    ]);
  });

  it("says in one line why a stack could not be judged, and does not take that for a pass", async () => {
    write("infrastructure/index.js", 'throw new Error("no way");');
    commit();
    const ran = await run({ "fail-on": "never" });
    expect(ran.status).toBe(2);
    expect(ran.outputs).toMatchObject({ verdict: "", opens: "" });
    expect(annotationsIn(ran)).toHaveLength(1);
    expect(annotationsIn(ran)[0]).toMatch(/^::error title=Relayproof::The stack could not be judged: .*no way/);
    expect(github.comments[0]?.body).toContain("could not be judged");
    expect(github.sarifs).toEqual([]);
  });

  it("judges the change alone where what was there before cannot be judged", async () => {
    write("infrastructure/index.js", 'throw new Error("no way");');
    commit();
    write("infrastructure/index.js", program("10.0.1.0/24"));
    commit();
    const ran = await run();
    expect(ran.status, ran.log).toBe(0);
    expect(ran.summary).toMatch(/_Not compared with what was there before: .*no way/);
    expect(ran.outputs.opens).toBe("");
  });

  it("shows the token to no program that a pull request brings along", async () => {
    write(
      "infrastructure/index.js",
      "if (JSON.stringify(process.env).includes('token-of-the-workflow')) throw new Error('leak');",
    );
    commit();
    const ran = await run({ base: "none" });
    expect(ran.log).not.toContain("leak");
    expect(ran.status).toBe(0);
  });

  it.each([
    [{ "fail-on": "always" }, 'fail-on: "always": expected one of verdict, opens, never'],
    [{ comment: "yes" }, 'comment: "yes": expected true or false'],
    [{ base: "--help" }, 'base: "--help": expected a commit, auto or none'],
    [{ directory: "nowhere" }, 'directory: "nowhere": there is no such folder'],
  ])("refuses %j in one line", async (inputs, message) => {
    commit();
    const ran = await run(inputs);
    expect(ran.status).toBe(2);
    expect(annotationsIn(ran)).toEqual([`::error title=Relayproof::${message}`]);
  });

  it("never writes a comment that GitHub would not take", async () => {
    write("infrastructure/index.js", `${program("0.0.0.0/0")}\n${hosts(300)}`);
    commit();
    await run();
    expect(Buffer.byteLength(github.comments[0]?.body ?? "")).toBeLessThanOrEqual(LONGEST_COMMENT);
  });
});

function hosts(count: number): string {
  return `for (let i = 0; i < ${count}; i++) new aws.ec2.Instance("exchange-with-a-long-name-" + i, {
    ami: "ami-0", instanceType: "t3.large", subnetId: subnet.id, associatePublicIpAddress: true, vpcSecurityGroupIds: [group.id],
    tags: { "relayproof:role": "internal-mail" } });`;
}
