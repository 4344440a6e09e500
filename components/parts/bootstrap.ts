import * as pulumi from "@pulumi/pulumi";
import { type Owner, whenKnown } from "../args";
import { cloudInit, type PostfixSettings } from "../render";

/** What the gateway's user data is rendered from. */
export interface BootstrapArgs {
  readonly hostname: pulumi.Input<string>;
  readonly domains: readonly pulumi.Input<string>[];
  readonly exchangeServers: readonly pulumi.Input<string>[];
  readonly ports: number[];
  readonly postfix: pulumi.Input<PostfixSettings>;
}

/**
 * User data of the gateway; at once where everything is known.
 * @param timeServers what the clock is set by, if not by EC2's; none leaves it to the image
 */
export function renderUserData(who: Owner, args: BootstrapArgs, timeServers?: readonly string[]): pulumi.Input<string> {
  const { hostname, domains, exchangeServers, ports, postfix } = args;
  const settings = { hostname, domains: [...domains], exchangeServers: [...exchangeServers], postfix };
  return whenKnown(settings as pulumi.Input<typeof settings>, (known) => {
    try {
      return cloudInit({ ...(known as pulumi.Unwrap<typeof settings>), ports }, timeServers);
    } catch (error) {
      throw new pulumi.RunError(`${who}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}
