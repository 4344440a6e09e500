import type { IfaceClass } from "../../policies/analysis/model/network";
import type { Urn } from "../../policies/analysis/model/snapshot";
import { parseCidr } from "../../policies/analysis/net/cidr";
import type { Source } from "../../policies/analysis/verdict/explanation";
import type { MailHost, Perimeter } from "../../policies/analysis/verdict/perimeter";
import { matchesGlob } from "../../policies/config/glob";
import { InputError } from "../sources/input-error";

/** Finds what `--source` and `--target` name: by URN, by name, or by a glob of either. */

const SMTP = 25;

/**
 * Reads `RESOURCE[:PORT]`; port 25 if there is none.
 *
 * @throws InputError that lists the candidates if it names no machine, or several.
 */
export function chooseTarget(perimeter: Perimeter, text: string): { readonly view: MailHost; readonly port: number } {
  const match = /^(.*[^:]):(\d+)$/s.exec(text);
  const whole = hostsNamed(perimeter, text);
  if (match === null || whole.length > 0) return { view: only(perimeter, "--target", text, whole), port: SMTP };
  const [, resource = "", digits = ""] = match;
  const port = Number(digits);
  if (port < 1 || port > 65535)
    throw new InputError(`--target ${JSON.stringify(text)}: expected a port from 1 to 65535, got ${digits}`);
  return { view: only(perimeter, "--target", resource, hostsNamed(perimeter, resource)), port };
}

/**
 * Reads an address, a CIDR prefix, `internet`, or a resource.
 *
 * @throws InputError that lists the candidates if it is none of these, or names several resources.
 */
export function chooseSource(perimeter: Perimeter, text: string): Source {
  if (text === "internet") return { kind: "internet" };
  const set = parseCidr(text);
  if (set !== null) return { kind: "addresses", set, text };
  if (/^[\d.]+(\/\d*)?$/.test(text) || /^[0-9a-f:]*:[0-9a-f:]*(\/\d*)?$/i.test(text))
    throw new InputError(`--source ${JSON.stringify(text)}: expected an address or a CIDR prefix such as 192.0.2.0/24`);
  const hosts = hostsNamed(perimeter, text);
  const alone = hosts.length > 0 ? [] : interfacesNamed(perimeter, text);
  const [urn, ...others] = alone;
  if (urn !== undefined && others.length === 0) {
    const classes = [...perimeter.network.classes.values()].filter((item) => item.interfaces.includes(urn));
    return { kind: "interfaces", classes, urn, name: nameOf(urn) };
  }
  const view = only(perimeter, "--source", text, hosts, alone);
  const classes = view.host.classes.map((id) => perimeter.network.classes.get(id) as IfaceClass);
  return { kind: "interfaces", classes, urn: view.urn, name: view.name };
}

/** Hosts that a text names, or that alone are inside of the component that it names. */
function hostsNamed(perimeter: Perimeter, text: string): readonly MailHost[] {
  const { hosts, index } = perimeter;
  const named = hosts.filter(({ urn }) => names(text, urn));
  if (named.length > 0) return named;
  return hosts.filter(({ host }) => [...index.lineage(host.resource)].some(({ urn }) => names(text, urn)));
}

function interfacesNamed({ network }: Perimeter, text: string): readonly Urn[] {
  const urns = [...network.classes.values()].flatMap((item) => item.interfaces);
  return [...new Set(urns)].filter((urn) => names(text, urn));
}

function names(text: string, urn: Urn): boolean {
  return text === urn || matchesGlob(text, urn) || matchesGlob(text, nameOf(urn));
}

function nameOf(urn: Urn): string {
  const [, , , ...name] = urn.split("::");
  return name.length === 0 ? urn : name.join("::");
}

const SHOWN = 8;

function only(
  perimeter: Perimeter,
  option: string,
  text: string,
  found: readonly MailHost[],
  interfaces: readonly Urn[] = [],
): MailHost {
  const [view, ...others] = found;
  if (view !== undefined && others.length === 0) return view;
  const said = `${option} ${JSON.stringify(text)}`;
  const several = [...found.map(({ urn }) => urn), ...interfaces];
  if (several.length > 1) throw new InputError(`${said} names ${several.length} resources: ${list(several)}`);
  const other = [...perimeter.resources.values()].find(({ urn }) => names(text, urn));
  const what = other === undefined ? "names nothing in the stack" : `is a ${kindOf(other.type)}, not a machine`;
  const machines = perimeter.hosts.map(({ urn }) => urn);
  throw new InputError(
    `${said} ${what}; ${machines.length === 0 ? "there are no machines in the stack" : `the machines are ${list(machines)}`}`,
  );
}

/** By name where that tells them apart. */
function list(urns: readonly Urn[]): string {
  const unique = new Set(urns.map(nameOf)).size === urns.length;
  const shown = urns.slice(0, SHOWN).map((urn) => (unique ? nameOf(urn) : urn));
  return urns.length > SHOWN ? `${shown.join(", ")} and ${urns.length - SHOWN} more` : shown.join(", ");
}

function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
