import { proveOn } from "./prove";

proveOn("bookworm");
