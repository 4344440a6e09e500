import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The two versions of Postfix that are run, by the suite of Debian that ships them. */
export const suites = { bookworm: "3.7", trixie: "3.10" } as const;
export type Suite = keyof typeof suites;

/** Where `roots.sh` has built the roots. */
export const lab = process.env.RELAYPROOF_LAB ?? join(process.env.HOME ?? "/root", ".cache/relayproof/lab");

const here = __dirname;
const agent = join(here, "agent.mjs");

/** The address of the host under test, and that of the world, which also has every source address that is tried. */
export const addresses = {
  host: "10.0.1.4",
  host6: "2001:db8:1::4",
  world: "10.0.1.1",
  world6: "2001:db8:1::1",
} as const;

/** Source addresses beside loopback. The first in the list has a PTR record that is confirmed, the others have none. */
export const sources = [
  "192.0.2.7",
  "10.0.2.20",
  "10.0.2.21",
  "10.1.2.3",
  "198.51.100.9",
  "203.0.113.9",
  "10.0.1.1",
  "2001:db8::5",
  "fd00::9",
] as const;
export const loopbacks = ["127.0.0.1", "::1"] as const;
export const named = { "192.0.2.7": "partner.example.org" } as const;

export interface Attempt {
  readonly accepted: boolean;
  /** The session did not get as far as a banner. */
  readonly broken?: boolean;
  readonly greeting?: string | null;
  readonly sender?: string;
  readonly recipient?: string;
  readonly last: string;
}

export interface Identities {
  readonly greetings: readonly (string | null)[];
  readonly senders: readonly string[];
  /** `TAG` stands for a local part of its own. */
  readonly recipients: readonly string[];
}

/** A process of the lab that takes requests. */
class Agent {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private next = 0;

  constructor(command: readonly string[]) {
    this.child = spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string };
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
    this.child.on("exit", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("the lab's process has ended"));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  ask<T>(op: string, request: object = {}): Promise<T> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.stdin?.write(`${JSON.stringify({ id, op, ...request })}\n`);
    });
  }

  close(): void {
    this.child.stdin?.end();
    this.child.kill("SIGKILL");
  }
}

/**
 * A machine with the real Postfix, or one that user data is to bring it to, in namespaces of its own, and the world that it sees: a
 * second network namespace, joined by one cable. Neither has a way to anywhere else.
 */
export class Host {
  readonly root: string;
  private readonly inside: Agent;
  private readonly world: Agent;
  private tag = 0;

  private constructor(root: string, inside: Agent, world: Agent) {
    this.root = root;
    this.inside = inside;
    this.world = world;
  }

  static async boot(suite: Suite, image: "base" | "postfix" | "front-end"): Promise<Host> {
    const place = mkdtempSync(join(tmpdir(), "relayproof-lab-"));
    const layers = (image === "base" ? ["base"] : [image, "base"]).map((name) => join(lab, suite, name)).join(":");
    const world = new Agent(["unshare", "--net", "--kill-child", "node", agent]);
    const inside = new Agent(
      "unshare --net --mount --pid --uts --ipc --fork --kill-child"
        .split(" ")
        .concat(join(here, "inside.sh"), place, layers, agent),
    );
    const host = new Host(join(place, "root"), inside, world);
    await inside.ask("read", { path: "/" });
    await world.ask("read", { path: "/" });
    const outside = (script: string) => nsenter(world.pid, script);
    outside(
      `ip link set lo up && ip link add eth0 type veth peer name eth0 netns ${inside.pid} && ip link set eth0 up
      ip addr add ${addresses.world}/24 dev eth0 && ip addr add ${addresses.world6}/64 dev eth0 nodad
      ${sources.map((it) => (it.includes(":") ? `ip addr add ${it}/128 dev lo nodad` : it === addresses.world ? ":" : `ip addr add ${it}/32 dev lo`)).join("\n")}`,
    );
    nsenter(
      inside.pid,
      `ip link set eth0 up && ip addr add ${addresses.host}/24 dev eth0 && ip addr add ${addresses.host6}/64 dev eth0 nodad
      ip route add default via ${addresses.world} && ip -6 route add default via ${addresses.world6} && hostname mx.example.org`,
    );
    await world.ask("world", { address: addresses.world, names: named });
    await host.write({
      "/etc/resolv.conf": `nameserver ${addresses.world}\noptions timeout:1 attempts:1\n`,
      "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n10.0.1.4 mx.example.org mx\n",
      "/etc/hostname": "mx\n",
      "/etc/mailname": "mx.example.org\n",
    });
    return host;
  }

  write(files: { readonly [path: string]: string }): Promise<void> {
    return this.inside.ask("write", {
      files: Object.fromEntries(Object.entries(files).map(([path, text]) => [this.root + path, text])),
    });
  }

  read(path: string): Promise<string | null> {
    return this.inside.ask("read", { path: this.root + path });
  }

  remove(...paths: string[]): Promise<void> {
    return this.inside.ask("remove", { paths: paths.map((path) => this.root + path) });
  }

  /** Runs a command in the root. */
  run(argv: readonly string[], input = ""): Promise<{ status: number | null; output: string }> {
    return this.inside.ask("run", { argv: ["chroot", this.root, ...argv], input });
  }

  /** Ends every process on the host. */
  killAll(): Promise<void> {
    return this.inside.ask("killAll");
  }

  sh(script: string): Promise<{ status: number | null; output: string }> {
    return this.run(["/bin/sh", "-s"], script);
  }

  /**
   * Tries to relay from an address.
   *
   * @param prelude PROXY headers, sent at once, and XCLIENT commands, sent after the banner
   * @param patience milliseconds to wait for an answer
   */
  probe(
    from: string,
    port: number,
    identities: Identities,
    { prelude = [], patience = 1_500 }: { prelude?: readonly string[]; patience?: number } = {},
  ): Promise<Attempt> {
    const local = (loopbacks as readonly string[]).includes(from);
    const to = local ? from : from.includes(":") ? addresses.host6 : addresses.host;
    const tag = `probe${this.tag++}`;
    return (local ? this.inside : this.world).ask("probe", { from, to, port, ...identities, prelude, patience, tag });
  }

  /** Whether mail for a recipient has arrived in the world. */
  arrived(recipient: string): Promise<boolean> {
    return this.world.ask("received", { recipient });
  }

  close(): void {
    this.inside.close();
    this.world.close();
  }
}

function nsenter(pid: number, script: string): void {
  const { status, stderr } = spawnSync("nsenter", ["--target", String(pid), "--net", "--uts", "sh", "-euc", script]);
  if (status !== 0) throw new Error(`the lab's network: ${stderr}`);
}
