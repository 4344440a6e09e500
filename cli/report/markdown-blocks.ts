/** What a comment on GitHub may hold, in characters; a byte is never more than one of them. GitLab and Azure DevOps take more. */
export const LONGEST_COMMENT = 65_536;

/** What a note about what was left out may take of it. */
const NOTE = 400;

/** Blocks of a comment, with empty lines between, as far as there is room. */
export class Blocks {
  private readonly blocks: string[] = [];
  private left: number;

  /** @param limit what all of it may take, in bytes */
  constructor(limit: number) {
    this.left = limit - NOTE;
  }

  /** Too little is left for anything worth reading. */
  get isFull(): boolean {
    return this.left < 500;
  }

  /** @returns false if there is no room for the block; then it is left out. */
  add(block: string): boolean {
    const needed = size(block) + 2;
    if (needed > this.left) return false;
    this.left -= needed;
    this.blocks.push(block);
    return true;
  }

  /** Says what was left out, if anything was. */
  text(missing: readonly string[]): string {
    const note =
      missing.length === 0
        ? []
        : [`_Left out for want of room: ${missing.join(" ")}. Another format of the report has them._`];
    return `${[...this.blocks, ...note].join("\n\n")}\n`;
  }
}

export function size(block: string): number {
  return Buffer.byteLength(block);
}

/** The lines from the first on that fit. */
export function fitting(lines: readonly string[], limit: number): string[] {
  let left = limit;
  const end = lines.findIndex((one) => {
    left -= size(one) + 1;
    return left < 0;
  });
  return lines.slice(0, end === -1 ? lines.length : end);
}

/** HTML around Markdown, which begins again after an empty line. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
