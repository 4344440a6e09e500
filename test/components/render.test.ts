import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { render } from "../../components";
import { renderSettings } from "./arbitraries";

const small: render.GatewaySettings = {
  hostname: "mx1.example.com",
  domains: ["example.com"],
  exchangeServers: ["10.20.2.20"],
};

const full: render.GatewaySettings = {
  hostname: "mx2.example.org",
  domains: ["example.com", "example.org"],
  exchangeServers: ["10.20.2.20", "10.20.3.20"],
  ports: [25, 2525],
  postfix: {
    recipients: ["zoe@example.com", "adam@example.org", "Adam@example.org"],
    postmaster: "mail-team@example.org",
    dnsblSites: ["zen.spamhaus.org", "bl.example.net"],
    messageSizeLimit: 52428800,
    outboundTls: render.OutboundTls.Dane,
    tlsCertificateFile: "/etc/ssl/mail/fullchain.pem",
    tlsKeyFile: "/etc/ssl/mail/key.pem",
  },
};

describe.each([
  ["small", small],
  ["full", full],
])("%s", (name, settings) => {
  test("main.cf", () => expect(render.mainCf(settings)).toMatchFileSnapshot(`snapshots/${name}.main.cf`));
  test("master.cf", () => expect(render.masterCf(settings)).toMatchFileSnapshot(`snapshots/${name}.master.cf`));
  test("user data", () => expect(render.cloudInit(settings)).toMatchFileSnapshot(`snapshots/${name}.cloud-init.yaml`));
});

describe("user data", () => {
  test("is YAML that holds the files as they are rendered", () => {
    const config = parse(render.cloudInit(full)) as {
      write_files: { path: string; content: string }[];
      packages: string[];
    };
    expect(config.write_files.map(({ path, content }) => [path, content])).toEqual([
      ["/etc/postfix/main.cf", render.mainCf(full)],
      ["/etc/postfix/master.cf", render.masterCf(full)],
      ["/etc/postfix/relay_recipients", render.relayRecipients(full)],
    ]);
    expect(config.packages).toContain("postfix");
  });

  test("fits in what EC2 takes, or says what is too large", () => {
    const recipients = Array.from({ length: 1000 }, (_, i) => `user${i}@example.com`);
    const tooMany = { ...small, postfix: { recipients } };
    expect(() => render.cloudInit(tooMany)).toThrow(
      /^gateway settings: postfix\.recipients: 1000 addresses make \d+ bytes/,
    );
    expect(Buffer.byteLength(render.cloudInit(full))).toBeLessThan(render.userDataLimit);
  });

  test("opens no port but 25 and 443: packages come over https", () => {
    expect(render.cloudInit(full)).not.toContain("http://");
  });
});

describe("a value cannot break out of its line", () => {
  const evil = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "a.example.com\nmynetworks = 0.0.0.0/0",
      "$mynetworks",
      "a.example.com, b",
      "{x}",
      "a b.example.com",
    ),
  );

  test.each<[string, (value: string) => render.GatewaySettings]>([
    ["hostname", (hostname) => ({ ...small, hostname })],
    ["domains", (domain) => ({ ...small, domains: [domain] })],
    ["exchangeServers", (server) => ({ ...small, exchangeServers: [server] })],
    ["postfix.recipients", (recipient) => ({ ...small, postfix: { recipients: [recipient] } })],
    ["postfix.postmaster", (postmaster) => ({ ...small, postfix: { postmaster } })],
    ["postfix.dnsblSites", (site) => ({ ...small, postfix: { dnsblSites: [site] } })],
    ["postfix.tlsKeyFile", (tlsKeyFile) => ({ ...small, postfix: { tlsKeyFile } })],
  ])("%s", (name, settings) => {
    fc.assert(
      fc.property(evil, (value) => {
        let text: string;
        try {
          text = render.cloudInit(settings(value));
        } catch (error) {
          expect((error as Error).message).toMatch(new RegExp(`^gateway settings: ${name}[^\n]*$`));
          return;
        }
        expect(text.match(/^ +(mynetworks|relayhost|smtpd_relay_restrictions) /gm)).toHaveLength(3);
        expect(value).toMatch(/^[\w.@+=/-]+$/);
      }),
    );
  });

  test("valid settings always render", () => {
    fc.assert(
      fc.property(renderSettings, (settings) => {
        const main = render.mainCf(settings);
        expect(main.match(/[^\n]+ $/gm)).toBeNull();
        expect(main).not.toMatch(/permit_mynetworks|permit_sasl_authenticated|undefined/);
        for (const server of settings.exchangeServers) expect(main).toContain(`{${server}/32 permit}`);
        expect(Buffer.byteLength(render.cloudInit(settings))).toBeLessThanOrEqual(render.userDataLimit);
      }),
    );
  });
});
