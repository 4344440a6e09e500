export type { Carrier, HostMta, NextMta, RelayAnswer } from "./answer";
export { readCarrier, readUserData } from "./carrier/user-data";
export { evaluateHost } from "./host";
