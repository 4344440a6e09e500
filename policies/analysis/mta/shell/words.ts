import type { HereDocument, Piece, Word } from "./lexer";

export type Variables = ReadonlyMap<string, string | null>;

/** The one argument that a word becomes; null if it is not known, or may become none or several. */
export function argument(word: Word, variables: Variables): string | null {
  let text = "";
  for (const [i, piece] of word.pieces.entries()) {
    const value = pieceText(piece, variables);
    if (value === null) return null;
    if (piece.kind === "variable" && !piece.quoted && (value === "" || /[\s*?[]/.test(value))) return null;
    if (i === 0 && piece.kind === "text" && !piece.quoted && /^~(?:\/|$)/.test(value)) text += `/root${value.slice(1)}`;
    else text += value;
  }
  return text;
}

function pieceText(piece: Piece, variables: Variables): string | null {
  if (piece.kind === "text") return piece.text;
  if (piece.kind === "variable") return variables.get(piece.name) ?? null;
  return null;
}

/** The literal text of a word, as far as it has some, to see what it is about. */
export function gist(word: Word): string {
  return word.pieces
    .map((piece) => ("text" in piece ? piece.text : piece.kind === "variable" ? `$${piece.name}` : "…"))
    .join("");
}

/** Commands whose output is part of a word. */
export function innerCommands(word: Word): string[] {
  return word.pieces.flatMap((piece) => (piece.kind === "command" ? [piece.text] : []));
}

/** The text of a here-document after expansion; null if it is not known. */
export function hereText(here: HereDocument, variables: Variables): string | null {
  if (here.quoted) return here.text;
  let result = "";
  for (let i = 0; i < here.text.length; i++) {
    const char = here.text[i] ?? "";
    if (char === "\\") {
      const next = here.text[i + 1] ?? "";
      if (next === "\n") i++;
      else if (next === "$" || next === "`" || next === "\\") {
        result += next;
        i++;
      } else result += char;
    } else if (char === "`") return null;
    else if (char === "$") {
      const variable = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(here.text.slice(i));
      if (variable === null) {
        if (/^\$[({0-9@*#?!$-]/.test(here.text.slice(i))) return null;
        result += char;
        continue;
      }
      const value = variables.get(variable[1] ?? variable[2] ?? "") ?? null;
      if (value === null) return null;
      result += value;
      i += variable[0].length - 1;
    } else result += char;
  }
  return result;
}
