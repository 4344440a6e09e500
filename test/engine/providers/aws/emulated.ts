import type { Service } from "../provider";
import { accessServices } from "./access";
import { aclServices } from "./acls";
import { cloud } from "./cloud";
import { connectionServices } from "./connections";
import { groupServices } from "./groups";
import { instanceServices } from "./instances";
import { interfaceServices } from "./interfaces";
import { logServices } from "./logs";
import { networkServices } from "./network";
import { routeServices } from "./routes";
import { volumeServices } from "./volumes";

/** The types of which resources are created in an emulator of AWS. */
export function emulated(region: () => string): Readonly<Record<string, Service>> {
  const it = cloud(region);
  return {
    ...networkServices(it),
    ...routeServices(it),
    ...connectionServices(it),
    ...aclServices(it),
    ...groupServices(it),
    ...interfaceServices(it),
    ...instanceServices(it),
    ...volumeServices(it),
    ...logServices(it),
    ...accessServices(it),
  };
}
