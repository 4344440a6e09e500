import type { Signature } from "./powershell/call";

const words = (text: string) => text.trim().split(/\s+/);

/** Settings of a connector that decide nothing about relaying or traces. */
const others = words(`
  advertiseclientsettings authtarpitinterval banner barelinefeedrejectionenabled binarymimeenabled chunkingenabled comment
  connectioninactivitytimeout connectiontimeout defaultdomain deliverystatusnotificationenabled domainsecureenabled
  eightbitmimeenabled enableauthgssapi enhancedstatuscodesenabled extendedprotectionpolicy fqdn longaddressesenabled
  maxacknowledgementdelay maxheadersize maxhopcount maxinboundconnection maxinboundconnectionpercentagepersource
  maxinboundconnectionpersource maxlocalhopcount maxlogonfailures maxmessagesize maxprotocolerrors maxrecipientspermessage
  messageratelimit messageratesource orarenabled pipeliningenabled rejectreservedsecondlevelrecipientdomains
  rejectreservedtopleveldomains rejectsinglelabelrecipientdomains requireehlodomain servicediscoveryfqdn sizeenabled
  smtputf8enabled suppressxanonymoustls tlscertificatename tlsdomaincapabilities proxyenabled rejectreservedsecondleveldomains`);

const settings = [
  ...words("authmechanism permissiongroups protocollogginglevel tarpitinterval requiretls enabled"),
  ...others,
];

/** Source: Microsoft, New-ReceiveConnector, Set-ReceiveConnector. */
export const newReceiveConnector: Signature = {
  parameters: ["name", "bindings", "remoteipranges", "server", "transportrole", "usage", ...settings],
  switches: ["custom", "internet", "internal", "client", "partner"],
  positions: ["name"],
};
export const setReceiveConnector: Signature = {
  parameters: ["identity", "name", "bindings", "remoteipranges", "transportrole", ...settings],
  switches: [],
  positions: ["identity"],
};
export const removeByIdentity: Signature = { parameters: ["identity"], switches: [], positions: ["identity"] };
export const getReceiveConnector: Signature = {
  parameters: ["identity", "server"],
  switches: [],
  positions: ["identity"],
};

/** Source: Microsoft, Add-ADPermission. */
export const adPermission: Signature = {
  parameters: [
    "identity",
    "user",
    "extendedrights",
    "accessrights",
    "childobjecttypes",
    "inheritedobjecttype",
    "inheritancetype",
    "properties",
    "owner",
    "instance",
  ],
  switches: ["deny"],
  positions: ["identity", "user"],
};

export const acceptedDomain: Signature = {
  parameters: words(
    "identity name domainname domaintype matchsubdomains makedefault addressbookenabled default outboundonly catchallrecipientid mailflowpartner emailonly liveidinstancetype authenticationtype liveidtenantname canaddgroups caneditgroups initialdomain pendingremoval enabled sendingfromdomaindisabled",
  ),
  switches: [],
  positions: ["identity"],
};
export const newAcceptedDomain: Signature = { ...acceptedDomain, positions: ["name"] };

export const sendConnector: Signature = {
  parameters: words(`identity name addressspaces authenticationcredential cloudservicesmailenabled comment
    connectioninactivitytimeout connectedtodomainonly connectordomain dnsroutingenabled domainsecureenabled enabled
    errorpolicies forcehelo fqdn frontendproxyenabled ignorestarttls isscopedconnector linkedreceiveconnector maxmessagesize
    port protocollogginglevel requireoorg requiretls smarthostauthmechanism smarthosts smtpmaxmessagesperconnection
    sourceipaddress sourcetransportservers tlsauthlevel tlscertificatename tlsdomain useexternaldnsserversenabled usage`),
  switches: words("custom internet internal partner"),
  positions: ["identity"],
};
export const newSendConnector: Signature = { ...sendConnector, positions: ["name"] };
