import { PolicyPack } from "@pulumi/policy";
import { buildPerimeter } from "./analysis/verdict/perimeter";
import { packArgs } from "./pack";
import { policies } from "./rules";
import { checkResource } from "./rules/smtp-security-group-ingress";

new PolicyPack(
  "relayproof",
  packArgs({
    policies,
    buildPerimeter,
    resourceChecks: { "smtp-security-group-ingress": checkResource },
    now: () => new Date(),
  }),
);
