import { gunzipSync } from "node:zlib";

/** Largest text that is read: user data is at most 16 KB before compression. */
export const MAX_TEXT = 1_000_000;

export type Decoded = { readonly text: string } | { readonly unreadable: string };

/** Strict base64: what a lenient decoder would make of other text is not what the machine sees. */
export function base64(text: string): Buffer | null {
  const compact = text.replace(/\s+/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return null;
  return Buffer.from(compact, "base64");
}

export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Null if it does not unpack to at most {@link MAX_TEXT} bytes. */
export function gunzip(bytes: Buffer): Buffer | null {
  try {
    return isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: MAX_TEXT }) : null;
  } catch {
    return null;
  }
}

/** User data that is compressed more often than this is not read. */
export const MAX_DEPTH = 3;

/** Bytes as text, unpacked as often as they are packed, within bounds of size and depth. */
export function toText(bytes: Buffer, depth = 0): Decoded {
  if (isGzip(bytes)) {
    if (depth >= MAX_DEPTH) return { unreadable: "it is compressed too often" };
    const inner = gunzip(bytes);
    return inner === null
      ? { unreadable: `it does not unpack to at most ${MAX_TEXT} bytes` }
      : toText(inner, depth + 1);
  }
  if (bytes.length > MAX_TEXT) return { unreadable: `it is larger than ${MAX_TEXT} bytes` };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.includes("\0")) return { unreadable: "it is binary" };
    return { text };
  } catch {
    return { unreadable: "it is not UTF-8 text" };
  }
}
