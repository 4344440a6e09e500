import type { MachineFile } from "./files";

/**
 * What a script needs of its cloud. The shell functions of {@link Cloud.functions} find what belongs to the machine by its
 * references: tags of the machine itself, read from the metadata service when they are needed. So a script holds no id of another
 * resource, is known before anything exists, and stays the same when such a resource is replaced.
 */
export interface Cloud {
  /** Debian packages that the functions use. */
  readonly packages: readonly string[];
  /**
   * Definitions of shell functions, to be sourced by bash:
   *
   * - `reference NAME` prints the value of a reference
   * - `fetch_object NAME` prints the object that a reference names
   * - `fetch_secret NAME` prints the secret that a reference names
   * - `put_metrics NAME=NUMBER…` records numbers, each a count
   * - `put_log FILE` stores lines of the journal, in its JSON form, where the reference `mail-log` says
   *
   * Each fails where the cloud refuses or does not answer.
   */
  readonly functions: string;
  /** Definition of a shell function `queue_device`, which prints the path of the queue's disk, or fails while there is none. */
  readonly queueDevice: string;
  /** Further files of the first boot: the source of time among them. */
  readonly files: readonly MachineFile[];
  /** Shell commands that end the first boot: the management agent comes last, because it runs what is sent to the machine. */
  readonly agent: string;
  /** The cloud's own resolver, and names that only it knows. */
  readonly resolver: { readonly address: string; readonly zones: readonly string[] };
  /** The DNS provider of the ACME client, and commands that set what it reads from the environment. */
  readonly acme: { readonly provider: string; readonly environment: string };
}

/** Tags of the machine that say where its things are. */
export const referenceTags = {
  /** The volume that the queue is on. */
  queueVolume: "relayproof:queue-volume",
  /** The list of recipients: an object with one address a line. */
  recipients: "relayproof:recipients",
  /** The secret with the login at the smart host: JSON with `username` and `password`. */
  smartHostSecret: "relayproof:smart-host-secret",
  /** Where the mail log goes. */
  mailLog: "relayproof:mail-log",
  /** The zone that answers ACME challenges. */
  acmeZone: "relayproof:acme-zone",
} as const;
