export { cloudInit, userDataLimit } from "./cloud-init";
export { type ExchangeHardeningSettings, exchangeHardening } from "./exchange-hardening";
export { type GatewaySettings, OutboundTls, type PostfixSettings } from "./gateway";
export { mainCf, relayRecipients } from "./main-cf";
export { masterCf } from "./master-cf";
