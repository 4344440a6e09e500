import { describe, expect, test } from "vitest";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { carriers } from "./real/carriers";
import { answerOf } from "./real/cloud";

describe("user data that the real cloud-init is run with", () => {
  test.each(carriers)("$name", ({ userData }) => {
    const { relays } = answerOf(userData);
    expect(relays.why).toEqual([]);
    expect(toCidrs(relays.must)).toEqual(["10.0.2.20/32"]);
  });
});
