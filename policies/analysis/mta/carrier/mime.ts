import { base64, toText } from "./decode";

export interface Part {
  readonly type: string;
  readonly text: string;
  /** The name that cloud-init gives to a script of this part. */
  readonly filename?: string;
}

export type Parts = { readonly parts: readonly Part[] } | { readonly unreadable: string };

/** True if user data is a MIME message. */
export function isMime(text: string): boolean {
  return /^(?:MIME-Version|Content-Type):/i.test(text);
}

/** The parts of a MIME message, in their order, nested ones in place. */
export function mimeParts(text: string, depth = 0): Parts {
  if (depth > 3) return { unreadable: "its parts are nested too deeply" };
  const { headers, body } = split(text.replace(/\r\n/g, "\n"));
  const contentType = headers.get("content-type") ?? "text/plain";
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (!type.startsWith("multipart/")) {
    const decoded = transferDecode(body, headers.get("content-transfer-encoding") ?? "7bit");
    if ("unreadable" in decoded) return decoded;
    const name = /filename\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(headers.get("content-disposition") ?? "");
    const filename = name?.[1] ?? name?.[2];
    return { parts: [filename === undefined ? { type, text: decoded.text } : { type, text: decoded.text, filename }] };
  }
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return { unreadable: "a multipart message has no boundary" };
  const chunks: string[][] = [];
  let current: string[] | null = null;
  for (const line of body.split("\n")) {
    if (line.trimEnd() === `--${mark}--`) {
      current = null;
      break;
    }
    if (line.trimEnd() === `--${mark}`) {
      current = [];
      chunks.push(current);
    } else current?.push(line);
  }
  if (chunks.length === 0) return { unreadable: "a multipart message has no parts" };
  if (chunks.length > 100) return { unreadable: "a multipart message has more than 100 parts" };
  const parts: Part[] = [];
  for (const chunk of chunks) {
    const inner = mimeParts(chunk.join("\n"), depth + 1);
    if ("unreadable" in inner) return inner;
    parts.push(...inner.parts);
  }
  return { parts };
}

function split(text: string): { headers: Map<string, string>; body: string } {
  const headers = new Map<string, string>();
  const lines = text.split("\n");
  let name: string | null = null;
  let i = 0;
  for (; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (line === "") {
      i++;
      break;
    }
    const header = /^([\w-]+):\s*(.*)$/.exec(line);
    if (header !== null) {
      name = (header[1] ?? "").toLowerCase();
      headers.set(name, header[2] ?? "");
    } else if (/^[ \t]/.test(line) && name !== null) {
      headers.set(name, `${headers.get(name)} ${line.trim()}`);
    } else if (/^From /.test(line) && i === 0) {
      // An mbox line before the headers is skipped.
    } else break;
  }
  return { headers, body: lines.slice(i).join("\n") };
}

function transferDecode(body: string, encoding: string): { text: string } | { unreadable: string } {
  switch (encoding.trim().toLowerCase()) {
    case "7bit":
    case "8bit":
    case "binary":
    case "":
      return { text: body };
    case "base64": {
      const bytes = base64(body);
      return bytes === null ? { unreadable: "a part is not base64" } : toText(bytes);
    }
    case "quoted-printable": {
      const soft = body.replace(/[ \t]*=[ \t]*\n/g, "");
      if (/=(?![0-9A-Fa-f]{2})/.test(soft)) return { unreadable: "a part is not quoted-printable" };
      const bytes = soft.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      return toText(Buffer.from(bytes, "latin1"));
    }
    default:
      return { unreadable: `a part has the transfer encoding ${encoding}` };
  }
}
