import * as pulumi from "@pulumi/pulumi";
import { checkArgs, nameOf, owner } from "../args";
import { type ExchangeHardeningArgs, type HardeningPlan, hardeningFields, planHardening } from "./parts/hardening-args";
import { placeOf } from "./parts/vocabulary";
import { sdk } from "./sdk";

/**
 * The receive connectors of Exchange servers of the user, hardened by a script that a managed Run Command runs on each of them, at
 * once and whenever it changes: the front ends deliver to accepted domains and nobody relays without authentication but the senders
 * that are listed, one by one (R5, R6). Every session is logged, so that an incident can be traced.
 */
export class ExchangeHardening extends pulumi.ComponentResource {
  /** Ids of the Run Commands, in the order of `vmNames`. */
  readonly runCommandIds: pulumi.Output<string>[];

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: ExchangeHardeningArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:azure:ExchangeHardening", name, args, opts);
    const who = owner("ExchangeHardening", name);
    const plan = planHardening(who, checkArgs(who, hardeningFields, args));

    const commands = plan.args.vmNames.map((vmName, i) => this.createCommand(name, vmName, i, plan));

    this.runCommandIds = commands.map(({ id }) => id);
    this.registerOutputs({ runCommandIds: this.runCommandIds });
  }

  private createCommand(name: string, vmName: pulumi.Input<string>, i: number, { args, script }: HardeningPlan) {
    return new sdk.compute.VirtualMachineRunCommandByVirtualMachine(
      `${name}-${nameOf(vmName, i)}`,
      {
        ...placeOf(args),
        vmName,
        runCommandName: `${name}-hardening`,
        source: { script },
        asyncExecution: false,
        timeoutInSeconds: 1800,
        treatFailureAsDeploymentFailure: true,
        tags: { ...args.tags, Name: `${name}-hardening` },
      },
      { parent: this },
    );
  }
}
