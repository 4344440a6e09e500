import { gzipSync } from "node:zlib";

/** User data in the forms that people write it, all of which come to the same: 10.0.2.20 relays, and nobody else from outside. */
export interface CarrierCase {
  readonly name: string;
  readonly userData: string | Buffer;
}

const main = `compatibility_level = 3.6
myhostname = mx.example.org
mydestination =
mynetworks = 10.0.2.20
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
`;
const base64 = (data: string | Buffer) => Buffer.from(data).toString("base64");
const indent = (text: string) => text.replace(/^/gm, "      ").trimEnd();
const config = (keys: string) => `#cloud-config\n${keys}`;
const file = (keys: string) => config(`write_files:\n- path: /etc/postfix/main.cf\n  ${keys}\npackages: [postfix]\n`);
const script = (lines: string) =>
  `#!/bin/bash\nset -eu\nexport DEBIAN_FRONTEND=noninteractive\napt-get install -y postfix\n${lines}\n`;
const multipart = (...parts: [string, string, string?][]) =>
  `Content-Type: multipart/mixed; boundary="=b="\nMIME-Version: 1.0\n\n${parts
    .map(
      ([type, text, name]) =>
        `--=b=\nContent-Type: text/${type}; charset="utf-8"\n${name === undefined ? "" : `Content-Disposition: attachment; filename="${name}"\n`}\n${text}\n`,
    )
    .join("")}--=b=--\n`;

export const carriers: readonly CarrierCase[] = [
  { name: "write_files", userData: file(`content: |\n${indent(main)}`) },
  { name: "write_files, base64", userData: file(`encoding: b64\n  content: ${base64(main)}`) },
  { name: "write_files, gzip and base64", userData: file(`encoding: gz+b64\n  content: ${base64(gzipSync(main))}`) },
  { name: "write_files, binary", userData: file(`encoding: gzip\n  content: !!binary ${base64(gzipSync(main))}`) },
  { name: "compressed user data", userData: gzipSync(file(`content: |\n${indent(main)}`)) },
  {
    name: "append, in the order of the entries",
    userData: config(
      `packages: [postfix]\nwrite_files:\n- path: /etc/postfix/main.cf\n  content: |\n${indent(main.replace("10.0.2.20", "0.0.0.0/0"))}\n- path: /etc/postfix/main.cf\n  append: true\n  content: "mynetworks = 10.0.2.20\\n"\n`,
    ),
  },
  {
    name: "deferred files beat those before the packages",
    userData: config(
      `packages: [postfix]\nwrite_files:\n- path: /etc/postfix/main.cf\n  defer: true\n  content: |\n${indent(main)}\n- path: /etc/postfix/main.cf\n  content: "mynetworks = 0.0.0.0/0\\n"\n`,
    ),
  },
  {
    name: "preseeding",
    userData: config(
      "packages: [postfix]\napt:\n  debconf_selections:\n    one: postfix postfix/main_mailer_type select Internet Site\n    two: postfix postfix/mynetworks string 10.0.2.20\n",
    ),
  },
  {
    name: "runcmd, as text and as lists",
    userData: config(
      "packages: [postfix]\napt: { preserve_sources_list: true }\nruncmd:\n- [postconf, -e, 'mynetworks = 0.0.0.0/0']\n- postconf -e 'mynetworks = 10.0.2.20'\n",
    ),
  },
  { name: "a script with a here-document", userData: script(`cat > /etc/postfix/main.cf <<'EOF'\n${main}EOF`) },
  {
    name: "a script that expands variables",
    userData: script(
      `NET=10.0.2.20\ncat <<EOF | tee /etc/postfix/main.cf >/dev/null\n${main.replace("10.0.2.20", "$NET")}EOF`,
    ),
  },
  { name: "postconf", userData: script('NET="10.0.2.20"\npostconf -e "mynetworks = $NET" || true') },
  { name: "postconf -e of several", userData: script("postconf -e mynetworks=0.0.0.0/0 'mynetworks = 10.0.2.20'") },
  {
    name: "echo and printf",
    userData: script(
      "cd /etc/postfix\necho 'mynetworks = 0.0.0.0/0' >> main.cf\nprintf '%s\\n' 'mynetworks = 10.0.2.20' >> /etc/postfix/main.cf",
    ),
  },
  {
    name: "a script that is written and run",
    userData: script(
      "cat > /root/x.sh <<'E'\npostconf -e mynetworks=10.0.2.20\nE\nchmod +x /root/x.sh\n/root/x.sh\nexit 0\npostconf -e mynetworks=0.0.0.0/0",
    ),
  },
  {
    name: "parts: scripts in the order of their names, run commands among them",
    userData: multipart(
      [
        "cloud-config",
        config(
          "packages: [postfix]\napt: { preserve_sources_list: true }\nruncmd:\n- postconf -e mynetworks=0.0.0.0/0\n",
        ),
      ],
      ["x-shellscript", "#!/bin/sh\npostconf -e mynetworks=10.0.2.20\n", "z.sh"],
      ["x-shellscript", "#!/bin/sh\npostconf -e mynetworks=203.0.113.9\n", "a.sh"],
    ),
  },
];
