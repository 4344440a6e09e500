import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrap } from "../../../components/render";
import { Host } from "../../mta/real/host";
import { filesOfUserData } from "../support";
import { labCloud } from "./machine";

/**
 * The disk of the queue, as the unit prepares it and as the mount unit mounts it: with real disks, which are files here. There is no
 * systemd to order them; `systemd-analyze verify` judges that.
 */
describe("the disk of the queue", () => {
  const place = mkdtempSync(join(tmpdir(), "relayproof-disk-"));
  const loops: string[] = [];
  let host: Host;
  const files = filesOfUserData(
    bootstrap({
      hostname: "mx.example.org",
      cloud: { ...labCloud, queueDevice: "queue_device() {\n  [ -e /cloud/disk ] && cat /cloud/disk\n}\n" },
    }),
  );

  beforeAll(async () => {
    host = await Host.boot("trixie", "front-end");
    const script = files.get("/usr/local/lib/relayproof/queue-disk") ?? "";
    await host.write({ "/usr/local/lib/relayproof/queue-disk": script });
    const { status, output } = await host.sh(
      "mount -t sysfs sysfs /sys && apt-get install -y -q --no-install-recommends systemd e2fsprogs 2>&1",
    );
    expect(status, output).toBe(0);
  });
  afterAll(async () => {
    await host?.sh("umount /var/spool/postfix");
    host?.close();
    for (const loop of loops) execFileSync("losetup", ["--detach", loop]);
    rmSync(place, { recursive: true });
  });

  /** Attaches a blank disk, and makes it known to the machine. */
  async function attach(name: string): Promise<string> {
    const file = join(place, name);
    writeFileSync(file, "");
    truncateSync(file, 64 * 1024 * 1024);
    const loop = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
    loops.push(loop);
    await host.sh(`[ -e ${loop} ] || mknod ${loop} b 7 ${loop.replace(/\D/g, "")}`);
    return loop;
  }
  const prepare = () => host.sh("bash /usr/local/lib/relayproof/queue-disk 2>&1");
  const unit = files.get("/etc/systemd/system/var-spool-postfix.mount") ?? "";
  const option = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";
  const mount = () =>
    host.sh(
      `mkdir -p ${option("Where")} && mount -t ${option("Type")} -o ${option("Options")} ${option("What")} ${option("Where")} 2>&1`,
    );

  test("gets a file system while it is blank, is awaited, and is mounted", async () => {
    const loop = await attach("queue");
    const waiting = prepare();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await host.write({ "/cloud/disk": `${loop}\n` });
    const { status, output } = await waiting;
    expect(status, output).toBe(0);
    expect(await mount()).toMatchObject({ status: 0 });
    await host.write({ "/var/spool/postfix/deferred/A/mail": "accepted with 250\n" });
    expect((await host.sh("umount /var/spool/postfix")).status).toBe(0);
  });

  test("keeps its mail when the machine is another one, or starts again", async () => {
    await host.remove("/run/relayproof");
    for (let boot = 0; boot < 2; boot++) {
      const { status, output } = await prepare();
      expect(status, output).toBe(0);
      expect(await mount()).toMatchObject({ status: 0 });
      expect(await host.read("/var/spool/postfix/deferred/A/mail")).toBe("accepted with 250\n");
      expect((await host.sh("umount /var/spool/postfix")).status).toBe(0);
    }
  });

  test("is not touched when it is something else", async () => {
    const loop = await attach("swap");
    await host.write({ "/cloud/disk": `${loop}\n` });
    const before = await host.sh(`mkswap ${loop} >/dev/null 2>&1 && sha256sum ${loop}`);
    const { status, output } = await prepare();
    expect(status, output).not.toBe(0);
    expect(await host.sh(`sha256sum ${loop}`)).toEqual(before);
  });
});
