/** A mail server of which nothing but its presence is known. */
export const UNNAMED = "a mail server";

/** What in a text says that it has to do with a mail server, by the name of the server. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/\bpostfix\b|\bpostconf\b|\bmain\.cf\b|\bmaster\.cf\b|\bpostmap\b|\bpostscreen\b/i, "Postfix"],
  [/\bexim4?\b|exim4|\bdc_relay_nets\b/i, "Exim"],
  // /usr/sbin/sendmail is how any program hands in mail.
  [/(?<!\/s?bin\/|\/lib\/)\bsendmail(?:\.mc|\.cf|-cf)?\b/i, "Sendmail"],
  [/\bopensmtpd\b|\bsmtpd\.conf\b/i, "OpenSMTPD"],
  [/\bharaka\b/i, "Haraka"],
  [/\bhmailserver\b/i, "hMailServer"],
  [
    /ReceiveConnector|SendConnector|\bAcceptedDomain\b|Microsoft\.Exchange|ExchangeServer|\/mode:install|\/IAcceptExchangeServerLicenseTerms/i,
    "Exchange",
  ],
  [/\bSmtpSvc\b|\bSMTP-Server\b|Web-?SMTP/i, "the SMTP service of IIS"],
  [
    /mailcow|mailu\b|iredmail|mail-in-a-box|mailinabox|docker-mailserver|\bmodoboa\b|\bzimbra\b|\bposte\.io\b|\bstalwart\b|\bmaddy\b|\bqmail\b|\bcourier-mta\b|\bmailhog\b|\bmailpit\b|\bnullmailer\b|\bzonemta\b|\bmailman3?\b|\bjames-server\b|\bapache\/james\b|\bdovecot\b/i,
    UNNAMED,
  ],
  // A published port of a container: `-p 0.0.0.0:25:25`, `- "25:1025"`.
  [/\bsmtpd\b|(?:^|[\s"'=:-])(?:25|465|587|2525):\d{2,5}(?:\/tcp)?(?=["'\s]|$)/im, UNNAMED],
];

/** Names of mail servers that a text shows signs of; Postfix first. */
export function mailServers(text: string): string[] {
  return [...new Set(signs.filter(([sign]) => sign.test(text)).map(([, name]) => name))];
}

/** Packages that bring another MTA than Postfix, or replace it. */
const otherMtas =
  /^(?:exim4?(?:-daemon-\w+|-base|-config)?|sendmail(?:-bin|-cf|-base)?|opensmtpd|courier-mta|qmail|nullmailer|haraka|citadel-server|masqmail|ssmtp|msmtp-mta|esmtp-run|dma|iredmail|mailcow|zimbra)$/;

export function isOtherMta(packageName: string): boolean {
  return otherMtas.test(packageName.replace(/[=/:].*$/, "").toLowerCase());
}

export function isPostfixPackage(packageName: string): boolean {
  return packageName.replace(/[=/:].*$/, "") === "postfix";
}

/** Text that may change the configuration of Postfix. */
export function concernsPostfix(text: string): boolean {
  return /postfix|postconf|main\.cf|master\.cf|postmap|postmulti|MAIL_CONFIG/i.test(text);
}
