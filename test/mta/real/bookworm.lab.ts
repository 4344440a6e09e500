import { proveCarriersOn } from "./cloud";
import { proveOn } from "./prove";

proveOn("bookworm");
proveCarriersOn("bookworm");
