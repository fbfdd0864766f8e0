// Deletes with InfluxDB's client for version 2, as its documentation shows it: delete_v2.mjs URL KEY. Standard input has
// the request's body as JSON: {start, stop, predicate}. Prints {"deleted":true}, or with which status and words it failed.
import { text } from "node:stream/consumers";
import { HttpError, InfluxDB } from "@influxdata/influxdb-client";
import { DeleteAPI } from "@influxdata/influxdb-client-apis";

const [url, token] = process.argv.slice(2);
const body = JSON.parse(await text(process.stdin));
try {
  await new DeleteAPI(new InfluxDB({ url, token })).postDelete({ org: "home", bucket: "readings", body });
  console.log(JSON.stringify({ deleted: true }));
} catch (error) {
  if (!(error instanceof HttpError)) throw error;
  console.log(JSON.stringify({ deleted: false, status: error.statusCode, code: error.code, message: error.json?.message }));
}
