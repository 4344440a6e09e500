import { printableLine } from "../../policies/printable";

/** Longer texts from the judged program are cut: a comment has to hold them all. */
const LONGEST = 600;

/**
 * Text that stays text in a comment on GitHub, GitLab or Azure DevOps: no markup, link, image, mention, reference, formula or emoji.
 * Whatever is not known to be harmless becomes a character reference, which Markdown never takes for syntax.
 */
export function escapeMarkdown(text: string): string {
  return encode(clip(printableLine(text), LONGEST)).replace(
    // References and bare links may be looked for in the finished text: an invisible break takes them apart.
    /&#35;|&#58;|\bGH-/gi,
    (match) => `${match}&#8203;`,
  );
}

/** A name, set apart as code. It is HTML, since a code span could be left with a backtick. */
export function codeMarkdown(text: string): string {
  return `<code>${encode(clip(printableLine(text), LONGEST))}</code>`;
}

function encode(text: string): string {
  // An underscore inside a word is no emphasis. A colon or a dot can make a link of what is around it.
  return text.replace(
    /:(?=\/\/)|(?<=www)\.|(?<![a-z0-9])_|_(?![a-z0-9])|[^_\p{L}\p{N}\p{M} .,:;/()'"%+=?!→…·-]/giu,
    // What follows an @ is a mention or a mail address, even in code.
    (char) => `&#${char.codePointAt(0)};${char === "@" ? "&#8203;" : ""}`,
  );
}

/** Text inside the quotes of a Mermaid label: its own character codes are `#NN;`. */
export function escapeMermaid(text: string, longest = 60): string {
  return clip(printableLine(text), longest).replace(/[^\p{L}\p{N}\p{M} .,:/()_→…·-]|^[-\d]+(?=[. ])/gu, (part) =>
    [...part].map((char) => `#${char.codePointAt(0)};`).join(""),
  );
}

export function clip(text: string, longest: number): string {
  const chars = [...text];
  return chars.length <= longest ? text : `${chars.slice(0, longest - 1).join("")}…`;
}
