import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { loadFile } from "../../cli/sources/file";
import { InputError } from "../../cli/sources/input-error";
import { directoryOf } from "./scratch";

/** Files that are nearly what Pulumi writes: each is judged, or refused in one line; none is an internal error. */
const folder = join(__dirname, "../fixtures/recordings");
const recordings = ["before/preview.json", "before/state.json", "after/preview.json", "before/events.jsonl"];
const texts = new Map(recordings.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const textOf = (name: string) => texts.get(name) ?? "";

async function outcome(text: string): Promise<string> {
  const file = join(directoryOf({ "file.json": text }), "file.json");
  try {
    return judgeStack(await loadFile(file), readPolicyConfig({})).verdict;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^\S*file\.json:/);
    expect((error as Error).message.length).toBeLessThan(500);
    return "refused";
  }
}

describe("a file that is cut off", () => {
  it.each(recordings)("is refused: %s", async (name) => {
    const text = textOf(name).trimEnd();
    const cut = fc.integer({ min: 0, max: text.length - 1 });
    // A log that loses no event but the last one, which says nothing, is whole.
    const whole = (at: number) => name.endsWith(".jsonl") && text.slice(0, at).includes('"summaryEvent"');
    await fc.assert(
      fc.asyncProperty(cut, async (at) => {
        fc.pre(!whole(at));
        expect(await outcome(text.slice(0, at))).toBe("refused");
      }),
      { numRuns: 25 },
    );
  });
});

describe("a file with something else in one place", () => {
  const junk = fc.constantFrom<unknown>(
    null,
    true,
    -1,
    "",
    "[secret]",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "urn:pulumi:a::b::c:d:e::f",
    [],
    [[]],
    {},
    { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: "[" },
    { "4dabf18193072939515e22adb298388d": 3 },
    { ["__proto__"]: { polluted: true } },
  );

  it.each(recordings.filter((name) => name.endsWith(".json")))("is judged or refused: %s", async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 2, maxLength: 7 }), junk, async (way, value) => {
        const document = JSON.parse(textOf(name));
        replace(document, way, value);
        expect(["pass", "fail", "undetermined", "refused"]).toContain(await outcome(JSON.stringify(document)));
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

/** Puts a value where the numbers lead: each picks an entry of what is there. */
function replace(inside: object, way: readonly number[], value: unknown): void {
  const [step = 0, ...rest] = way;
  const keys = Object.keys(inside);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return;
  const next: unknown = Reflect.get(inside, key);
  if (rest.length === 0 || typeof next !== "object" || next === null) Reflect.set(inside, key, value);
  else replace(next, rest, value);
}
