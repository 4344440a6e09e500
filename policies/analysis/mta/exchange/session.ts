import type { Reason } from "../../model/provenance";
import { none, type Scalar, type Several, unknownList } from "./attributes";
import { type Bound, bind, type Call, isOn, type Signature } from "./powershell/call";
import type { Session } from "./powershell/environment";
import { itemsOf, Opaque, Table, textOf, type Value } from "./powershell/values";

/** A command of Exchange as it is carried out: its words, and the line that a report shows. */
export class Order {
  readonly call: Call;
  readonly session: Session;
  readonly line: Reason;
  private readonly bound: Bound;

  constructor(call: Call, session: Session, signature: Signature) {
    this.call = call;
    this.session = session;
    this.line = { text: call.text, at: session.at(call.line) };
    this.bound = bind(call, signature);
    if (this.bound.problem !== null) this.doubt(`${this.bound.problem}: ${call.text}`);
  }

  /** True if it only says what it would do. */
  get isDry(): boolean {
    return isOn(this.bound.values.get("whatif")) === true;
  }

  value(name: string): Value | undefined {
    return this.bound.values.get(name);
  }

  doubt(text: string): void {
    this.session.problem(text, this.call.line);
  }

  reason(value: Opaque): Reason {
    return { text: `${value.why}: ${this.call.text}`, at: this.session.at(this.call.line) };
  }

  /** A text, `undefined` if it is not given. */
  text(name: string): string | Opaque | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : textOf(value);
  }

  /** A list of texts, which may be one text with commas. */
  list(value: Value): Several {
    let found: Several = none;
    for (const item of itemsOf(value)) {
      const text = textOf(item);
      if (text instanceof Opaque) found = { has: found.has, open: [...found.open, this.reason(text)] };
      else
        found = {
          has: [
            ...found.has,
            ...text
              .split(/[,;]/)
              .map((it) => it.trim())
              .filter((it) => it !== ""),
          ],
          open: found.open,
        };
    }
    return found;
  }

  /** A list property after this command: replaced, or changed by `@{Add=…; Remove=…}`. */
  changed(
    name: string,
    before: Several,
    plus: (a: Several, b: Several) => Several,
    minus: (a: Several, b: Several) => Several,
  ): Several {
    const value = this.value(name);
    if (value === undefined) return before;
    // An empty list is refused, and what was there stays.
    if (itemsOf(value).length === 0) return unknownList(this.reason(new Opaque(`-${name} is empty`)));
    if (value instanceof Opaque) return unknownList(this.reason(value));
    if (!(value instanceof Table)) return this.list(value);
    let list = before;
    for (const [key, part] of value.pairs()) {
      const parts = this.list(part);
      if (/^add$/i.test(key)) list = plus(list, parts);
      else if (/^remove$/i.test(key)) list = minus(list, parts);
      else list = unknownList(this.reason(new Opaque(`the key ${key}`)));
    }
    return list;
  }

  scalar(name: string, before: Scalar<string>): Scalar<string> {
    const text = this.text(name);
    if (text === undefined) return before;
    return text instanceof Opaque ? { open: [this.reason(text)] } : { value: text };
  }

  flag(name: string, before: Scalar<boolean>): Scalar<boolean> {
    const value = this.value(name);
    if (value === undefined) return before;
    const on = isOn(value);
    return on === null
      ? { open: [this.reason(value instanceof Opaque ? value : new Opaque(`-${name}`))] }
      : { value: on };
  }
}
