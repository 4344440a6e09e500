// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the shell itself
import { describe, expect, test } from "vitest";
import { known, readable, verdict, why } from "./support";

describe("shell scripts", () => {
  const script = (text: string) =>
    `#!/bin/bash\nset -eux\napt-get install -y postfix\n${text}\nsystemctl restart postfix\n`;
  const lines =
    "compatibility_level = 3.6\nmydestination =\nmynetworks = 10.0.0.0/8\nsmtpd_relay_restrictions = permit_mynetworks, reject";
  test.each([
    `cat > /etc/postfix/main.cf <<'EOF'\n${lines}\nEOF`,
    `cat <<EOF >/etc/postfix/main.cf\n${lines}\nEOF`,
    `cat <<-EOF | sudo tee /etc/postfix/main.cf >/dev/null\n\t${lines.replaceAll("\n", "\n\t")}\n\tEOF`,
    `NET=10.0.0.0/8\npostconf -e "mynetworks = \${NET}"`,
    `NET=10.0.0.0/8\ncat > /etc/postfix/main.cf <<EOF\n${lines.replace("10.0.0.0/8", "$NET")}\nEOF`,
    `echo 'mynetworks = 10.0.0.0/8' >> /etc/postfix/main.cf`,
    `printf '%s\\n' 'mynetworks = 10.0.0.0/8' >> /etc/postfix/main.cf`,
    `cd /etc/postfix && echo "mynetworks = 10.0.0.0/8" >> main.cf`,
    `postconf -e mynetworks=0.0.0.0/0 'mynetworks = 10.0.0.0/8'`,
    `postconf 'mynetworks = 10.0.0.0/8'`,
    `sudo postconf -e mynetworks=10.0.0.0/8 || true`,
    `bash -c 'postconf -e mynetworks=10.0.0.0/8'`,
    `cat > /root/main.cf <<'EOF'\n${lines}\nEOF\ncp /root/main.cf /etc/postfix/main.cf`,
    `cat > /root/x.sh <<'EOF'\npostconf -e mynetworks=10.0.0.0/8\nEOF\nchmod +x /root/x.sh\n/root/x.sh`,
    `if [ ! -d /x ]; then mkdir /x; fi\nfor i in 1 2 3; do sleep 1; done\npostconf -e mynetworks=10.0.0.0/8`,
    `exec > >(tee /var/log/user-data.log | logger -t user-data) 2>&1\npostconf -e mynetworks=10.0.0.0/8`,
    `retry() {\n  sleep 1\n}\nretry\npostconf -e mynetworks=10.0.0.0/8`,
    `postconf -e mynetworks=10.0.0.0/8\nexit 0\npostconf -e mynetworks=0.0.0.0/0`,
  ])("%s", (text) => {
    expect(why(script(text))).toBe("known");
    expect(verdict(script(text))).toBe("25: 10.0.0.0/8");
  });

  const closed = "25: 127.0.0.0/8 ::1/128 ::ffff:7f00:0/104";
  test.each([
    [`! true && postconf -e mynetworks=0.0.0.0/0`, closed],
    [`true || postconf -e mynetworks=0.0.0.0/0`, closed],
    [`false ||\n postconf -e mynetworks=0.0.0.0/0`, "25: 0.0.0.0/0"],
    [`(postconf -e mynetworks=0.0.0.0/0)`, "25: 0.0.0.0/0"],
    [`x=$(postconf -e mynetworks=0.0.0.0/0)`, "25: 0.0.0.0/0"],
    [`echo -e 'mynetworks = 0.0.0.0/0' >> /etc/postfix/main.cf`, "25: 0.0.0.0/0"],
    [`[ -f /x ] && postconf -e mynetworks=0.0.0.0/0`, "25: 127.0.0.0/8 …"],
    [`postconf -M submission/inet='submission inet n - y - - smtpd'`, `${closed}; ${closed.replace("25", "587")}`],
  ])("%s comes to %s", (text, expected) => {
    expect(verdict(script(text))).toBe(expected);
  });

  test.each([
    `cat > /etc/postfix/main.cf <<EOF\nmynetworks = $mydomain\nEOF`,
    `cat > /etc/postfix/main.cf <<EOF\nmynetworks = $(hostname -i)\nEOF`,
    `postconf -e mynetworks=0.0.0.0/0 &`,
    `postconf -P submission/inet/mynetworks=0.0.0.0/0`,
    `ln -sf /root/main.cf /etc/postfix/main.cf`,
    `cd /etc/postfix; sed -i 'y/a/b/' main.cf`,
    `cd /etc; cp -r /root/postfix .`,
    `tar xf /root/x.tar -C /`,
    `python3 - <<'EOF'\nopen('/etc/postfix/main.cf')\nEOF`,
    `eval "$X"`,
    `find /root -name x -exec cp {} /etc/postfix/main.cf ;`,
    `mv /etc/postfix/main.cf /root`,
    `rm -rf /etc/postfix`,
    `mount --bind /root/x /etc/postfix`,
    `git -C /etc/postfix pull`,
    `curl -o /etc/postfix/main.cf https://example.com/main.cf`,
    `cat /root/unknown > /etc/postfix/main.cf`,
    `echo x > /etc/postfix/master.cf > /dev/null; cat x >> /etc/postfix/master.cf`,
  ])("undetermined: %s", (text) => {
    expect(verdict(script(text))).toBe("undetermined");
  });
});

describe("scripts that bring a configuration into place", () => {
  const install = "#!/bin/bash\nset -euo pipefail\napt-get install -y postfix\n";
  const main = (networks: string) =>
    `compatibility_level = 3.6\nmydestination =\nmynetworks = ${networks}\nsmtpd_relay_restrictions = permit_mynetworks, reject\n`;
  const here = (path: string, networks: string) => `cat > ${path} <<'EOF'\n${main(networks)}EOF\n`;
  const open = here("/etc/postfix/main.cf", "0.0.0.0/0");
  const fresh = `rm -rf /etc/postfix.new\ncp -a /etc/postfix /etc/postfix.new\n${here("/etc/postfix.new/main.cf", "10.0.0.0/8")}`;
  test.each([
    ["a folder that changes places with another", `${fresh}mv -T --exchange /etc/postfix.new /etc/postfix\n`],
    [
      "a folder that takes the place of another",
      `${fresh}mv /etc/postfix /etc/postfix.old\nmv -T /etc/postfix.new /etc/postfix\n`,
    ],
    [
      "a link that is set anew",
      `mv /etc/postfix /srv/a\ncp -a /srv/a /srv/b\n${here("/srv/b/main.cf", "10.0.0.0/8")}ln -sfn /srv/a /etc/postfix\nln -sfn /srv/b /etc/postfix\n`,
    ],
    [
      "a check, and an end if it fails",
      `${fresh}if ! postfix -c /etc/postfix.new check; then rm -rf /etc/postfix.new; exit 1; fi\nmv -T --exchange /etc/postfix.new /etc/postfix\n`,
    ],
    [
      "a variable for the folder",
      `D=$(mktemp -d)\n${here('"$D/main.cf"', "10.0.0.0/8")}install -m 644 "$D/main.cf" /etc/postfix/\n`,
    ],
    [
      "a function",
      `put() {\n  local file=$1\n  cat > "$file"\n}\nput /etc/postfix/main.cf <<'EOF'\n${main("10.0.0.0/8")}EOF\n`,
    ],
    [
      "lines that are read",
      'while read -r k v; do\n  [ -n "$k" ] || continue\n  postconf -e "$k = $v"\ndone <<\'EOF\'\nmynetworks 10.0.0.0/8\n\nsmtpd_banner x\nEOF\n',
    ],
    ["a list", 'nets=(10.0.0.0/9 10.128.0.0/9)\npostconf -e "mynetworks = ${nets[*]}"\n'],
    [
      "a case",
      'NET=10.0.0.0/8\ncase "$NET" in\n  10.*) postconf -e "mynetworks = $NET" ;;\n  *) postconf -e mynetworks=static:all ;;\nesac\n',
    ],
    ["an edit of a line", "sed -i -E 's|^(mynetworks) *=.*|\\1 = 10.0.0.0/8|' /etc/postfix/main.cf\n"],
    ["a parameter of a service", "postconf -P 'smtp/inet/mynetworks=10.0.0.0/8'\n"],
    [
      "a question whose answers come to the same",
      "if grep -q x /etc/os-release; then N=10.0.0.0/8; else N=10.0.0.0/8; fi\npostconf -e mynetworks=$N\n",
    ],
  ])("%s", (_, text) => {
    const script = `${install}${open}${text}`;
    expect(why(script)).toBe("known");
    expect(verdict(script)).toBe("25: 10.0.0.0/8");
  });

  test.each([
    [
      "a folder does not replace one that holds something",
      `${fresh}mv -T /etc/postfix.new /etc/postfix || true\n`,
      "25: 0.0.0.0/0",
    ],
    [
      "nothing is written into a folder that is gone",
      `rm -rf /srv/x\n${here("/srv/x/main.cf", "10.0.0.0/8")}`,
      "25: 0.0.0.0/0",
    ],
    [
      "both answers",
      "if [ -e /srv/x ]; then postconf -e mynetworks=10.0.0.0/8; else postconf -e mynetworks=10.0.0.0/9; fi\n",
      "25: 10.0.0.0/9 …",
    ],
    [
      "what is done when something fails",
      "systemctl restart postfix || postconf -e mynetworks=10.0.0.0/8\n",
      "25: 10.0.0.0/8 …",
    ],
    ["a loop that may not run", "for f in /srv/*; do postconf -e mynetworks=10.0.0.0/8; done\n", "25: 10.0.0.0/8 …"],
  ])("%s", (_, text, expected) => {
    expect(verdict(`${install.replace("set -euo pipefail\n", "")}${open}${text}`)).toBe(expected);
  });

  test("each line has its place in the script", () => {
    const [answer] = known(readable(`${install}${open}`)).answers;
    expect(answer?.trace.map((it) => it.at?.path)).toContain("userData:7");
  });
});
