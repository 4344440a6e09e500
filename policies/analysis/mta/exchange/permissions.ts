import { eitherList, minus, none, plus, type Several, unknownList } from "./attributes";
import type { Connector } from "./connector";
import { isOn } from "./powershell/call";
import { itemsOf, Opaque, Table, Thing, textOf } from "./powershell/values";
import { ANY_RECIPIENT, concernsRelaying, isAnonymous, relayRights, SUBMIT } from "./rights";
import type { Order } from "./session";

/** What `Add-` or `Remove-ADPermission` does to a connector; null if it has nothing to do with anonymous relaying. */
export function changePermission(order: Order, grants: boolean): ((connector: Connector) => Connector) | null {
  const who = userOf(order, grants);
  if (who === "no") return null;
  const rights = rightsOf(order);
  if (!concernsRelaying(rights)) return null;
  const deny = isOn(order.value("deny"));
  return (connector) => {
    const list = deny === true ? "denied" : "rights";
    const before = connector[list];
    const sure = grants ? plus(before, rights) : minus(before, rights);
    const why = order.reason(new Opaque("whether this is about anonymous clients is not known"));
    const after = who === "yes" ? sure : eitherList(sure, before, why);
    // What is removed by a command that is not known stays possible; what may be a denial closes nothing.
    const changed = deny === null && grants ? eitherList(after, before, why) : after;
    // The right to submit, once removed, is also taken from what the group grants.
    const groups =
      !grants && deny !== true && rights.has.includes(SUBMIT)
        ? unknownGroups(connector.groups, order)
        : connector.groups;
    return { ...connector, [list]: changed, groups, set: { ...connector.set, [list]: order.line } };
  };
}

function unknownGroups(groups: Several, order: Order): Several {
  return {
    has: groups.has.filter((it) => !/^anonymoususers$/i.test(it)),
    open: [...groups.open, order.reason(new Opaque("a right of the group is taken away"))],
  };
}

function userOf(order: Order, grants: boolean): "yes" | "no" | "maybe" {
  const given = order.value("user");
  if (given === undefined) return grants ? "no" : "maybe";
  const answers = itemsOf(given).map((item) => {
    const text = item instanceof Thing || item instanceof Table ? new Opaque("a user") : textOf(item);
    return text instanceof Opaque ? "maybe" : isAnonymous(text);
  });
  if (answers.includes("yes")) return "yes";
  return answers.includes("maybe") || answers.length === 0 ? "maybe" : "no";
}

function rightsOf(order: Order): Several {
  const extended = order.value("extendedrights");
  const access = order.value("accessrights");
  let rights: Several =
    extended === undefined
      ? none
      : extended instanceof Opaque
        ? unknownList(order.reason(extended))
        : relayRights(order.list(extended));
  if (access !== undefined) {
    const names = order.list(access);
    // Everything, or every extended right.
    if (
      names.has.some((it) => /^(?:genericall|fullcontrol)$/i.test(it)) ||
      (extended === undefined && names.has.some((it) => /^extendedright$/i.test(it)))
    )
      rights = plus(rights, { has: [ANY_RECIPIENT, SUBMIT], open: [] });
    else if (names.open.length > 0) rights = { has: rights.has, open: [...rights.open, ...names.open] };
  }
  if (extended === undefined && access === undefined)
    rights = unknownList(order.reason(new Opaque("which rights are meant is not known")));
  return rights;
}
