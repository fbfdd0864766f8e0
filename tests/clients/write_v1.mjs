// Writes points with `influx`, the client for version 1: write_v1.mjs HOST PORT. A line of standard input is a point:
// {"measurement", "tags", "fields", "timestamp" in ms}. Creates the database first, as its users do.
import { createInterface } from "node:readline";
import Influx from "influx";

const [host, port] = process.argv.slice(2);
const influx = new Influx.InfluxDB({ host, port: Number(port), database: "readings" });
const before = await influx.getDatabaseNames();
if (!before.includes("readings")) await influx.createDatabase("readings");
const after = await influx.getDatabaseNames();
const pings = await influx.ping(5000);

let points = [];
let written = 0;
async function send() {
  if (points.length === 0) return;
  await influx.writePoints(points, { precision: "ms" });
  written += points.length;
  points = [];
}
for await (const line of createInterface({ input: process.stdin })) {
  points.push(JSON.parse(line));
  if (points.length === 5000) await send();
}
await send();
console.log(JSON.stringify({ written, databases: after, online: pings[0].online, version: pings[0].version }));
