import { isUtf8 } from "node:buffer";
import { createReadStream, readFileSync } from "node:fs";
import { InputError } from "./input-error";

/** @throws InputError naming the file if it cannot be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\ufeff/, "");
  } catch (error) {
    throw new InputError(`${path}: ${systemError(error)}`);
  }
}

/** What names standard input in place of a file. */
export const STANDARD_INPUT = "-";

const MEBIBYTE = 1024 * 1024;
/** A string of JavaScript holds twice as much. */
const MAX_BYTES = 256 * MEBIBYTE;

/**
 * Reads a text that another program wrote: a file, a pipe, or standard input for `-`. It may be UTF-8, or UTF-16 with a byte order
 * mark, which is what `>` writes in Windows PowerShell.
 *
 * @throws InputError naming the file if it cannot be read, is too large, or is no text.
 */
export async function readText(path: string, maxBytes: number = MAX_BYTES): Promise<string> {
  const name = inputName(path);
  if (path === STANDARD_INPUT && process.stdin.isTTY)
    throw new InputError(`${name} is a terminal; expected a file or the output of a program in it`);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of path === STANDARD_INPUT ? process.stdin : createReadStream(path)) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new InputError(`${name}: ${systemError(error)}`);
  }
  if (size > maxBytes) throw new InputError(`${name}: too large; expected at most ${maxBytes / MEBIBYTE} MiB`);
  return decode(name, Buffer.concat(chunks));
}

/** How messages call an input. */
export function inputName(path: string): string {
  return path === STANDARD_INPUT ? "standard input" : path;
}

function decode(name: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff")
    return new TextDecoder(mark === "fffe" ? "utf-16le" : "utf-16be").decode(bytes);
  if (!isUtf8(bytes)) throw new InputError(`${name}: not a text in UTF-8`);
  return bytes.toString("utf8").replace(/^\ufeff/, "");
}

/** What the operating system refused, in words. */
export function systemError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file or directory";
    case "EISDIR":
      return "is a directory, expected a file";
    case "ENOTDIR":
      return "a part of the path is no directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "read-only file system";
    case "ENOSPC":
      return "no space left on device";
    default:
      return code ?? message;
  }
}
