import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";
import type { Dice } from "./dice";
import type { Fields } from "./fields";

export interface Vpc {
  readonly id: string;
  readonly index: number;
  readonly dual: boolean;
  readonly subnets: { readonly id: string; readonly index: number }[];
  readonly groups: string[];
  readonly gateway: string;
  readonly targets: Fields[];
  readonly targets6: Fields[];
  /** Routes into peerings and transit gateways, and what lies behind. */
  readonly links: { readonly target: Fields; readonly blocks: readonly string[] }[];
  /** Groups of other VPCs that rules may name. */
  readonly foreignGroups: string[];
}

/** Collects resources as a state would show them. */
export class Builder {
  readonly dice: Dice;
  protected readonly resources: ResourceSnapshot[] = [];

  constructor(dice: Dice) {
    this.dice = dice;
  }

  has(id: string, property: string): boolean {
    return this.resources.find((resource) => resource.id === id)?.properties[property] !== undefined;
  }

  add(module: string, name: string, properties: { [key: string]: Value }, id?: string): string {
    return this.addType(`aws:${module}/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`, properties, id);
  }

  addType(type: string, properties: { [key: string]: Value }, id?: string): string {
    const name = `r${this.resources.length}`;
    const made = id ?? `${type.slice(type.lastIndexOf(":") + 1)}-${name}`;
    this.resources.push({
      urn: `urn:pulumi:test::stack::${type}::${name}`,
      type,
      name,
      id: made,
      custom: true,
      external: false,
      properties,
      propertyDependencies: {},
    });
    return made;
  }
}
