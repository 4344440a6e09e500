import { proveOn } from "./prove";

proveOn("trixie");
