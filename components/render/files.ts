/** Pieces of shell scripts and of cloud-config: files, units, timers. */

/** Where the helpers of the gateway are. */
export const library = "/usr/local/lib/relayproof";

/** A file of the machine. */
export interface MachineFile {
  readonly path: string;
  readonly content: string;
  /** @default false */
  readonly executable?: boolean;
}

/** The word that ends here-documents; no line of a file is this word. */
const end = "RELAYPROOF";

/** Commands that write a file as it is: the here-document is quoted, so the shell expands nothing in it. */
export function writeFile({ path, content, executable }: MachineFile): string {
  const text = content.endsWith("\n") ? content : `${content}\n`;
  if (text.split("\n").includes(end))
    throw new Error(`${path}: a line is ${end}: expected none that ends the file early`);
  return `cat >${path} <<'${end}'\n${text}${end}\n${executable === true ? `chmod 0755 ${path}\n` : ""}`;
}

/** An entry of `write_files`. */
export function cloudConfigFile({ path, content, executable }: MachineFile): string {
  const lines = content.replace(/\n$/, "").split("\n");
  return `  - path: ${path}
    permissions: "${executable === true ? "0755" : "0644"}"
    content: |
${lines.map((line) => (line === "" ? "" : `      ${line}`)).join("\n")}`;
}

/** Something that the gateway does by itself from time to time. */
export interface Job {
  /** Name of the helper, the unit and the timer. */
  readonly name: string;
  readonly description: string;
  /** The helper: a bash script. */
  readonly script: string;
  /** When it runs first after a boot, such as `1min`. */
  readonly after: string;
  /** Time between two runs, such as `5min`. */
  readonly every: string;
}

/** The files of a job: its helper, its unit and its timer. */
export function jobFiles({ name, description, script, after, every }: Job): MachineFile[] {
  return [
    { path: `${library}/${name}`, content: script, executable: true },
    {
      path: `/etc/systemd/system/relayproof-${name}.service`,
      content: `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${library}/${name}
`,
    },
    {
      path: `/etc/systemd/system/relayproof-${name}.timer`,
      content: `[Unit]
Description=${description}

[Timer]
OnBootSec=${after}
OnUnitInactiveSec=${every}
RandomizedDelaySec=30s

[Install]
WantedBy=timers.target
`,
    },
  ];
}
