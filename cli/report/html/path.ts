import type { PathStep } from "../../../policies/analysis/verdict/report";
import type { Names } from "../names";
import { sentence } from "../path";
import { h, type Markup } from "./markup";

/** The hops in the order in which a packet, then a message, takes them. */
export function pathList(path: readonly PathStep[], names: Names): Markup {
  return h(
    "ol",
    { class: "path" },
    ...path.map(({ kind, resource, detail, location }) => {
      const typed = resource === null ? "" : names.typed(resource);
      const plain = resource === null ? "" : names.plain(resource);
      return h(
        "li",
        {},
        h("span", { class: "kind" }, kind),
        h(
          "span",
          {},
          sentence(typed, plain, detail),
          location === undefined ? null : h("span", { class: "soft" }, ` ${location.file}:${location.line}`),
        ),
      );
    }),
  );
}
