import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLOUD_FILE } from "./providers/azure";
import { type Item, nameOf } from "./providers/azure/arm/cloud";
import type { Props } from "./providers/values";

/** What there is in the Azure of a workspace. */
export class AzureAccount {
  readonly #file: string;

  /** @param store where the test providers of a workspace keep what they hold */
  constructor(store: string) {
    this.#file = join(store, CLOUD_FILE);
  }

  /** Ids of everything that a program made. */
  contents(): string[] {
    return this.#items().map(({ id }) => id);
  }

  /** Every rule of security groups in words without ids, sorted: what lets packets through. */
  rules(): string[] {
    const rules = this.#items().filter(({ kind }) => kind === "network:SecurityRule");
    return rules
      .map(({ id, body }) => {
        const [group = "", , rule = ""] = id.split("/").slice(-3);
        const { direction, access, priority, protocol } = body;
        const sources = body.sourceAddressPrefix ?? body.sourceAddressPrefixes ?? "group";
        const ports = body.destinationPortRange ?? body.destinationPortRanges;
        return [group.replace(/[0-9a-f]{8}$/, ""), direction, priority, access, protocol, sources, ports, rule].join(
          " ",
        );
      })
      .sort();
  }

  /** Changes something as somebody would in the portal. */
  change(kind: string, name: string, properties: Props): void {
    const all = JSON.parse(readFileSync(this.#file, "utf8")) as Item[];
    const changed = all.map((item) =>
      item.kind === kind && nameOf(item.id) === name ? { ...item, body: { ...item.body, ...properties } } : item,
    );
    writeFileSync(this.#file, JSON.stringify(changed));
  }

  #items(): readonly Item[] {
    if (!existsSync(this.#file)) return [];
    const items = JSON.parse(readFileSync(this.#file, "utf8")) as Item[];
    return items.filter(({ platform }) => platform !== true);
  }
}
