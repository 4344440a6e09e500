import { parse } from "yaml";

/** A script that Windows runs at boot. */
export interface WindowsScript {
  readonly language: "powershell" | "batch";
  readonly text: string;
  /** Line of the user data that it begins on, from 1; 1 where that is not told. */
  readonly line: number;
  readonly name: string;
}

/** Whether user data is for Windows: EC2's tags or tasks, or the mark of cloudbase-init. */
export function isForWindows(text: string): boolean {
  return (
    /<\/?(?:powershell|script)>/i.test(text) ||
    /^#ps1(?:_sysnative|_x86)?\s*$/im.test(text.slice(0, 200)) ||
    isTasks(text)
  );
}

function isTasks(text: string): boolean {
  return /^\s*(?:#[^\n]*\n\s*)*version:\s*["']?1\.\d/.test(text) && /^\s*tasks:/m.test(text);
}

/**
 * The scripts of Windows user data in the order in which they run: batch scripts first.
 * Source: AWS, "How Amazon EC2 handles user data for Windows instances", EC2Launch v2 task definitions.
 * @returns a text that says why they cannot be read
 */
export function windowsScripts(text: string): readonly WindowsScript[] | string {
  if (isTasks(text)) return taskScripts(text);
  if (/^#ps1/im.test(text.slice(0, 200)) && !/<powershell>/i.test(text))
    return [{ language: "powershell", text, line: 1, name: "" }];
  const scripts: WindowsScript[] = [];
  for (const [tag, language] of [
    ["script", "batch"],
    ["powershell", "powershell"],
  ] as const) {
    const pattern = new RegExp(`<${tag}>([^]*?)</${tag}>`, "gi");
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      const body = match[1] ?? "";
      const start = match.index + tag.length + 2;
      scripts.push({ language, text: body, line: text.slice(0, start).split("\n").length, name: `<${tag}>` });
      end = match.index + match[0].length;
    }
    if (new RegExp(`<${tag}>`, "i").test(text.slice(end))) return `<${tag}> has no end`;
  }
  return scripts;
}

function taskScripts(text: string): readonly WindowsScript[] | string {
  try {
    const value: unknown = parse(text, { logLevel: "error", maxAliasCount: 100 });
    const tasks = field(value, "tasks");
    if (!Array.isArray(tasks)) return "the tasks are no list";
    const scripts: WindowsScript[] = [];
    for (const [i, task] of tasks.entries()) {
      if (field(task, "task") !== "executeScript") continue;
      const inputs = field(task, "inputs");
      for (const input of Array.isArray(inputs) ? inputs : [inputs]) {
        const content = field(input, "content");
        const type = field(input, "type");
        if (typeof content !== "string") return `task ${i + 1} has no content that is text`;
        const language = type === "batch" ? "batch" : "powershell";
        scripts.push({ language, text: content, line: 1, name: `task ${i + 1}` });
      }
    }
    return scripts;
  } catch (error) {
    return `the tasks are no valid YAML: ${error instanceof Error ? error.message.split("\n")[0] : "unknown error"}`;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
