import { describe, expect, test } from "vitest";
import { verdict, why } from "./support";

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
