import { concernsPostfix } from "../carrier/signs";
import { sourceLines } from "../postfix/lines";
import { type Call, perform } from "./commands";
import { aboutOf, expandPattern, expandText, expandWords, type Field, gist, globMatcher, type Outputs } from "./expand";
import { commandsOf, parseScript } from "./parse";
import {
  fork,
  joined,
  leaveSubshell,
  nothing,
  placeOf,
  print,
  resolvePath,
  type Shell,
  type Status,
  type Text,
} from "./state";
import {
  isAssignment,
  type List,
  type Node,
  type Part,
  type Redirect,
  ShellSyntax,
  type Simple,
  type Word,
} from "./syntax";
import { judgeTest } from "./test";

/** Scripts that call each other deeper than this are not followed. */
const MAX_DEPTH = 8;
/** Rounds of a loop that are followed one by one. */
const MAX_ROUNDS = 200;

/**
 * Runs a script on a machine. @returns the ways that it may have taken: what is understood has taken effect, anything else is noted as
 * a problem. The shell that is given is used up.
 */
export function runScript(text: string, shell: Shell): Shell[] {
  if (shell.depth > MAX_DEPTH) {
    shell.machine.opaque("scripts that call each other without an end", placeOf(shell, 1));
    return [shell];
  }
  try {
    const script = parseScript(text.replace(/\r\n/g, "\n"));
    if (script.bashOnly !== null && !shell.bash)
      shell.machine.opaque(`${script.bashOnly.text}: not every sh has it`, placeOf(shell, script.bashOnly.line));
    return runList(script, shell);
  } catch (error) {
    if (!(error instanceof ShellSyntax)) throw error;
    shell.machine.opaque(error.message, placeOf(shell, error.line));
    return [shell];
  }
}

/** Runs a script to its end, with what it has to do there. Ways that end in an error count only where they leave something. */
export function runWhole(text: string, shell: Shell): Shell[] {
  const before = shell.machine.fingerprint();
  return finished(runScript(text, shell), before);
}

/** What happens at the end of a script. @param before the machine that it began with */
export function finished(taken: readonly Shell[], before: string): Shell[] {
  const ways = taken.flatMap((way) => {
    if (way.atExit === undefined) return [way];
    const task = way.atExit;
    const { status } = way;
    way.atExit = undefined;
    way.flow = null;
    if (task === null) way.machine.opaque("a trap", placeOf(way, 1));
    else
      return runScript(task, way).map((it) => {
        it.flow = "exit";
        it.status = status;
        return it;
      });
    return [way];
  });
  const failed = (way: Shell) =>
    way.flow === "exit" && way.status === "no" && (way.unlikely || way.machine.fingerprint() === before);
  const lasting = ways.filter((way) => !failed(way));
  return joined(lasting.length > 0 ? lasting : ways);
}

export function runList(list: List, start: Shell): Shell[] {
  let ways = [start];
  for (const { node, background } of list.items) {
    if (ways.every((way) => way.flow !== null)) break;
    ways = joined(
      ways.flatMap((way) => {
        if (way.flow !== null) return [way];
        return background ? runBackground(node, way) : run(node, way);
      }),
    );
  }
  return ways;
}

/** A command whose end is not waited for: when it takes effect is not known. */
function runBackground(node: Node, shell: Shell): Shell[] {
  const before = shell.machine.clone();
  return subshell(shell, (inner) => run(node, { ...inner, output: nothing, input: nothing })).map((way) => {
    way.status = "yes";
    if (way.machine.hasChanged(before)) way.machine.opaque("a command in the background", placeOf(way, lineOf(node)));
    return way;
  });
}

function lineOf(node: Node): number {
  return node.line;
}

export function subshell(shell: Shell, body: (inner: Shell) => Shell[]): Shell[] {
  const { machine } = shell;
  const outer = { ...fork({ ...shell, machine }), machine };
  const ways = body({ ...shell, atExit: undefined, hidden: null });
  return ways.map((way) => leaveSubshell(way, outer));
}

/** Runs one command, of whatever kind. */
export function run(node: Node, shell: Shell): Shell[] {
  if (--shell.work.left < 0) {
    if (shell.work.left === -1)
      shell.machine.opaque("the script does more than is followed", placeOf(shell, node.line));
    else shell.machine.opaque("the script does more than is followed", placeOf(shell, 1));
    shell.flow = "exit";
    return [shell];
  }
  switch (node.kind) {
    case "function":
      shell.functions.set(node.name, node.body);
      shell.status = "yes";
      return [shell];
    case "and-or":
      return runAndOr(node, shell);
    case "pipeline":
      return runPipeline(node, shell);
    case "simple":
      return ended(runSimple(node, shell), node.line);
    case "test":
      return ended(
        withRedirects(node.redirects, shell, (inner) => runTest(node.words, inner)),
        node.line,
      );
    case "calculation":
      shell.status = "unknown";
      forgetAssigned(node.text, shell);
      return node.commands.reduce(
        (ways, list) => ways.flatMap((way) => subshell(way, (it) => runList(list, it))),
        [shell],
      );
    case "group":
      return withRedirects(node.redirects, shell, (inner) =>
        node.subshell
          ? ended(
              subshell(inner, (it) => runList(node.body, it)),
              node.line,
            )
          : runList(node.body, inner),
      );
    case "if":
      return withRedirects(node.redirects, shell, (inner) => runIf(node.clauses, node.otherwise, inner));
    case "loop":
      return withRedirects(node.redirects, shell, (inner) => runLoop(node, inner));
    case "for":
      return withRedirects(node.redirects, shell, (inner) => runFor(node, inner));
    case "case":
      return withRedirects(node.redirects, shell, (inner) => runCase(node, inner));
  }
}

/** `set -e`: a failure that nobody looks at is the end. */
function ended(ways: readonly Shell[], line: number): Shell[] {
  return ways.flatMap((way) => {
    if (!way.errexit || way.asked || way.flow !== null) return [way];
    if (way.status === "no" || way.status === "rare") {
      way.flow = "exit";
      way.status = "no";
      return [way];
    }
    if (way.status !== "unknown") return [way];
    const failing = fork(way);
    failing.flow = "exit";
    failing.status = "no";
    way.status = "yes";
    void line;
    return [way, failing];
  });
}

// --- conditions

/** Runs something whose failure is looked at. */
function asking(shell: Shell, body: (inner: Shell) => Shell[]): Shell[] {
  const { asked } = shell;
  shell.asked = true;
  return body(shell).map((way) => {
    way.asked = asked;
    return way;
  });
}

/**
 * Goes on behind a condition. Where it is not known, both ways are taken; where it fails only if something goes wrong, what is done then
 * counts if it does more than to end in an error.
 */
function decide(
  condition: (shell: Shell) => Shell[],
  shell: Shell,
  then: (shell: Shell) => Shell[],
  otherwise: (shell: Shell) => Shell[],
): Shell[] {
  const before = fork(shell);
  return asking(shell, condition).flatMap((way) => {
    if (way.flow !== null) return [way];
    const [usual, other] = /^(?:yes|likely|unknown)$/.test(way.status) ? [then, otherwise] : [otherwise, then];
    switch (way.status) {
      case "yes":
      case "no":
        return usual(way);
      case "unknown": {
        const second = fork(way);
        way.status = "yes";
        second.status = "no";
        return joined([...usual(way), ...other(second)]);
      }
      default: {
        const failing = fork(before);
        failing.unlikely = true;
        failing.status = way.status === "likely" ? "no" : "yes";
        const idle = signature(failing);
        const ways = other(failing).filter((it) => {
          if (it.flow === "exit" && it.status === "no") return false;
          return it.flow !== null || signature(it) !== idle;
        });
        way.status = way.status === "likely" ? "likely" : "no";
        return joined([...usual(way), ...ways]);
      }
    }
  });
}

/** What matters of a way later on. */
function signature({ machine, variables, functions, directory }: Shell): string {
  return JSON.stringify([machine.fingerprint(), [...variables], [...functions.keys()], directory]);
}

function runAndOr(node: Extract<Node, { kind: "and-or" }>, shell: Shell): Shell[] {
  const left = (it: Shell) => run(node.left, it);
  const right = (it: Shell) => run(node.right, it);
  const stay = (it: Shell) => [it];
  return node.operator === "&&" ? decide(left, shell, right, stay) : decide(left, shell, stay, right);
}

function runIf(
  clauses: readonly { readonly condition: List; readonly body: List }[],
  otherwise: List | null,
  shell: Shell,
): Shell[] {
  const [clause, ...rest] = clauses;
  if (clause === undefined) {
    shell.status = "yes";
    return otherwise === null ? [shell] : runList(otherwise, shell);
  }
  return decide(
    (it) => runList(clause.condition, it),
    shell,
    (it) => runList(clause.body, it),
    (it) => runIf(rest, otherwise, it),
  );
}

function runTest(words: readonly (Word | string)[], shell: Shell): Shell[] {
  return withOutputs(
    words.flatMap((word) => (typeof word === "string" ? [] : word.parts)),
    shell,
  ).map(({ way, outputs }) => {
    const tokens = words.map((word) => {
      if (typeof word === "string") return { operator: word };
      return {
        text: expandText(word, way, outputs),
        pattern: expandPattern(word, way, outputs),
        bare: word.parts.length === 1 && word.parts[0]?.kind === "text" && !word.parts[0].quoted,
      };
    });
    way.status = judgeTest(tokens, way);
    return way;
  });
}

function runCase(node: Extract<Node, { kind: "case" }>, shell: Shell): Shell[] {
  return withOutputs(node.word.parts, shell).flatMap(({ way, outputs }) => {
    if (node.arms.some((arm) => arm.end !== ";;")) {
      way.machine.opaque("a case that falls through", placeOf(way, node.line));
      return [way];
    }
    const value = expandText(node.word, way, outputs);
    const choose = (from: number, it: Shell): Shell[] => {
      const arm = node.arms[from];
      if (arm === undefined) {
        it.status = "yes";
        return [it];
      }
      const matches = arm.patterns.map((word): boolean | null => {
        const pattern = word.parts.some((part) => commandsOf(part).length > 0)
          ? null
          : expandPattern(word, it, new Map());
        if (pattern === "*") return true;
        const matcher = pattern === null ? null : globMatcher(pattern);
        return value === null || matcher === null ? null : matcher(value);
      });
      const body = (inner: Shell) => {
        inner.status = "yes";
        return runList(arm.body, inner);
      };
      if (matches.includes(true) && (value !== null || !matches.includes(null) || matches[0] === true)) return body(it);
      if (matches.includes(true)) return body(it);
      if (!matches.includes(null)) return choose(from + 1, it);
      const second = fork(it);
      return joined([...body(it), ...choose(from + 1, second)]);
    };
    return choose(0, way);
  });
}

// --- loops

/** What a loop does with `break` and `continue` of its body: ways that stay in the loop, and ways that leave it. */
function afterRound(ways: readonly Shell[]): { again: Shell[]; left: Shell[] } {
  const again: Shell[] = [];
  const left: Shell[] = [];
  for (const way of ways) {
    if (way.flow === "continue") way.flow = null;
    if (way.flow === "break") {
      way.flow = null;
      left.push(way);
    } else if (way.flow === null) again.push(way);
    else left.push(way);
  }
  return { again, left };
}

/** A body that runs any number of times: what it changes on the machine must be the same however often. */
function anyNumber(shell: Shell, line: number, body: (shell: Shell) => Shell[]): Shell[] {
  const result: Shell[] = [fork(shell)];
  let ways = [shell];
  for (let round = 0; round < 3; round++) {
    const before = new Set(result.map((way) => way.machine.fingerprint()));
    const start = new Map(shell.variables);
    const { again, left } = afterRound(joined(ways.flatMap((way) => body(way))));
    for (const way of again)
      for (const [name, value] of way.variables)
        if (JSON.stringify(start.get(name)) !== JSON.stringify(value)) way.variables.set(name, null);
    const fresh = again.filter((way) => !before.has(way.machine.fingerprint()));
    for (const way of [...again, ...left]) if (way.flow === null) way.status = "unknown";
    result.push(...left, ...again.map(fork));
    ways = fresh.length === 0 && round === 0 ? [] : fresh;
    if (ways.length === 0) return joined(result);
  }
  for (const way of result) way.machine.opaque("a loop whose end is not known", placeOf(way, line));
  return joined(result);
}

function runLoop(node: Extract<Node, { kind: "loop" }>, shell: Shell): Shell[] {
  const done: Shell[] = [];
  let ways = [shell];
  for (let round = 0; ways.length > 0; round++) {
    const next: Shell[] = [];
    for (const way of ways) {
      if (round >= MAX_ROUNDS) {
        way.machine.opaque("a loop without an end", placeOf(way, node.line));
        done.push(way);
        continue;
      }
      for (const it of asking(way, (inner) => runList(node.condition, inner))) {
        if (it.flow !== null) {
          done.push(...afterRound([it]).left);
          continue;
        }
        const goesOn = node.until ? it.status === "no" : it.status === "yes";
        const ends = node.until ? it.status === "yes" : it.status === "no";
        if (ends) {
          it.status = "yes";
          done.push(it);
        } else if (goesOn) {
          const { again, left } = afterRound(runList(node.body, it));
          next.push(...again);
          done.push(...left);
        } else {
          const body = (inner: Shell) =>
            runList(node.body, inner).flatMap((after) =>
              after.flow === null ? asking(after, (last) => runList(node.condition, last)) : [after],
            );
          done.push(...anyNumber(it, node.line, body));
        }
      }
    }
    ways = joined(next);
  }
  return joined(done);
}

function runFor(node: Extract<Node, { kind: "for" }>, shell: Shell): Shell[] {
  const words = node.words ?? [];
  return withOutputs(
    words.flatMap((word) => word.parts),
    shell,
  ).flatMap(({ way, outputs }) => {
    const fields: readonly Field[] | null =
      node.words !== null
        ? expandWords(words, way, outputs)
        : (way.positional?.map((value) => ({ value, gist: value ?? "…" })) ?? null);
    if (
      fields === null ||
      fields.length > MAX_ROUNDS ||
      (fields.length === 1 && fields[0]?.value === null) ||
      fields.some((it) => it.value === null)
    ) {
      way.variables.set(node.name, null);
      return anyNumber(way, node.line, (inner) => {
        inner.variables.set(node.name, null);
        return runList(node.body, inner);
      });
    }
    const done: Shell[] = [];
    let ways = [way];
    way.status = "yes";
    for (const { value } of fields) {
      const { again, left } = afterRound(
        ways.flatMap((it) => {
          it.variables.set(node.name, value);
          return runList(node.body, it);
        }),
      );
      done.push(...left);
      ways = joined(again);
    }
    return joined([...done, ...ways]);
  });
}

// --- pipelines

function runPipeline(node: Extract<Node, { kind: "pipeline" }>, shell: Shell): Shell[] {
  const { negated } = node;
  const body = (start: Shell): Shell[] => {
    const [only] = node.stages;
    if (node.stages.length === 1 && only !== undefined) return run(only, start);
    type Stage = {
      readonly way: Shell;
      readonly outer: { input: Text | undefined; output: Text; noise: boolean };
      readonly earlier: readonly Status[];
    };
    const { input, output, noise } = start;
    let ways: Stage[] = [{ way: start, outer: { input, output, noise }, earlier: [] }];
    for (const [i, stage] of node.stages.entries()) {
      ways = ways.flatMap(({ way, outer, earlier }) => {
        way.output = nothing;
        const { asked } = way;
        // Only the end of the last one is looked at here.
        way.asked = true;
        const source = node.stages[i - 1];
        way.feed =
          source?.kind === "simple"
            ? source.words.map((it) => (isAssignment(it) ? it.name : gist(it))).join(" ")
            : null;
        return subshell(way, (inner) => run(stage, inner)).map((after) => {
          after.asked = asked;
          after.input = i + 1 < node.stages.length ? after.output : outer.input;
          return { way: after, outer, earlier: [...earlier, after.status] };
        });
      });
    }
    return ways.map(({ way, outer, earlier }) => {
      const text = way.output;
      way.output = outer.output;
      way.input = outer.input;
      way.noise ||= outer.noise;
      print(way, text);
      if (way.pipefail) way.status = worst(earlier);
      return way;
    });
  };
  if (!negated) return ended(body(shell), node.line);
  return asking(shell, body).map((way) => {
    way.status = ({ yes: "no", no: "yes", likely: "rare", rare: "likely", unknown: "unknown" } as const)[way.status];
    return way;
  });
}

function worst(all: readonly Status[]): Status {
  return (["no", "rare", "unknown", "likely"] as const).find((it) => all.includes(it)) ?? "yes";
}

// --- simple commands

/** Runs the commands inside of words; each way that they may take has its own outputs. */
function withOutputs(parts: readonly Part[], shell: Shell): { way: Shell; outputs: Outputs }[] {
  let ways: { way: Shell; outputs: Map<Part, string | null> }[] = [{ way: shell, outputs: new Map() }];
  const visit = (part: Part): void => {
    if (part.kind === "parameter") for (const inner of part.operand?.parts ?? []) visit(inner);
    for (const list of part.kind === "parameter" ? [] : commandsOf(part)) {
      ways = ways.flatMap(({ way, outputs }) => {
        const { output, input, noise } = way;
        const before = part.kind === "process" ? way.machine.clone() : null;
        way.output = nothing;
        if (part.kind === "process") way.input = null;
        const asked = way.asked;
        way.asked = !way.bash ? asked : true;
        return subshell(way, (inner) => runList(list, inner)).map((after) => {
          const text = after.output;
          after.asked = asked;
          after.output = output;
          after.input = input;
          after.noise ||= noise;
          if (before !== null && after.machine.hasChanged(before))
            after.machine.opaque(
              "a command that runs beside another one",
              placeOf(after, list.items[0]?.node.line ?? 1),
            );
          const all = new Map(outputs);
          if (part.kind === "command") all.set(part, text?.text ?? null);
          return { way: after, outputs: all };
        });
      });
    }
  };
  for (const part of parts) visit(part);
  return ways;
}

function partsOf(node: Simple): Part[] {
  const values = (value: Word | readonly Word[]) => ("parts" in value ? value.parts : value.flatMap((it) => it.parts));
  return [
    ...node.assignments.flatMap((it) => values(it.value)),
    ...node.words.flatMap((it) => (isAssignment(it) ? values(it.value) : it.parts)),
  ];
}

function runSimple(node: Simple, shell: Shell): Shell[] {
  const parts = partsOf(node);
  const runs = parts.some((part) => commandsOf(part).length > 0);
  return withOutputs(parts, shell).flatMap(({ way, outputs }) => {
    const substituted = way.status;
    const hidden = new Map<string, Shell["variables"] extends Map<string, infer V> ? V | undefined : never>();
    const bare = node.words.length === 0;
    const values: (string | null)[] = [];
    const gists: string[] = [];
    // Words are expanded before the assignments in front of them take effect.
    for (const word of node.words) {
      if (isAssignment(word)) {
        const value = valueOfAssignment(word.value, way, outputs);
        const text = typeof value === "string" ? value : null;
        values.push(text === null || word.append || word.index !== undefined ? null : `${word.name}=${text}`);
        gists.push(`${word.name}=${text ?? "…"}`);
        if (Array.isArray(value)) way.variables.set(word.name, value);
        continue;
      }
      for (const field of expandWords([word], way, outputs)) {
        values.push(field.value);
        gists.push(field.gist);
      }
    }
    for (const { name, index, append, value } of node.assignments) {
      if (name === "MAIL_CONFIG")
        way.machine.opaque("MAIL_CONFIG chooses another configuration", placeOf(way, node.line));
      const before = way.variables.get(name);
      hidden.set(name, before);
      let text = index === undefined ? valueOfAssignment(value, way, outputs) : null;
      if (append) {
        if (Array.isArray(text) && (Array.isArray(before) || before === undefined)) text = [...(before ?? []), ...text];
        else if (
          typeof text === "string" &&
          (typeof before === "string" || (before === undefined && way.unset.has(name)))
        )
          text = (before ?? "") + text;
        else text = null;
      }
      way.variables.set(name, text);
    }
    const at = placeOf(way, node.line);
    const what = `${way.feed === null ? "" : `${way.feed} | `}${gists.join(" ")}`.slice(0, 160);
    way.feed = null;
    const used = node.redirects.flatMap((it) => [...it.target.parts, ...(it.here?.word.parts ?? [])]);
    if (!bare && used.some((part) => part.kind === "parameter" && hidden.has(part.name)))
      way.machine.opaque("a redirection that uses a variable of its own command", at);
    const body = (inner: Shell) => {
      if (bare || values.length === 0) {
        inner.status = runs ? substituted : "yes";
        return [inner];
      }
      const call: Call = {
        values,
        gists,
        what,
        at,
        line: node.line,
        shell: inner,
        redirects: node.redirects,
      };
      const after = perform(call);
      for (const it of after)
        for (const [name, value] of hidden) {
          if (value === undefined) it.variables.delete(name);
          else it.variables.set(name, value);
        }
      return after;
    };
    return withRedirects(node.redirects, way, body, what);
  });
}

function valueOfAssignment(
  value: Word | readonly Word[],
  shell: Shell,
  outputs: Outputs,
): string | null | readonly (string | null)[] {
  if ("parts" in value) return expandText(value, shell, outputs);
  return expandWords(value, shell, outputs).map((field) => field.value);
}

/** Names that arithmetic may assign to. */
export function forgetAssigned(text: string, shell: Shell): void {
  for (const [, name] of text.matchAll(/([A-Za-z_]\w*)/g)) if (name !== undefined) shell.variables.set(name, null);
}

// --- redirections

type Sink = "out" | "err" | { readonly path: string | null; readonly about: string; readonly append: boolean };

/** Runs something with its input and output redirected. */
export function withRedirects(
  redirects: readonly Redirect[],
  shell: Shell,
  body: (inner: Shell) => Shell[],
  what = "",
): Shell[] {
  if (redirects.length === 0) return body(shell);
  const parts = redirects.flatMap((it) => [...it.target.parts, ...(it.here?.word.parts ?? [])]);
  return withOutputs(parts, shell).flatMap(({ way, outputs }) => {
    const { input, output, noise } = way;
    const sinks = new Map<string, Sink>([
      ["1", "out"],
      ["2", "err"],
    ]);
    const [first] = redirects;
    const at = placeOf(way, first?.line ?? 1);
    for (const { operator, fd, target, here, line } of redirects) {
      if (here !== undefined) {
        const text = expandText(here.word, way, outputs);
        if (fd === "" || fd === "0") way.input = text === null ? null : { text, line: here.line };
        continue;
      }
      const value = expandText(target, way, outputs);
      if (operator === "<<<") {
        way.input = value === null ? null : { text: `${value}\n` };
        continue;
      }
      if (operator === "<") {
        const path = value === null ? null : resolvePath(value, way.directory);
        const lines = path === null ? null : way.machine.disk.read(path);
        if (fd !== "" && fd !== "0") continue;
        if (path === "/dev/null") way.input = nothing;
        else way.input = Array.isArray(lines) ? { text: textOf(lines) } : null;
        continue;
      }
      if (operator === "<&") {
        if (fd === "" || fd === "0") way.input = null;
        continue;
      }
      if (operator === ">&") {
        const from = sinks.get(value ?? "") ?? (value === "-" ? { path: "/dev/null", about: "", append: true } : "err");
        sinks.set(fd === "" ? "1" : fd, from);
        continue;
      }
      const about = aboutOf(target, way, outputs);
      const isProcess = target.parts.some((part) => part.kind === "process");
      const path = isProcess ? "/dev/null" : value === null ? null : resolvePath(value, way.directory);
      const { disk } = way.machine;
      if (
        path !== null &&
        !/^\/(?:dev|proc|sys)\//.test(path) &&
        (disk.kind(path) === "folder" || disk.kind(path.replace(/\/[^/]*$/, "")) === "gone")
      ) {
        // Nothing is opened, and nothing runs.
        way.status = "no";
        way.input = input;
        void line;
        return [way];
      }
      const sink: Sink = { path, about, append: operator.endsWith(">>") };
      if (operator.startsWith("&>")) {
        sinks.set("1", sink);
        sinks.set("2", sink);
      } else sinks.set(operator === "<>" ? fd || "0" : fd || "1", sink);
      // It is there, and empty, before anything runs.
      if (!sink.append && path !== null && isPlace(path) && operator !== "<>") way.machine.write(path, [], false, at);
    }
    way.output = nothing;
    way.noise = false;
    return body(way).map((after) => {
      const printed = after.noise;
      const text = after.output;
      after.output = output;
      after.noise = noise;
      if (after.flow !== "exit" || input !== undefined) after.input = input;
      const [out, err] = [sinks.get("1") ?? "out", sinks.get("2") ?? "err"];
      const shared = out === err && printed;
      if (out === "out") print(after, err === "out" && printed ? null : text);
      else if (typeof out === "object") put(out, shared ? null : text, after, at, what);
      for (const [fd, sink] of sinks) {
        if (fd === "1" || typeof sink !== "object" || sink === out) continue;
        put(sink, fd === "2" && !printed ? nothing : null, after, at, what);
      }
      if (err === "err") after.noise ||= printed;
      if (err === "out" && out !== "out" && printed) print(after, null);
      return after;
    });
  });
}

function isPlace(path: string): boolean {
  return !/^\/(?:dev|proc|sys)\//.test(path);
}

export function textOf(lines: readonly { readonly text: string; readonly open?: boolean }[]): string {
  return lines.map((line) => (line.open === true ? line.text : `${line.text}\n`)).join("");
}

function put(
  { path, about, append }: Extract<Sink, object>,
  text: Text,
  shell: Shell,
  at: ReturnType<typeof placeOf>,
  what: string,
): void {
  writeFile(path, about, text, append, shell, at, `${what} ${append ? ">>" : ">"} ${about}`.trim());
}

/** Puts text into a file, as `>` and `>>` do. */
export function writeFile(
  path: string | null,
  about: string,
  text: Text,
  append: boolean,
  shell: Shell,
  at: ReturnType<typeof placeOf>,
  what: string,
): void {
  const { machine } = shell;
  if (path === null) {
    unknownPlace(about, shell, what, at);
    return;
  }
  if (!isPlace(path)) return;
  const { disk } = machine;
  if (text === null && (machine.isMain(path) || (disk.isTouched(path) && machine.isMain(disk.resolve(path) ?? ""))))
    machine.opaque(what, at);
  machine.write(path, text === null ? null : placed(text, path, shell, at), append, at);
}

/** Lines with their places: those of a here-document are lines of the script. */
function placed(text: NonNullable<Text>, path: string, shell: Shell, at: ReturnType<typeof placeOf>) {
  const lines = sourceLines(text.text, at.urn, `${at.path ?? ""}: ${path}`);
  const { line } = text;
  if (line === undefined || shell.base > 0) return lines;
  return lines.map((it, i) => ({ ...it, at: { urn: at.urn, path: `${shell.label}:${line + i}` } }));
}

/** Something is written, and it is not known where: what may be there is not known any more. */
export function unknownPlace(about: string, shell: Shell, what: string, at: ReturnType<typeof placeOf>): void {
  const known = about.split(/[$…*?[{]/)[0] ?? "";
  const { machine } = shell;
  const folder = known.startsWith("/") ? known.slice(0, known.lastIndexOf("/")) : null;
  if (folder === null || concernsPostfix(about) || /^(?:\/etc)?$/.test(folder)) {
    machine.opaque(what, at);
    return;
  }
  machine.disk.smudge(folder);
}
