import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { echoInputs } from "../../cli/engine/echo";
import { locate } from "../../cli/engine/location";
import {
  ANSWER_NUMBER,
  ANSWER_REASON,
  ANSWER_TEXT,
  markIn,
  SECRET_NUMBER,
  SECRET_REASON,
  SECRET_TEXT,
} from "../../cli/engine/marks";
import { makeUrn, parseUrn } from "../../cli/engine/urn";
import { OPEN, SIGNATURE_KEY, Signature, UNKNOWN } from "../../cli/engine/wire";

describe("marks", () => {
  it("survive what programs do to texts", () => {
    const around = fc.tuple(fc.string(), fc.string());
    fc.assert(
      fc.property(around, fc.constantFrom(SECRET_TEXT, ANSWER_TEXT), ([before, after], mark) => {
        const text = `${before}${mark}${after}`;
        const reason = mark === SECRET_TEXT ? SECRET_REASON : ANSWER_REASON;
        for (const encoding of ["base64", "base64url", "hex", "utf8"] as const) {
          expect(markIn(Buffer.from(text).toString(encoding))).toBe(reason);
        }
        expect(markIn(JSON.stringify(JSON.stringify(text)))).toBe(reason);
        expect(markIn(encodeURIComponent(mark).toUpperCase())).toBe(reason);
      }),
    );
  });

  it.each(["241.37.0.0/16", "10.0.0.1,241.37.200.9", "7a37:f3a9::1/64", ANSWER_NUMBER])("%s is an answer", (value) => {
    expect(markIn(value)).toBe(ANSWER_REASON);
  });

  it("have a number for secrets", () => {
    expect(markIn(SECRET_NUMBER)).toBe(SECRET_REASON);
    expect(markIn(`pin=${SECRET_NUMBER}`)).toBe(SECRET_REASON);
  });

  it.each(["0.0.0.0/0", "1.241.37.0", "10.241.37.4", "241.370.1.1", "ami-0123456789abcdef0", 25, ""])(
    "%s is what it is",
    (value) => {
      expect(markIn(value)).toBeUndefined();
    },
  );
});

describe("URNs", () => {
  it("leave the stack out of the types, and nothing else", () => {
    const stack = makeUrn("dev", "mail", undefined, "pulumi:pulumi:Stack", "mail-dev");
    const outer = makeUrn("dev", "mail", stack, "a:b:C", "outer");
    const inner = makeUrn("dev", "mail", outer, "d:e:F", "in::ner");
    expect(stack).toBe("urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev");
    expect(inner).toBe("urn:pulumi:dev::mail::a:b:C$d:e:F::in::ner");
    expect(parseUrn(inner)).toEqual({ stack: "dev", project: "mail", types: ["a:b:C", "d:e:F"], name: "in::ner" });
  });
});

describe("echoes", () => {
  const secret = (value: string) => ({ [SIGNATURE_KEY]: Signature.Secret, value });

  it("keep plain values, lists of them, secrets and what is unknown", () => {
    const inputs = { a: 1, b: ["x", UNKNOWN], c: secret("s"), d: null, e: [], f: [secret("t")], id: "no" };
    expect(echoInputs(inputs, [])).toEqual({
      a: 1,
      b: ["x", UNKNOWN],
      c: secret("s"),
      d: null,
      e: [],
      f: [secret("t")],
    });
  });

  it("leave objects open and lists of objects unknown", () => {
    expect(echoInputs({ a: { b: [{ c: 1 }], d: 2 }, e: [{ f: 1 }], g: [[{ h: 1 }]] }, [])).toEqual({
      a: { b: UNKNOWN, d: 2, [OPEN]: true },
      e: UNKNOWN,
      g: UNKNOWN,
    });
  });

  it("make outputs secret that the program wants secret", () => {
    expect(echoInputs({ a: "x" }, ["a", "b"])).toEqual({ a: secret("x"), b: secret(UNKNOWN) });
  });
});

describe("locations", () => {
  const at = (uri: string) => ({ uri, line: 3, column: 4 });

  it.each([
    ["file:///p/src/index.ts", "src/index.ts"],
    ["file:///p/file:/p/src/main.mjs", "src/main.mjs"],
    ["file:///somewhere/file:///p/a%20b.mjs", "a b.mjs"],
  ])("%s is %s", (uri, file) => {
    expect(locate([at(uri)], "/p")).toEqual({ file, line: 3, column: 4 });
  });

  it("are the first that are the project's own", () => {
    const uris = ["file:///p/node_modules/x/index.js", "file:///other/x.ts", "nonsense", "file:///p/index.ts"];
    expect(locate([undefined, ...uris.map(at)], "/p")?.file).toBe("index.ts");
    expect(locate([at("file:///p/node_modules/x/index.js")], "/p")).toBeUndefined();
  });
});
