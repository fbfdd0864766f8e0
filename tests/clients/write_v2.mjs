// Writes the lines of standard input with InfluxDB's client for version 2: write_v2.mjs URL [BATCH]
// Batches, gzip and retries are the client's own. Prints how many lines went, and how many requests failed for good.
import { createInterface } from "node:readline";
import { InfluxDB } from "@influxdata/influxdb-client";

const [url, batch = "1000"] = process.argv.slice(2);
const failures = [];
let settled = 0; // lines that were taken, or refused for good
const options = {
  batchSize: Number(batch),
  flushInterval: 0,
  gzipThreshold: 1000,
  maxRetries: 5,
  minRetryDelay: 100,
  maxRetryDelay: 2000,
  writeFailed(error, lines, attempt) {
    if (error.statusCode === 400 || error.statusCode === 422) {
      settled += lines.length;
      failures.push({ status: error.statusCode, code: error.code, message: error.body, attempt });
      return Promise.resolve();
    }
    return undefined; // try again
  },
  writeSuccess(lines) {
    settled += lines.length;
  },
};
const write = new InfluxDB({ url, token: "token" }).getWriteApi("org", "bucket", "ms", options);
let lines = 0;
for await (const line of createInterface({ input: process.stdin })) {
  write.writeRecord(line);
  if (++lines % Number(batch) === 0) await write.flush();
}
await write.flush().catch(() => undefined);
for (let waits = 0; settled < lines && waits < 600; ++waits) await new Promise((wake) => setTimeout(wake, 50));
await write.close(); // gives up what is still to be tried again
console.log(JSON.stringify({ lines, failures }));
