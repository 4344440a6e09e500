import { expect, it } from "vitest";
import { unmodelled } from "../../policies/analysis/lower/coverage";
import { Resources } from "../../policies/analysis/lower/resources";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";

function component(name: string, rest: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  return {
    urn: `urn:pulumi:dev::p::acme:index:${name}::${name}`,
    type: `acme:index:${name}`,
    name,
    custom: false,
    external: false,
    properties: {},
    propertyDependencies: {},
    ...rest,
  };
}

it("reports a component whose inside nobody sees, not one that is empty", () => {
  const [remote, shown, empty] = [
    component("Remote", { remote: true }),
    component("Shown", { remote: true }),
    component("Empty"),
  ];
  const child = component("Child", { parent: shown.urn });
  const found = unmodelled(new Resources([remote, shown, empty, child]), new Set());
  expect(found.map((one) => one.resource)).toEqual([remote.urn]);
  expect(found[0]?.reason).toMatch(/another package constructs/);
});
