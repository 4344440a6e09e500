import { proveScriptsOn } from "./shell";

proveScriptsOn("bookworm");
