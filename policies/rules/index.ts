import type { Policy } from "../policy";
import { clientAddressPreserved } from "./client-address-preserved";
import { dmzContainment } from "./dmz-containment";
import { exchangeApprovedSenders } from "./exchange-approved-senders";
import { exchangeConnectorHygiene } from "./exchange-connector-hygiene";
import { exchangeReceiveConnectors } from "./exchange-receive-connectors";
import { frontEndAttackSurface } from "./front-end-attack-surface";
import { mailFlowLogging } from "./mail-flow-logging";
import { mailIdentity } from "./mail-identity";
import { mailVmHardening } from "./mail-vm-hardening";
import { mtaHardening } from "./mta-hardening";
import { mtaRelayRestrictions } from "./mta-relay-restrictions";
import { mtaTrustList } from "./mta-trust-list";
import { openRelayPath } from "./open-relay-path";
import { proxyProtocolTrust } from "./proxy-protocol-trust";
import { smtpEgressThroughGateway } from "./smtp-egress-through-gateway";
import { smtpInternetExposure } from "./smtp-internet-exposure";
import { smtpSecurityGroupIngress } from "./smtp-security-group-ingress";
import { submissionAuthentication } from "./submission-authentication";

/** Every policy of the pack, most severe first. */
export const policies: readonly Policy[] = [
  openRelayPath,
  smtpInternetExposure,
  exchangeApprovedSenders,
  exchangeReceiveConnectors,
  proxyProtocolTrust,
  mtaRelayRestrictions,
  mtaTrustList,
  frontEndAttackSurface,
  smtpEgressThroughGateway,
  dmzContainment,
  clientAddressPreserved,
  smtpSecurityGroupIngress,
  submissionAuthentication,
  mtaHardening,
  exchangeConnectorHygiene,
  mailFlowLogging,
  mailVmHardening,
  mailIdentity,
];
