import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The package's version. The compiled file lies in `dist/cli`. */
export const version: string = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")).version;
