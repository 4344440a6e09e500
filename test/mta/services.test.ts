import { describe, expect, test } from "vitest";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { answer, everybody, relays } from "./support";

const base = "compatibility_level = 3.6\nmyhostname = mx1.example.com\nmydestination =\nrelay_domains = example.com\n";
const debian = "smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination\n";
const may = (clients: string[], must: string[] = []) => ({ must, may: clients });

describe("services", () => {
  const main = `${base}${debian}mynetworks = 127.0.0.0/8\n`;
  test("-o wins, in every spelling", () => {
    for (const option of [
      "-o mynetworks=0.0.0.0/0",
      "-omynetworks=0.0.0.0/0",
      "-o { mynetworks = 0.0.0.0/0 }",
      "\n  # a comment\n  -o mynetworks=0.0.0.0/0",
    ])
      expect(relays(main, `smtp inet n - y - - smtpd ${option}\n`)).toEqual(["0.0.0.0/0"]);
  });

  test("Debian's submission stanza is closed", () => {
    const master =
      "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_relay_restrictions=\n  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\nsmtp inet n - y - - smtpd\n";
    expect(relays(main, master)).toEqual(["127.0.0.0/8"]);
  });

  test("postscreen hands over to the pass service, with its options", () => {
    expect(
      relays(main, "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd -o mynetworks=10.0.0.0/8\n"),
    ).toEqual(["10.0.0.0/8"]);
    expect(relays(main, "smtp inet n - y - 1 postscreen\n")).toEqual(may(everybody));
  });

  test("PROXY headers and XCLIENT let the peer choose the address", () => {
    const proxied = answer(
      main,
      "smtp inet n - y - 1 postscreen -o postscreen_upstream_proxy_protocol=haproxy\nsmtpd pass - - y - - smtpd\n",
    );
    expect(toCidrs(proxied.claims?.must ?? { v4: [], v6: [] })).toEqual(everybody);
    const xclient = answer(`${main}smtpd_authorized_xclient_hosts = 10.0.3.0/24\n`);
    expect(toCidrs(xclient.claims?.must ?? { v4: [], v6: [] })).toEqual(["10.0.3.0/24"]);
    expect(answer(main).claims).toBeUndefined();
  });

  test("loopback", () => {
    expect(answer(`${main}inet_interfaces = loopback-only\n`).loopbackOnly).toBe(true);
    expect(answer(`${main}inet_interfaces = localhost, 10.0.0.1\n`).loopbackOnly).toBe(false);
    expect(answer(`${main}inet_interfaces = localhost\n`, "0.0.0.0:25 inet n - y - - smtpd\n").loopbackOnly).toBe(
      false,
    );
    expect(answer(main, "127.0.0.1:25 inet n - y - - smtpd\n").loopbackOnly).toBe(true);
  });

  test("a service that is not known may do anything", () => {
    expect(relays(main, "smtp inet n - y - - spawn user=x argv=/bin/x\n")).toEqual(may(everybody));
    expect(relays(main, "smtp inet n - y - - smtpd -c /etc/other\n")).toEqual(may(everybody));
  });
});
