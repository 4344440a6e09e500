import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** An independent AWS on loopback: the server of moto, empty at first. */
export interface Emulator {
  readonly url: string;
}

/** Starts one for the tests of a file, before the first of them, and ends it after the last. */
export function emulator(python: string): Emulator {
  let child: ChildProcess | undefined;
  let url = "";
  beforeAll(async () => {
    child = spawn(python, [join(__dirname, "moto/serve.py")], { stdio: ["ignore", "pipe", "pipe"] });
    url = await addressOf(child);
  });
  afterAll(() => void child?.kill());
  return {
    get url() {
      return url;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const listen = (chunk: Buffer) => {
      output += chunk;
      const address = /^http:\S+(?=\n)/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the emulator ended with ${code}: ${output}`)));
  });
}
