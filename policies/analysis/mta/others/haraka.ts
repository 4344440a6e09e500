import { allAddresses } from "../../net/addr";
import {
  type Installed,
  isLoopback,
  linesOf,
  networks,
  type PlainSettings,
  quoted,
  type RelaySetting,
} from "./settings";

/** Haraka: the relay plugin. docs/plugins/relay.md */
export function haraka(installed: Installed): PlainSettings {
  const settings = linesOf(installed, /(?:^|\/)relay\.ini$/);
  const plugins = linesOf(installed, /(?:^|\/)config\/plugins$/).map((line) => line.text.trim());
  const loaded = plugins.length === 0 ? { doubt: "whether the plugin relay is loaded is not known" } : {};
  const on = (name: string) =>
    settings.find((line) => new RegExp(`^\\s*${name}\\s*=\\s*(?:true|yes|1)\\s*$`, "i").test(line.text));
  const all = on("all");
  const relays: RelaySetting[] = [];
  if (plugins.length === 0 || plugins.includes("relay")) {
    if (all !== undefined) relays.push({ clients: allAddresses, trusts: false, line: quoted(all), ...loaded });
    const allowed = linesOf(installed, /(?:^|\/)relay_acl_allow$/).filter((line) => /^\s*[^#\s]/.test(line.text));
    const [first] = allowed;
    if (on("acl") !== undefined && first !== undefined) {
      const { clients, doubt } = networks(allowed.map((line) => line.text.trim()));
      relays.push({
        clients,
        trusts: true,
        line: quoted(first),
        ...loaded,
        ...(doubt === undefined ? {} : { doubt: `${doubt} is no address` }),
      });
    }
  }
  return { relays, ...listener(installed) };
}

/** smtp.ini: `listen=[::0]:25,127.0.0.1:587`, else `port`. docs/CoreConfig.md */
function listener(installed: Installed): { ports: readonly number[]; loopbackOnly: boolean } {
  const lines = linesOf(installed, /(?:^|\/)smtp\.ini$/).map((line) => line.text);
  const value = (name: string) =>
    lines.flatMap((text) => new RegExp(`^\\s*${name}\\s*=\\s*(.*?)\\s*$`).exec(text)?.[1] ?? []).at(-1);
  const places = (value("listen") ?? "").split(",").flatMap((place) => {
    const match = /^\s*(.*):(\d+)\s*$/.exec(place);
    return match === null ? [] : [{ host: match[1] ?? "", port: Number(match[2]) }];
  });
  if (places.length === 0) return { ports: [Number(value("port")) || 25], loopbackOnly: false };
  const open = places.filter(({ host }) => !isLoopback(host));
  return { ports: (open.length === 0 ? places : open).map(({ port }) => port), loopbackOnly: open.length === 0 };
}
