import type {
  PolicyPackArgs,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { Resources } from "./analysis/lower/resources";
import { Role } from "./analysis/model/settings";
import type { ResourceSnapshot } from "./analysis/model/snapshot";
import { component } from "./analysis/verdict/roles";
import { defaultEnforcement, type KnownPolicy, PERIMETER, type PolicyConfig } from "./config";
import { type Evaluated, evaluate, notEvaluated, rootOf } from "./judge";
import { sender, toDiagnostic } from "./pack/diagnostics";
import { perimeterConfigSchema, policyConfigSchema } from "./pack/schema";
import { type PackInput, PackSession } from "./pack/session";
import { snapshotOfInputs } from "./pack/snapshots";
import type { Policy } from "./policy";
import { useOf, waiverFor, waiverNotices } from "./waivers";

/**
 * The policies as CrossGuard wants them. The first, `perimeter`, holds the shared configuration: it collects the inputs of every
 * resource, and builds the model of the stack once, which the others read in the same validation.
 */
export function packArgs(input: PackInput): PolicyPackArgs {
  const session = new PackSession(input);
  return {
    displayName: "Relayproof",
    description: "Rejects any stack that exposes an open relay path, before anything exists.",
    policies: [
      perimeterPolicy(session, input),
      ...input.policies.map((policy) => {
        const checkResource = input.resourceChecks[policy.name];
        return checkResource === undefined
          ? stackPolicy(policy, session, input)
          : resourcePolicy(policy, checkResource, session, input);
      }),
    ],
  };
}

function perimeterPolicy(session: PackSession, input: PackInput): ResourceValidationPolicy & StackValidationPolicy {
  return {
    name: PERIMETER,
    displayName: "Perimeter",
    description: "The configuration of the perimeter must be valid, and a model of the stack must be built from it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    configSchema: perimeterConfigSchema(),
    remediationSteps: "Correct the section perimeter of the policy configuration, and leave this policy enabled.",
    validateResource: (args, report) => {
      session.record(args);
      const problem = session.configurationProblem(args.getConfig());
      if (problem !== null) sender(report)({ message: problem, urn: args.urn, enforcementLevel: "mandatory" });
    },
    validateStack: (args, report) => {
      const send = sender(report);
      const run = session.begin(args);
      if (run.problem !== null) {
        // Whatever the configured level: without a model nothing is shown to be closed.
        send({ message: run.problem, urn: run.stackUrn, enforcementLevel: "mandatory" });
        return;
      }
      // Whether a waiver is used, the policies know.
      const uses = run.config.waivers.map((waiver) => useOf(waiver, true, today(input)));
      for (const message of waiverNotices(uses)) send({ message, urn: run.stackUrn, ...REMINDER });
    },
  };
}

function stackPolicy(policy: Policy, session: PackSession, input: PackInput) {
  const validateStack = (args: StackValidationArgs, report: ReportViolation) => {
    const send = sender(report);
    const run = session.enter(policy.name);
    if (run === null) {
      send({ message: notRun(policy), urn: rootOf(args.resources) ?? "", enforcementLevel: "mandatory" });
      return;
    }
    if (run.problem !== null) return; // `perimeter` has reported it, as mandatory.
    const own = session.forPolicy(run, policy.name, args.getConfig());
    if (own.problem !== null) {
      send({ message: own.problem, urn: run.stackUrn, enforcementLevel: "mandatory" });
      return;
    }
    const found = evaluate(policy, own.perimeter, run.stackUrn);
    for (const evaluated of found) send(toDiagnostic(evaluated, own.config, today(input)));
    if (found.some((evaluated) => evaluated.broken)) return;
    for (const message of waiverNotices(unused(policy, found, own.config, today(input))))
      send({ message, urn: run.stackUrn, ...REMINDER });
  };
  return { ...metadata(policy), validateStack } satisfies StackValidationPolicy;
}

/** What somebody should do about the configuration; it says nothing about the stack. */
const REMINDER = { enforcementLevel: "advisory", severity: "low" } as const;

/** Waivers of a policy that cover nothing of what it found. */
function unused(policy: Policy, found: readonly Evaluated[], config: PolicyConfig, now: string) {
  const used = new Set(found.map(({ finding }) => waiverFor(policy.name, finding, config.waivers, now)));
  return config.waivers
    .filter((waiver) => waiver.policy === policy.name && !used.has(waiver))
    .map((waiver) => useOf(waiver, false, now))
    .filter((use) => use.state === "unused");
}

function resourcePolicy(
  policy: Policy,
  checkResource: PackInput["resourceChecks"][string],
  session: PackSession,
  input: PackInput,
) {
  let complained = false;
  const complain = (message: string, urn: string, report: ReportViolation) => {
    if (!complained) sender(report)({ message, urn, enforcementLevel: "mandatory" });
    complained = true;
  };
  const validateResource: ResourceValidationPolicy["validateResource"] = (args, report) => {
    if (!session.sawResource(args.urn)) return complain(notRun(policy), args.urn, report);
    const resource = snapshotOfInputs(args);
    if (isFrontEnds(resource)) return;
    const own = session.configFor(policy.name, args.getConfig());
    if (own === null) return; // `perimeter` reports its own.
    if (own.problem !== null) return complain(own.problem, args.urn, report);
    const standalone = !/:(?:Default)?SecurityGroup$|:NetworkSecurityGroup$/.test(args.type);
    let evaluated: Evaluated[];
    try {
      const found = checkResource(resource, own.config.settings);
      evaluated = found.map((finding) => ({ policy, finding, broken: false }));
    } catch (error) {
      evaluated = [notEvaluated(policy, args.urn, error)];
    }
    // A rule by itself does not tell whose group it opens, and no graph is there to ask.
    const atMost = standalone ? "advisory" : "mandatory";
    for (const one of evaluated) sender(report)(toDiagnostic(one, own.config, today(input), atMost));
  };
  return { ...metadata(policy), validateResource } satisfies ResourceValidationPolicy;
}

/** Whether the resource is part of a front end of ours: a URN holds the types of all ancestors, which is all there is to go by. */
function isFrontEnds(resource: ResourceSnapshot): boolean {
  const types = resource.urn.split("::")[2]?.split("$").slice(0, -1) ?? [];
  const ancestors = types.map(
    (type, i): ResourceSnapshot => ({
      ...{
        urn: `ancestor ${i}`,
        type,
        name: "",
        custom: false,
        external: false,
        properties: {},
        propertyDependencies: {},
      },
      ...(i > 0 && { parent: `ancestor ${i - 1}` }),
    }),
  );
  const { parent: _, ...leaf } = resource;
  const child = ancestors.length === 0 ? leaf : { ...leaf, parent: `ancestor ${ancestors.length - 1}` };
  return component(new Resources([child, ...ancestors]), child)?.role === Role.FrontEnd;
}

function metadata(policy: Policy) {
  const [framework] = policy.frameworks;
  return {
    name: policy.name,
    displayName: policy.name.replace(
      /(^|-)([a-z])/g,
      (_, dash: string, letter: string) => `${dash && " "}${letter.toUpperCase()}`,
    ),
    description: policy.description,
    enforcementLevel: defaultEnforcement(policy),
    severity: policy.severity,
    ...(framework !== undefined && { framework: { ...framework, version: framework.version ?? "" } }),
    remediationSteps: policy.remediation,
    configSchema: policyConfigSchema(policy.name),
  };
}

function notRun(policy: KnownPolicy): string {
  return `${policy.name} judged nothing: the policy ${PERIMETER}, which builds the model that it reads, did not run. Enable ${PERIMETER}.`;
}

function today(input: PackInput): string {
  return input.now().toISOString().slice(0, 10);
}
