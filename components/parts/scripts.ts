import * as pulumi from "@pulumi/pulumi";
import { type Deferred, type Owner, whenKnown } from "../args";
import { type BootstrapSettings, bootstrap, type DeliverySettings, delivery, type PostfixSettings } from "../render";

/** The two scripts of a front end, from arguments that may be known only later. */

/** User data, which makes the machine ready; at once where the hostname is known. */
export function renderBootstrap(
  who: Owner,
  hostname: pulumi.Input<string>,
  settings: Omit<BootstrapSettings, "hostname">,
): Deferred<string> {
  return whenKnown(hostname, (known) => rendered(who, () => bootstrap({ ...settings, hostname: known as string })));
}

/** What of the configuration may be an output. */
export interface DeferredSettings {
  readonly hostname: pulumi.Input<string>;
  readonly domains: readonly pulumi.Input<string>[];
  readonly exchangeServers: readonly pulumi.Input<string>[];
  readonly postfix: pulumi.Input<PostfixSettings>;
}

/** The script that carries the configuration; at once where everything is known. */
export function renderDelivery(
  who: Owner,
  { hostname, domains, exchangeServers, postfix }: DeferredSettings,
  settings: Omit<DeliverySettings, keyof DeferredSettings>,
): Deferred<string> {
  const given = { hostname, domains: [...domains], exchangeServers: [...exchangeServers], postfix };
  return whenKnown(given as pulumi.Input<typeof given>, (known) =>
    rendered(who, () => delivery({ ...(known as pulumi.Unwrap<typeof given>), ...settings })),
  );
}

function rendered(who: Owner, render: () => string): string {
  try {
    return render();
  } catch (error) {
    throw new pulumi.RunError(`${who}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
