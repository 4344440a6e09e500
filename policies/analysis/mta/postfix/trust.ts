import { allAddresses, noAddresses } from "../../net/addr";
import * as bounds from "../../net/bounds";
import { loopback } from "../../net/cover";
import { anybody, between, type Clients, either, nobody } from "../sets";
import type { View } from "./config";
import { clientList, type Membership } from "./networks";
import { splitWords } from "./words";

/** `mynetworks`, or what `mynetworks_style` makes of the host's own addresses where it is not set. */
export function trustedNetworks(view: View, claimed: boolean): Membership {
  if (view.isSet("mynetworks")) return clientList(view.get("mynetworks"), view.config, view.at("mynetworks"));
  const style = view.get("mynetworks_style").toLowerCase();
  const at = view.at("mynetworks_style");
  if (style === "host" && !claimed) {
    // The host's own addresses besides: nobody else can have them, unless the address is claimed.
    return { members: bounds.exactly(loopback), failing: nobody };
  }
  const text =
    style === "host"
      ? "mynetworks is not set: the host trusts its own addresses, which a client may claim here"
      : `mynetworks is not set and mynetworks_style is ${style}: the host trusts the networks of its interfaces, which are not known here`;
  return { members: between(loopback, allAddresses, { text, at }), failing: nobody };
}

/** Whether a listener takes the client's address from a PROXY header, which every peer must send. */
export function expectsProxyHeader(view: View, viaPostscreen: View | null): boolean {
  const proxy = [view.get("smtpd_upstream_proxy_protocol"), viaPostscreen?.get("postscreen_upstream_proxy_protocol")];
  return proxy.some((value) => value !== undefined && value !== "");
}

/** Peers whose word about the client's address a listener takes. */
export function believedPeers(view: View, viaPostscreen: View | null): Clients {
  if (expectsProxyHeader(view, viaPostscreen)) return bounds.exactly(allAddresses);
  return clientList(view.get("smtpd_authorized_xclient_hosts"), view.config, view.at("smtpd_authorized_xclient_hosts"))
    .members;
}

/** Clients that count as authenticated without knowing a password. */
export function anonymousLogins(view: View): Clients {
  if (!view.flag("smtpd_sasl_auth_enable")) return nobody;
  const at = view.at("smtpd_sasl_security_options");
  const open = ["smtpd_sasl_security_options", "smtpd_sasl_tls_security_options"].some(
    (name) => !splitWords(view.get(name).toLowerCase()).includes("noanonymous"),
  );
  const anonymous = open
    ? anybody({
        text: "noanonymous is missing from the SASL security options: an anonymous login counts as a login",
        at,
      })
    : nobody;
  const xclient = clientList(view.get("smtpd_authorized_xclient_hosts"), view.config, at).members;
  const login = { text: "a client that may use XCLIENT may claim to be logged in", at };
  return either(anonymous, between(noAddresses, xclient.may, login));
}
