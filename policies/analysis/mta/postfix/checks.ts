import { isEmpty, noAddresses, union } from "../../net/addr";
import * as bounds from "../../net/bounds";
import { anybody, between, both, type Clients, either, everybody, nobody } from "../sets";
import { actionOf, addressEntries, cidrEntries, nameKeys } from "./access";
import { recipientReach } from "./domains";
import { named } from "./networks";
import { type Outcome, passes, permits, refuses, within } from "./outcome";
import { type Context, evaluateList, serverError, unclear } from "./restrictions";
import { type AddressRule, readTable, type Table } from "./tables";
import { cannotPermit } from "./vocabulary";

/** A `check_…_access type:table`. */
export function checkAccess(check: string, spec: string, context: Context): Outcome {
  if (!spec.includes(":") || spec.startsWith("{")) return serverError(`${check} ${spec} is not understood`, context);
  const table = readTable(spec, context.view.config);
  if (cannotPermit.has(check)) return refusingOnly(check, table, context);
  switch (check) {
    case "check_client_access":
      return byClient(table, context);
    case "check_helo_access":
    case "check_sender_access":
    case "check_recipient_access":
      return byIdentity(check, table, context);
    case "check_ccert_access":
      return byCertificate(table, context);
    case "check_sasl_access":
      return { permit: context.anonymous, pass: everybody };
    case "check_etrn_access":
      return passes;
    default:
      return unclear(`${check} is no restriction that is known here`, context);
  }
}

/** What the right-hand side of a table does. */
function outcomeOf(value: string, context: Context): Outcome {
  const action = actionOf(value);
  switch (action.kind) {
    case "permit":
      return permits;
    case "pass":
      return passes;
    case "refuse":
      return refuses;
    case "error":
      return serverError(`${value} is no valid result of an access table`, context);
    case "restrictions":
      return evaluateList(action.words, { ...context, depth: context.depth + 1 });
  }
}

function note(context: Context, permit: Clients): void {
  if (!isEmpty(permit.may)) context.notes.trace.push({ text: "an access table permits clients", at: context.at });
}

/** Outcomes by disjoint sets of addresses; the table says nothing about the others. */
function byAddress(entries: readonly AddressRule[], context: Context): Outcome {
  let permit = nobody;
  let outcome = passes;
  for (const { set, hosts, value } of entries) {
    const inside = within(bounds.exactly(set), outcomeOf(value, context));
    if (!isEmpty(inside.permit.may)) context.notes.hosts = union(context.notes.hosts, hosts);
    permit = either(permit, inside.permit);
    outcome = { permit, pass: both(outcome.pass, inside.pass) };
  }
  note(context, outcome.permit);
  return outcome;
}

function byClient(table: Table, context: Context): Outcome {
  switch (table.kind) {
    case "static":
      return outcomeOf(table.value, context);
    case "fail":
      return serverError("the table always fails", context);
    case "unknown":
      return unclear(table.why, context);
    case "cidr":
      return byAddress(cidrEntries(table.rules), context);
    case "patterns":
      return byPattern(table.rules, context);
    case "keys": {
      let outcome = byAddress(addressEntries(table.entries), context);
      for (const key of nameKeys(table.entries)) {
        // The name is looked up before the address. A client may have it or not.
        const inner = outcomeOf(table.entries.get(key) ?? "", context);
        const permit = both(named(key, context.at), inner.permit);
        const certain = inner === permits ? outcome.permit : weaken(outcome.permit, context);
        outcome = { permit: either(certain, permit), pass: outcome.pass };
        note(context, permit);
      }
      return outcome;
    }
  }
}

function weaken(clients: Clients, context: Context): Clients {
  const text = "a host name in an access table may decide before the address does";
  return between(noAddresses, clients.may, { text, at: context.at });
}

/** HELO name, sender and recipient are what the client says they are. */
function byIdentity(check: string, table: Table, context: Context): Outcome {
  const outcomes = identityOutcomes(check, table, context);
  if (outcomes.some(({ outcome }) => outcome !== passes && outcome !== permits)) context.notes.judged = true;
  let permit = nobody;
  for (const { outcome, certain } of outcomes) {
    if (isEmpty(outcome.permit.may)) continue;
    context.notes.forged = true;
    context.notes.trace.push({
      text: `${check} permits what the client says about itself`,
      at: context.at,
    });
    const text = `${check} permits what the client says about itself`;
    permit = either(
      permit,
      certain && context.forgeable
        ? outcome.permit
        : between(noAddresses, outcome.permit.may, { text, at: context.at }),
    );
  }
  return { permit, pass: identityPass(check, table, outcomes, context) };
}

interface IdentityOutcome {
  readonly outcome: Outcome;
  /** False if it is not certain that a client can have it for arbitrary mail. */
  readonly certain: boolean;
}

function identityOutcomes(check: string, table: Table, context: Context): IdentityOutcome[] {
  const of = (value: string, certain = true): IdentityOutcome => ({ outcome: outcomeOf(value, context), certain });
  switch (table.kind) {
    case "static":
      return [of(table.value)];
    case "fail":
      return [{ outcome: serverError("the table always fails", context), certain: true }];
    case "unknown":
      return [{ outcome: unclear(table.why, context), certain: false }];
    case "cidr":
      // Only a HELO name can look like an address.
      return check === "check_helo_access" ? table.rules.map((rule) => of(rule.value)) : [];
    case "patterns":
      return table.rules.map((rule, i) => of(rule.value, i === 0 && rule.all));
    case "keys":
      return [...table.entries].flatMap(([key, value]) => {
        if (check !== "check_recipient_access") return [of(value)];
        const reach = recipientReach(key, context.ownDomains);
        return reach === "own" ? [{ outcome: passes, certain: true }] : [of(value, reach === "arbitrary")];
      });
  }
}

function identityPass(check: string, table: Table, outcomes: readonly IdentityOutcome[], context: Context): Clients {
  if (check === "check_helo_access" && !context.view.flag("smtpd_helo_required")) return everybody;
  const [first] = outcomes;
  if (table.kind === "static" || table.kind === "fail") return first?.outcome.pass ?? everybody;
  if (table.kind === "patterns") return byPattern(table.rules, context).pass;
  // Exact keys: the client says something that is not in the table.
  if (table.kind === "unknown" && !table.keys) return first?.outcome.pass ?? everybody;
  return everybody;
}

function byPattern(rules: readonly { all: boolean; value: string }[], context: Context): Outcome {
  const outcomes = rules.map((rule) => outcomeOf(rule.value, context));
  const [first] = outcomes;
  if (first !== undefined && rules[0]?.all === true) return first;
  const text = "regular expressions are not evaluated";
  const clients = anybody({ text, at: context.at });
  return {
    permit: outcomes.every((outcome) => isEmpty(outcome.permit.may)) ? nobody : clients,
    pass: outcomes.every((outcome) => outcome === passes) ? everybody : clients,
  };
}

function byCertificate(table: Table, context: Context): Outcome {
  const asked = context.view.flag("smtpd_tls_ask_ccert") || context.view.flag("smtpd_tls_req_ccert");
  const open = table.kind === "static" || table.kind === "patterns" || (table.kind === "unknown" && !table.keys);
  if (!asked || !open) return passes;
  return {
    permit: anybody({ text: "check_ccert_access may accept any certificate", at: context.at }),
    pass: everybody,
  };
}

/** Tables whose OK counts as an error: at most they refuse. */
function refusingOnly(check: string, table: Table, context: Context): Outcome {
  const client = /^check_(?:client|reverse_client)/.test(check);
  const exact = table.kind === "keys" || table.kind === "cidr" || (table.kind === "unknown" && table.keys);
  const values =
    table.kind === "static"
      ? [table.value]
      : table.kind === "keys"
        ? [...table.entries.values()]
        : table.kind === "cidr" || table.kind === "patterns"
          ? table.rules.map((rule) => rule.value)
          : null;
  if (values?.every((value) => actionOf(value).kind === "pass")) return passes;
  // The client picks a sender, recipient or HELO name that such a table has nothing against.
  if (exact && !client && values !== null && !context.warned) return passes;
  const clients = anybody({ text: `${check} is not evaluated`, at: context.at });
  return { permit: context.warned ? clients : nobody, pass: clients };
}
