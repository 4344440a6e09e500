import type { Practice, TrustList, Weakness } from "../../practice";
import { type Clients, nobody } from "../../sets";
import type { View } from "../config";
import type { Service } from "../master-cf";
import { Unreadable } from "../words";
import { authentication } from "./authentication";
import { hardening } from "./hardening";
import { exposedHelpers } from "./helpers";
import { relaying } from "./relaying";
import { trustProblems } from "./trust";

/** A listener of master.cf as the checks of its practice see it. */
export interface Listener {
  readonly port: number;
  readonly loopbackOnly: boolean;
  readonly service: Service;
  /** Parameters of the smtpd that talks to the client. */
  readonly view: View;
  /** Parameters of the postscreen in front of it, if there is one. */
  readonly postscreen: View | null;
}

/** What the relay evaluation found out on the way. */
export interface Relays {
  readonly unlisted: Clients;
  readonly trust: TrustList | null;
}

/** Everything about a listener that should be otherwise; a listener on loopback only is nobody's concern. */
export function practiceOf(listener: Listener, relays: Relays): Practice {
  if (listener.loopbackOnly) return { unlisted: nobody, trust: null, weaknesses: [] };
  const { view, service } = listener;
  const isSmtp = service.command === "smtpd" || service.command === "postscreen";
  const smtp = isSmtp
    ? [
        ...guarded("relaying", "relaying", view, () => relaying(view)),
        ...guarded("trust", "trust", view, () =>
          relays.trust?.used === true ? trustProblems(view, relays.trust) : [],
        ),
        ...guarded("authentication", "authentication", view, () => authentication(listener)),
        ...guarded("hardening", "hardening", view, () => hardening(listener)),
      ]
    : [];
  return { ...relays, weaknesses: [...smtp, ...guarded("helpers", "hardening", view, () => exposedHelpers(listener))] };
}

/** A check that meets something that is not covered leaves its question open. */
function guarded(id: string, topic: Weakness["topic"], view: View, check: () => Weakness[]): Weakness[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return [
      {
        id: `${id}-unreadable`,
        topic,
        certain: false,
        text: "has a setting that is not evaluated",
        fix: "Write the value out",
        line: { text: error.message, at: { urn: view.config.host } },
      },
    ];
  }
}
