import { Answers } from "../../../cli/engine/answers/answers";
import { NO_FIXTURES, readFixtures } from "../../../cli/engine/answers/fixtures";
import { OPEN } from "../../../cli/engine/wire";
import { isObject, type Props, type Value } from "./values";

/**
 * What the account says to those who ask: the plausible answers of the embedded engine, since what the two make of the same program is
 * compared.
 */
export interface Answering {
  invoke(token: string, args: Props): Props;
  /** The properties of a resource that no program here made, or null. */
  read(type: string, id: string): Props | null;
}

/** @param configuration of the stack: `aws:region` */
export function answersFor(configuration: ReadonlyMap<string, string>): Answering {
  const file = process.env.RELAYPROOF_TEST_ANSWERS;
  const answers = new Answers(file === undefined ? NO_FIXTURES : readFixtures(file), configuration);
  return {
    invoke: (token, args) => closed(answers.invoke(token, args as never) as Props) as Props,
    read: (type, id) => {
      const known = answers.read(type, id) as Props;
      return Object.keys(known).length > 0 ? known : null;
    },
  };
}

/** Without the embedded engine's mark of objects that have more properties than are known. */
function closed(value: Value): Value {
  if (Array.isArray(value)) return value.map(closed);
  if (!isObject(value)) return value;
  const own = Object.entries(value).filter(([key]) => key !== OPEN);
  return Object.fromEntries(own.map(([key, item]) => [key, closed(item)]));
}
