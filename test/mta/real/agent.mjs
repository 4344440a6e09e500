// Lives inside of a network namespace of the lab and does there what it is asked: one JSON request a line on standard input, one JSON
// answer a line on standard output. The client's agent is also the rest of the world: it answers DNS and takes mail for everybody.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

const operations = { run, write, read, remove, probe, world, killAll };

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...request } = JSON.parse(line);
  Promise.resolve()
    .then(() => operations[op](request))
    .then(
      (result) => process.stdout.write(`${JSON.stringify({ id, result })}\n`),
      (error) => process.stdout.write(`${JSON.stringify({ id, error: String(error?.stack ?? error) })}\n`),
    );
}
process.exit(0);

/** Runs a command to its end. */
function run({ argv, input = "", timeout = 120_000 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", HOME: "/root" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", reject);
    // A daemon may keep the pipes: the command's own end counts.
    child.on("exit", (status) => {
      clearTimeout(timer);
      setTimeout(() => resolve({ status, output }), 5);
    });
  });
}

/** Ends every process of the namespace but this one. */
async function killAll() {
  for (;;) {
    const others = readdirSync("/proc").filter((it) => /^\d+$/.test(it) && it !== String(process.pid));
    const alive = others.filter((it) => !/^State:\s+Z/m.test(read({ path: `/proc/${it}/status` }) ?? "State: Z"));
    if (alive.length === 0) return;
    for (const pid of alive) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function write({ files }) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    // Postfix waits until a file is a second old before it believes it.
    utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  }
}

function read({ path }) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function remove({ paths }) {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

/**
 * Tries to relay from one address with every identity, in a session per greeting, up to the end of the message. Says with which one it
 * succeeded first, or what was answered last.
 */
async function probe({ from, to, port, greetings, senders, recipients, prelude = [], tag, patience }) {
  let last = "";
  for (const greeting of greetings) {
    let session;
    try {
      session = await open(from, to, port, prelude, patience);
    } catch (error) {
      return { accepted: false, broken: true, last: String(error.message) };
    }
    try {
      if (greeting !== null) {
        last = await session.say(`EHLO ${greeting}`);
        if (!last.startsWith("250")) continue;
      }
      for (const sender of senders) {
        last = await session.say(`MAIL FROM:<${sender}>`);
        if (!last.startsWith("250")) continue;
        for (const recipient of recipients) {
          const address = recipient.replace("TAG", tag);
          last = await session.say(`RCPT TO:<${address}>`);
          if (!/^25[01]/.test(last)) continue;
          const data = await session.say("DATA");
          last = data.startsWith("354") ? await session.say("Subject: probe\r\n\r\nprobe\r\n.") : data;
          if (last.startsWith("250")) return { accepted: true, greeting, sender, recipient: address, last };
          break;
        }
        await session.say("RSET");
      }
    } catch (error) {
      last = String(error.message);
    } finally {
      session.close();
    }
  }
  return { accepted: false, last };
}

/** Opens a session and waits for its banner; `prelude` is said before (a PROXY header) or after it (XCLIENT). */
function open(from, to, port, prelude, patience) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to, port, localAddress: from });
    let buffer = "";
    let waiting = null;
    const fail = (error) => {
      waiting?.reject(error);
      waiting = null;
      socket.destroy();
    };
    socket.setTimeout(patience, () => fail(new Error("no answer")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("closed")));
    socket.on("data", (data) => {
      buffer += data.toString("latin1");
      const reply = /(?:^|\n)(\d{3}(?: [^\n]*)?)\r\n$/.exec(buffer);
      if (reply === null || waiting === null) return;
      buffer = "";
      waiting.resolve(reply[1]);
      waiting = null;
    });
    const next = () => new Promise((ok, no) => (waiting = { resolve: ok, reject: no }));
    const session = {
      say: (line) => {
        if (socket.destroyed) return Promise.reject(new Error("closed"));
        const reply = next();
        socket.write(`${line}\r\n`);
        return reply;
      },
      close: () => socket.destroy(),
    };
    const header = prelude.filter((line) => line.startsWith("PROXY "));
    next()
      .then(async (banner) => {
        if (!banner.startsWith("220")) throw new Error(banner);
        for (const line of prelude) if (!header.includes(line)) await session.say(line);
        resolve(session);
      })
      .catch((error) => {
        socket.destroy();
        reject(error);
      });
    socket.on("connect", () => {
      for (const line of header) socket.write(`${line}\r\n`);
    });
  });
}

/** The rest of the world: DNS for everybody's names, and a mail server that takes everything. */
function world({ address, names }) {
  const received = new Set();
  operations.received = ({ recipient, timeout = 5_000 }) =>
    new Promise((resolve) => {
      const start = Date.now();
      const look = () => {
        if (received.has(recipient)) resolve(true);
        else if (Date.now() - start > timeout) resolve(false);
        else setTimeout(look, 20);
      };
      look();
    });
  for (const port of [25, 587, 2525]) {
    createServer((socket) => {
      let data = false;
      let buffer = "";
      socket.on("error", () => {});
      socket.write("220 sink ESMTP\r\n");
      socket.on("data", (chunk) => {
        buffer += chunk.toString("latin1");
        for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
          const line = buffer.slice(0, end);
          buffer = buffer.slice(end + 2);
          if (data) {
            if (line !== ".") continue;
            data = false;
          } else if (/^data$/i.test(line)) {
            data = true;
            socket.write("354 go on\r\n");
            continue;
          } else if (/^quit$/i.test(line)) {
            socket.end("221 bye\r\n");
            continue;
          }
          const recipient = /^rcpt to:<([^>]*)>/i.exec(line)?.[1];
          if (recipient !== undefined) received.add(recipient);
          socket.write("250 ok\r\n");
        }
      });
    }).listen(port, "::");
  }
  return new Promise((resolve) => {
    const server = createSocket("udp4");
    server.on("message", (query, peer) => {
      const reply = answer(query, address, names);
      if (reply !== null) server.send(reply, peer.port, peer.address);
    });
    server.bind(53, address, () => resolve(null));
  });
}

/** Every name has an address and a mail server, but those below `invalid`; only the addresses in `names` have a name. */
function answer(query, address, names) {
  const labels = [];
  let at = 12;
  while (query[at] > 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]).toLowerCase());
    at += query[at] + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join(".");
  const pointer = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  const own = pointer === null ? undefined : names[pointer.slice(1).reverse().join(".")];
  const forward = Object.entries(names).find(([, it]) => it === name)?.[0];
  const missing = name.endsWith(".arpa") ? own === undefined : /(?:^|\.)(?:invalid|arpa)$/.test(name);
  let data = null;
  if (!missing) {
    if (type === 1 && pointer === null) data = Buffer.from((forward ?? address).split(".").map(Number));
    else if (type === 12 && own !== undefined) data = encode(own);
    else if (type === 15) data = Buffer.concat([Buffer.from([0, 10]), encode("mx.sink.test")]);
  }
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8580 | (missing ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data === null ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  if (data === null) return Buffer.concat([header, question]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question, record, data]);
}

function encode(name) {
  const parts = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}
