import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

export const root = join(__dirname, "../..");

interface ActionFile {
  readonly inputs: Record<string, { default?: string }>;
  readonly outputs: Record<string, { value: string }>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface Step {
  readonly id: string;
  readonly shell: string;
  readonly env: Record<string, string>;
  readonly run: string;
}

export const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as ActionFile;

/** What a runner's steps have of the machine's environment: how programs and packages are found. */
const machine = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|npm_config_.*|.*_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  ),
) as Record<string, string>;

export interface Ran {
  readonly status: number | null;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Record<string, string>;
}

/** Runs the steps of action.yml one after the other, as the runner does with a composite action. */
export async function runAction(inputs: Record<string, string>, env: Record<string, string>): Promise<Ran> {
  const temporary = mkdtempSync(join(tmpdir(), "relayproof-runner-"));
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join()}`);
  const outputs: Record<string, Record<string, string>> = {};
  const value = (expression: string): string => {
    const [context = "", ...path] = expression.split(".");
    if (context === "inputs") return inputs[path.join(".")] ?? substitute(action.inputs[path.join(".")]?.default ?? "");
    if (context === "steps") return outputs[path[0] ?? ""]?.[path[2] ?? ""] ?? "";
    if (expression === "github.token") return "token-of-the-workflow";
    throw new Error(`no value for ${expression}`);
  };
  const substitute = (text: string): string => text.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name) => value(name));
  try {
    let log = "";
    let status: number | null = 0;
    const summary = join(temporary, "summary");
    writeFileSync(summary, "");
    for (const { id, env: own, run } of action.runs.steps) {
      const output = join(temporary, `output-${id}`);
      writeFileSync(output, "");
      const ran = await bash(run, {
        ...machine,
        GITHUB_ACTION_PATH: root,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: temporary,
        ...env,
        ...Object.fromEntries(Object.entries(own).map(([name, text]) => [name, substitute(text)])),
      });
      log += ran.log;
      status = ran.status;
      const lines = readFileSync(output, "utf8").split("\n");
      outputs[id] = Object.fromEntries(lines.filter(Boolean).map((line) => line.split(/=(.*)/s).slice(0, 2)));
      if (status !== 0) break;
    }
    const named = Object.entries(action.outputs).map(([name, output]) => [name, substitute(output.value)]);
    return { status, log, summary: readFileSync(summary, "utf8"), outputs: Object.fromEntries(named) };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function bash(script: string, env: Record<string, string>): Promise<{ status: number | null; log: string }> {
  return new Promise((resolve) => {
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], { env });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
    child.on("close", (status) => resolve({ status, log }));
  });
}

export interface Comment {
  id: number;
  body: string;
  user: { login: string; type: string };
}

/** What of GitHub's API the action uses, for one pull request. */
export class GitHubStandIn {
  readonly comments: Comment[] = [];
  readonly sarifs: Record<string, string>[] = [];
  readonly requests: string[] = [];
  /** Answers every request that would write with 403, as for the token of a fork. */
  readOnly = false;
  url = "";
  private readonly server = createServer(async (request, response) => {
    const body = await text(request);
    const [status, answer] = this.answer(request, body);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer({ method = "", url = "", headers }: IncomingMessage, body: string): [number, unknown] {
    this.requests.push(`${method} ${url}`);
    if (headers.authorization !== "Bearer token-of-the-workflow") return [401, { message: "Bad credentials" }];
    if (url === "/user" || (this.readOnly && method !== "GET"))
      return [403, { message: "Resource not accessible by integration" }];
    const issues = "/repos/acme/mail/issues";
    const { pathname, searchParams } = new URL(url, this.url);
    if (method === "GET" && pathname === `${issues}/7/comments`) {
      const [page, size] = ["page", "per_page"].map((name) => Number(searchParams.get(name))) as [number, number];
      return [200, this.comments.slice((page - 1) * size, page * size)];
    }
    if (method === "POST" && pathname === `${issues}/7/comments`) {
      const user = { login: "github-actions[bot]", type: "Bot" };
      this.comments.push({ id: this.comments.length + 1, body: JSON.parse(body).body, user });
      return [201, this.comments.at(-1)];
    }
    const comment = this.comments.find(({ id }) => pathname === `${issues}/comments/${id}`);
    if (method === "PATCH" && comment !== undefined) {
      comment.body = JSON.parse(body).body;
      return [200, comment];
    }
    if (method === "POST" && pathname === "/repos/acme/mail/code-scanning/sarifs") {
      this.sarifs.push(JSON.parse(body));
      return [202, { id: "1" }];
    }
    return [404, { message: "Not Found" }];
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
