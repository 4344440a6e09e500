// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the shell itself
import fc from "fast-check";

/**
 * Scripts that configure Postfix, of everything that people write, in any combination. What they ask of the machine is true or false
 * there, and the evaluator cannot know.
 */
const pick = (...values: readonly string[]) => fc.constantFrom(...values);

const network = pick(
  "10.0.2.20",
  "10.0.0.0/8",
  "0.0.0.0/0",
  "203.0.113.0/24",
  "127.0.0.0/8 [::1]/128",
  "$NET",
  "${NET:-10.9.9.9}",
  "${NET%.*}.0/24",
);
const plain = pick("10.0.2.20", "10.0.0.0/8", "0.0.0.0/0", "203.0.113.9", "static:all", "", "a  b");
const name = pick("mynetworks", "relayhost", "smtpd_banner", "x_office", "mynetworks", "x_office");
const main = pick(
  "/etc/postfix/main.cf",
  '"$DIR/main.cf"',
  "${DIR}/main.cf",
  "/etc/../etc/postfix/main.cf",
  "/etc/postfix/main.cf",
  "$MAIN",
);
const staged = pick("/root/main.new", "/root/stage/main.cf", "/srv/main.cf", '"$TMP/main.cf"');
const condition = pick(
  "true",
  "false",
  "[ -e /srv/yes ]",
  "[ -e /srv/no ]",
  "test -d /srv/yes",
  "grep -q root /etc/passwd",
  "grep -q nobody-here /etc/passwd",
  "grep -q '^mynetworks' /etc/postfix/main.cf",
  "grep -qE '^(relayhost|x_office) *=' /etc/postfix/main.cf",
  "grep -qF 0.0.0.0/0 /etc/postfix/main.cf",
  '[ "$NET" = 10.0.2.20 ]',
  '[ "$NET" != 10.0.2.20 ]',
  '[ -n "$NET" ]',
  '[ -z "${UNSET:-}" ]',
  "[[ $NET == 10.* ]]",
  "[[ -n $NET && -e /srv/yes ]]",
  "[ -f /etc/postfix/main.cf ]",
  "[ -f /root/main.new ]",
  "[ 3 -gt 2 ]",
  "! false",
  "! [ -e /srv/no ]",
  "command -v postconf >/dev/null",
  '[ "$(id -u)" -eq 0 ]',
  "postfix check 2>/dev/null",
  "f",
);

const leaf = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.oneof(
      fc.tuple(name, network).map(([a, v]) => `postconf -e "${a} = ${v}"`),
      fc.tuple(name, plain, name, plain).map(([a, v, b, w]) => `postconf -e '${a}=${v}' "${b} = ${w}"`),
      fc.tuple(name, plain).map(([a, v]) => `postconf '${a} = ${v}'`),
      name.map((a) => `postconf -X ${a}`),
      name.map((a) => `postconf -# ${a}`),
      pick(
        "postconf -M submission/inet='submission inet n - y - - smtpd'",
        "postconf -Me 'smtp/inet=smtp inet n - n - 50 smtpd -o mynetworks=10.0.2.20'",
        "postconf -P smtp/inet/mynetworks=10.0.2.21",
        "postconf -P 'smtp/inet/smtpd_banner=a b c'",
        "postconf -PX smtp/inet/mynetworks",
        "postconf -F smtp/inet/chroot=n",
        "postconf -F 'smtp/inet/command=smtpd -o mynetworks=10.0.2.22'",
        "postconf -MX submission/inet",
        "postconf -n >/dev/null",
        "x=$(postconf -h mynetworks)",
        "postfix check",
        "postfix reload || true",
        "systemctl reload postfix",
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.oneof(
      fc.tuple(name, network, main).map(([a, v, f]) => `echo "${a} = ${v}" >> ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `printf '%s = %s\\n' ${a} '${v}' >> ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `echo -e '# x\\n${a} = ${v}' >>${f}`),
      fc
        .tuple(name, network, main)
        .map(([a, v, f]) =>
          `cat >> ${f} <<EOF\n# of $NET\n${a} = ${v}\n\\$x \`echo\`\nEOF`.replace("\\$x `echo`\n", ""),
        ),
      fc.tuple(name, network, main).map(([a, v, f]) => `cat <<'EOF' >> ${f}\n${a} = ${v}\n  10.5.5.5\nEOF`),
      fc.tuple(name, network, main).map(([a, v, f]) => `cat <<-EOF | tee -a ${f} >/dev/null\n\t${a} = ${v}\n\tEOF`),
      fc.tuple(name, network, main).map(([a, v, f]) => `cat >> ${f} <<< "${a} = ${v}"`),
      fc.tuple(name, network, main).map(([a, v, f]) => `{ echo "${a} = ${v}"; echo '# end'; } >> ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `printf '${a} = ${v}\\n' | cat >> ${f} 2>/dev/null`),
      fc.tuple(name, plain).map(([a, v]) => `cd /etc/postfix && echo '${a} = ${v}' >> main.cf; cd /`),
      fc
        .tuple(name, plain, main)
        .map(([a, v, f]) => `cat > ${f} <<EOF\ncompatibility_level = 3.6\n${a} = ${v}\nmydestination = \nEOF`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `echo -n '${a} = ${v}' >> ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `echo '${a} = ${v}' | sed 's/ = /=/' >> ${f}`),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.oneof(
      fc.tuple(name, plain, main).map(([a, v, f]) => `sed -i 's|^${a} *=.*|${a} = ${v}|' ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `sed -i -E 's#^(${a}) ?=.*$#\\1 = ${v}#' ${f}`),
      fc.tuple(name, main).map(([a, f]) => `sed -i '/^${a}/d' ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `sed -i -e '/^${a}/d' -e '$a ${a} = ${v === "" ? "x" : v}' ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `sed -i '1i ${a} = ${v === "" ? "x" : v}' ${f}`),
      fc.tuple(name, plain, main).map(([a, v, f]) => `sed -i "/^mydestination/c ${a} = ${v === "" ? "x" : v}" ${f}`),
      fc.tuple(name, main).map(([a, f]) => `sed -i.bak 's/${a}/# &/; s/0\\.0\\.0\\.0/10.0.0.0/g' ${f}`),
      main.map((f) => `sed -i 's/^#.*//;/^$/d' ${f}`),
      main.map((f) => `sed -i 's/[0-9]\\+$/7/I' ${f}`),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.oneof(
      fc.tuple(staged, main).map(([s, f]) => `cp ${f} ${s}`),
      fc.tuple(staged, main).map(([s, f]) => `mv ${s} ${f}`),
      fc.tuple(staged, main).map(([s, f]) => `install -m 0644 ${s} ${f}`),
      fc
        .tuple(staged, name, plain)
        .map(([s, a, v]) => `printf '%s\\n' 'compatibility_level = 3.6' '${a} = ${v}' > ${s}`),
      fc.tuple(staged, main).map(([s, f]) => `ln -sfn ${s} ${f}`),
      pick(
        "cp -a /etc/postfix /etc/postfix.new",
        "rm -rf /etc/postfix.new",
        "rm -rf /etc/postfix.new; cp -a /etc/postfix /etc/postfix.new; echo 'mynetworks = 10.7.7.7' >> /etc/postfix.new/main.cf; rm -rf /etc/postfix.old; mv /etc/postfix /etc/postfix.old; mv -T /etc/postfix.new /etc/postfix",
        "mv -T /etc/postfix.new /etc/postfix",
        "postconf -c /etc/postfix.new -e mynetworks=10.6.6.6",
        "mkdir -p /root/stage /etc/postfix/sub",
        "mkdir /root/stage",
        "cp -r /root/stage /etc/postfix",
        "cp /root/stage/* /etc/postfix/",
        "cp -t /etc/postfix /srv/main.cf",
        "rm -f /root/main.new",
        "truncate -s 0 /root/main.new",
        "touch /root/main.new",
        "mv -f /srv/main.cf /etc/postfix/",
        "cp /etc/postfix/main.cf{,.orig}",
        "mkdir -p /srv/conf; cp -a /etc/postfix/. /srv/conf/; postconf -c /srv/conf -e x_office=10.8.8.8; cp /srv/conf/main.cf /etc/postfix/main.cf",
        "TMP=$(mktemp -d)",
        "tmp=$(mktemp); sed 's/^mynetworks.*/mynetworks = 10.4.4.4/' /etc/postfix/main.cf > $tmp; cat $tmp > /etc/postfix/main.cf; rm -f \"$tmp\"",
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.oneof(
      plain.map((v) => `NET='${v}'`),
      pick(
        "NET=$(hostname)",
        "NET=$(cat /srv/net)",
        "NET=$(echo 10.3.3.3)",
        "DIR=/etc; DIR=$DIR/postfix",
        "unset UNSET",
        "set -e",
        "set +e",
        "set -u",
        "set -euo pipefail",
        "NET=${NET/10/11}",
        "NET=${NET##*.}",
        "N=$((1 + 2)); NET=10.0.0.$N",
        "A=(10.1.1.1 10.1.1.2); NET=${A[1]}",
        'A=(10.1.1.1 10.1.1.2); A+=(10.1.1.3); NET="${A[*]}"',
        "export NET",
        'local_f() { local NET=10.2.2.2; postconf -e "mynetworks = $NET $1"; }; local_f 10.2.2.3',
        "f() { postconf -e x_office=${1:-1}; return ${2:-0}; }",
        "f 10.0.0.9",
        "f 4 1 || echo 'x_office = 5' >> /etc/postfix/main.cf",
        "trap 'rm -rf /root/stage' EXIT",
        "trap 'echo \"# bye\" >> /etc/postfix/main.cf' EXIT",
        "exit 0",
        "eval 'postconf -e mynetworks=10.0.0.77'",
        "bash -c 'postconf -e \"mynetworks = $1\"' x 10.0.0.78",
        'NET=10.0.0.79 bash -c "postconf -e \\"mynetworks = $NET\\""',
        "sh -c 'postconf -e mynetworks=${NET:-10.0.0.80}'",
        "echo 'postconf -e mynetworks=10.0.0.81' | bash",
        "bash -s <<'E'\npostconf -e mynetworks=10.0.0.82\nE",
        "printf '#!/bin/sh\\npostconf -e mynetworks=10.0.0.83\\n' > /root/run.sh; chmod +x /root/run.sh; /root/run.sh",
        "env X=1 timeout 10 nohup postconf -e mynetworks=10.0.0.84 >/dev/null",
        "echo 'NET=10.0.0.85' > /root/env; . /root/env",
        "postconf -e 'mynetworks = \\\\n' # comment's",
      ),
    ),
  },
);

const block = (text: string) => text.split("\n").join("\n");

/** Statements of statements. */
const statement: fc.Arbitrary<string> = fc.letrec<{ one: string; some: string }>((tie) => ({
  some: fc.array(tie("one"), { minLength: 1, maxLength: 3 }).map((it) => block(it.join("\n"))),
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 10, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc
        .tuple(condition, tie("some"), tie("some"))
        .map(([c, a, b]) => `if ${c}; then\n${a}\nelse\n${b}\nfi`),
    },
    { weight: 2, arbitrary: fc.tuple(condition, tie("some")).map(([c, a]) => `if ${c}; then\n${a}\nfi`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(condition, condition, tie("some"), tie("some"))
        .map(([c, d, a, b]) => `if ${c}; then\n${a}\nelif ${d}\nthen ${b}\nfi`),
    },
    { weight: 1, arbitrary: fc.tuple(condition, leaf).map(([c, a]) => `${c} && { ${a}\n}`) },
    { weight: 1, arbitrary: fc.tuple(condition, leaf).map(([c, a]) => `${c} || { ${a}\n}`) },
    { weight: 1, arbitrary: fc.tuple(condition, leaf, leaf).map(([c, a, b]) => `${c} && { ${a}\n} || { ${b}\n}`) },
    { weight: 1, arbitrary: condition.map((c) => `if ! ${c}; then echo no >&2; exit 1; fi`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(name, tie("some"))
        .map(([a, s]) => `for v in 10.0.0.1 10.0.0.2; do\necho "${a} = $v" >> /etc/postfix/main.cf\n${s}\ndone`),
    },
    {
      weight: 1,
      arbitrary: name.map(
        (a) => `for v in 10.{1,2}.0.{3..4}; do NET="$v"; [ $v = 10.1.0.4 ] && break; done; postconf -e "${a} = $NET"`,
      ),
    },
    {
      weight: 1,
      arbitrary: name.map(
        (a) =>
          `while read -r k v; do\nif [ -z "$k" ]; then continue; fi\npostconf -e "$k = $v"\ndone <<EOF\n${a} 10.0.0.5\n\nx_office 10.0.0.6\nEOF`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("some"), tie("some"))
        .map(([a, b]) => `case "$NET" in\n10.0.2.*) ${a}\n;;\n0*|static:all)\n${b}\n;;\n*) : ;;\nesac`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("some"), tie("some"))
        .map(([a, b]) => `case $(cat /srv/net) in 10.*) ${a}\n;; *) ${b}\nesac`),
    },
    { weight: 1, arbitrary: tie("some").map((s) => `(\n${s}\n)`) },
    { weight: 1, arbitrary: tie("some").map((s) => `{\n${s}\n} >/root/log 2>&1`) },
    { weight: 1, arbitrary: tie("some").map((s) => `g() {\n${s}\n}\ng`) },
    { weight: 1, arbitrary: tie("some").map((s) => `i=0; while [ $i -lt 2 ]; do\ni=$((i+1))\n${s}\ndone`) },
    { weight: 1, arbitrary: tie("some").map((s) => `until [ -e /srv/yes ]; do\n${s}\nsleep 0; break; done`) },
  ),
})).one;

/** Files and functions that the statements use. */
const preamble = `f() { :; }
mkdir -p /root/stage
for s in /root/main.new /root/stage/main.cf /srv/main.cf /root/main.cf; do
  { cat /etc/postfix/main.cf; echo "x_office = $s"; } > "$s"
done
`;

/** Scripts as a whole. */
export const scripts: fc.Arbitrary<string> = fc
  .array(statement, { minLength: 1, maxLength: 5 })
  .map(
    (list) =>
      `#!/bin/bash\napt-get install -y postfix\nNET=10.0.2.20 DIR=/etc/postfix MAIN=/etc/postfix/main.cf TMP=/root\n${preamble}${list.join("\n")}\n`,
  );

/** What is there, and the evaluator does not know of. */
export const surroundings: Readonly<Record<string, string>> = { "/srv/yes/x": "", "/srv/net": "10.44.0.0/16\n" };
