import type { WriteStream } from "node:tty";
import { printableLine } from "../../policies/printable";

/** A line that says what is going on, for runs that take long enough for people to wonder. */
export interface Progress {
  update(text: string): void;
  /** Takes the line away. */
  stop(): void;
}

const PATIENCE_MS = 1000;
const silent: Progress = { update: () => {}, stop: () => {} };

/** Shows nothing unless `stream` is a terminal and the run takes longer than a second. */
export function startProgress(stream: WriteStream, text: string, now: () => number = Date.now): Progress {
  if (!stream.isTTY) return silent;
  const started = now();
  let current = text;
  let shown = false;
  const draw = () => {
    shown = true;
    const seconds = Math.floor((now() - started) / 1000);
    const line = `relayproof: ${printableLine(current)} (${seconds} s)`;
    stream.write(`\r\u001b[2K${line.slice(0, Math.max(20, stream.columns - 1))}`);
  };
  const erase = () => {
    if (shown) stream.write("\r\u001b[2K");
    shown = false;
  };
  const timer = setInterval(draw, PATIENCE_MS);
  timer.unref();
  process.once("exit", erase);
  return {
    update: (next) => {
      current = next;
      if (shown) draw();
    },
    stop: () => {
      clearInterval(timer);
      process.removeListener("exit", erase);
      erase();
    },
  };
}
