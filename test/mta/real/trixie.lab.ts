import { proveCarriersOn } from "./cloud";
import { proveOn } from "./prove";

proveOn("trixie");
proveCarriersOn("trixie");
