/** The part of PowerShell's language that the reader knows, as a tree. What it does not know is `opaque`, with its text. */

export type Expr =
  /** A string, quoted or not, with what is expanded in it. */
  | { readonly kind: "text"; readonly parts: readonly (string | Expr)[] }
  | { readonly kind: "number"; readonly value: number }
  /** A variable by its name in lower case, with its scope: `env:computername`. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expr[] }
  /** `(…)` gives what is inside; `$(…)` and `@(…)` run statements, and the latter always gives a list. */
  | { readonly kind: "group"; readonly body: readonly Statement[]; readonly list: boolean }
  | { readonly kind: "table"; readonly entries: readonly (readonly [Expr, readonly Statement[]])[] }
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "member"; readonly of: Expr; readonly name: Expr; readonly isStatic: boolean }
  | { readonly kind: "call"; readonly of: Expr; readonly name: Expr; readonly args: readonly Expr[] }
  | { readonly kind: "index"; readonly of: Expr; readonly at: Expr }
  | { readonly kind: "unary"; readonly operator: string; readonly of: Expr }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "cast"; readonly type: string; readonly of: Expr }
  | { readonly kind: "type"; readonly name: string };

export interface Block {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

export interface Parameter {
  /** In lower case. */
  readonly name: string;
  readonly type: string | null;
  readonly preset: Expr | null;
}

export type Argument =
  /** `-Name`, `-Name:value`; a value that follows as a word of its own is an argument of its own. */
  | { readonly kind: "parameter"; readonly name: string; readonly value: Expr | null }
  | { readonly kind: "value"; readonly value: Expr }
  | { readonly kind: "splat"; readonly name: string }
  | { readonly kind: "redirect"; readonly stream: string; readonly target: Expr | null };

export interface Command {
  readonly kind: "command";
  /** `&` runs what an expression names, `.` does so in the same scope. */
  readonly invoked: "" | "&" | ".";
  readonly name: Expr;
  readonly args: readonly Argument[];
  readonly line: number;
  readonly text: string;
}

export type Element = Command | { readonly kind: "expression"; readonly value: Expr; readonly line: number };

export type Statement = { readonly line: number } & (
  | { readonly kind: "pipeline"; readonly elements: readonly Element[] }
  | { readonly kind: "assign"; readonly target: Expr; readonly operator: string; readonly value: Statement }
  | {
      readonly kind: "if";
      readonly clauses: readonly { readonly test: Statement; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[] | null;
    }
  | {
      readonly kind: "foreach";
      readonly variable: string;
      readonly over: Statement;
      readonly body: readonly Statement[];
    }
  /** `while`, `do`, `for`, `switch`: how often it runs is not followed. */
  | { readonly kind: "loop"; readonly word: string; readonly bodies: readonly (readonly Statement[])[] }
  | {
      readonly kind: "try";
      readonly body: readonly Statement[];
      readonly handlers: readonly (readonly Statement[])[];
      readonly last: readonly Statement[];
    }
  | { readonly kind: "function"; readonly name: string; readonly block: Block }
  | { readonly kind: "leave"; readonly word: string; readonly value: Statement | null }
  /** Text that is not understood, with what stopped the reader. */
  | { readonly kind: "opaque"; readonly text: string; readonly why: string }
);
