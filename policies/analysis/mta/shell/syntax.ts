/** Thrown on syntax that is not covered; never leaves the reading of a script. */
export class ShellSyntax extends Error {
  readonly line: number;
  constructor(text: string, line: number) {
    super(text);
    this.line = line;
  }
}

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | Parameter
  /** The output of commands. */
  | { readonly kind: "command"; readonly body: List; readonly quoted: boolean }
  /** `<(…)`, `>(…)`: a file name that the shell makes up. */
  | { readonly kind: "process"; readonly body: List }
  | {
      readonly kind: "arithmetic";
      readonly text: string;
      readonly commands: readonly List[];
      readonly quoted: boolean;
    };

/** `$name`, `${name}`, and the forms that change or replace its value. */
export interface Parameter {
  readonly kind: "parameter";
  readonly name: string;
  readonly quoted: boolean;
  /** `[…]` behind the name of an array. */
  readonly index?: string;
  /** `${#name}`, `${!name}` */
  readonly prefix?: "#" | "!";
  readonly operator?: string;
  readonly operand?: Word;
}

export interface Word {
  readonly parts: readonly Part[];
  readonly line: number;
}

export interface HereDocument {
  /** Pieces of the text; one of literal text if the end was quoted. */
  readonly word: Word;
  /** Line of the script on which the text begins. */
  readonly line: number;
}

export interface Redirect {
  readonly operator: string;
  readonly fd: string;
  readonly target: Word;
  readonly here?: HereDocument;
  readonly line: number;
}

export interface Assignment {
  readonly name: string;
  readonly index?: string;
  readonly append: boolean;
  readonly value: Word | readonly Word[];
}

export interface List {
  readonly items: readonly { readonly node: Node; readonly background: boolean }[];
}

interface Base {
  readonly line: number;
  readonly redirects: readonly Redirect[];
}

export type Simple = Base & {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  readonly words: readonly (Word | Assignment)[];
};

export type Node =
  | Simple
  | { readonly kind: "pipeline"; readonly stages: readonly Node[]; readonly negated: boolean; readonly line: number }
  | {
      readonly kind: "and-or";
      readonly left: Node;
      readonly operator: "&&" | "||";
      readonly right: Node;
      readonly line: number;
    }
  | (Base & {
      readonly kind: "if";
      readonly clauses: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise: List | null;
    })
  | (Base & { readonly kind: "loop"; readonly until: boolean; readonly condition: List; readonly body: List })
  | (Base & {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[] | null;
      readonly body: List;
    })
  | (Base & {
      readonly kind: "case";
      readonly word: Word;
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List; readonly end: string }[];
    })
  | (Base & { readonly kind: "group"; readonly subshell: boolean; readonly body: List })
  | (Base & { readonly kind: "test"; readonly words: readonly (Word | string)[] })
  | (Base & { readonly kind: "calculation"; readonly text: string; readonly commands: readonly List[] })
  | { readonly kind: "function"; readonly name: string; readonly body: Node; readonly line: number };

export interface Script extends List {
  /** The first construct that bash has and sh may not have. */
  readonly bashOnly: { readonly text: string; readonly line: number } | null;
}

export function isAssignment(word: Word | Assignment): word is Assignment {
  return "append" in word;
}
