import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GitHubStandIn, runAction } from "../action/workflow";
import { freshFolder, npm, packed, root } from "./npm";

/** The GitHub Action for a program that does not depend on the checker: both steps, with what npm would publish. */

const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies as Record<string, string>;
const github = new GitHubStandIn();
beforeAll(() => github.start());
afterAll(() => github.stop());

it("installs the checker beside the program", async () => {
  const program = `const aws = require("@pulumi/aws"); new aws.ec2.Vpc("mail", { cidrBlock: "10.0.0.0/16" });`;
  const folder = freshFolder({
    "Pulumi.yaml": "name: mail\nruntime: nodejs\n",
    "index.js": program,
    "package.json": {},
  });
  npm(folder, "install", `@pulumi/aws@${versions["@pulumi/aws"]}`);
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  const { status, log, outputs } = await runAction(
    { package: packed(root).tarball, base: "none", "code-scanning": "false" },
    {
      GITHUB_WORKSPACE: folder,
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: "acme/mail",
      GITHUB_SHA: "0".repeat(40),
      GITHUB_REF: "refs/heads/main",
    },
  );
  expect(status, log).toBe(0);
  expect(outputs).toMatchObject({ verdict: "pass", opens: "" });
  expect(github.requests).toEqual([]);
});
