// node parse.mjs < LINES: each line is an envelope in base64; prints what Sentry's own reader makes of each, as one
// line of JSON: [header, [[item header, payload], ...]]. The reader hands out payloads with a length as bytes.
import { readFileSync } from "node:fs";
import { parseEnvelope } from "@sentry/core";

const payloadOf = (payload) => (payload instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(payload)) : payload);

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [header, items] = parseEnvelope(new Uint8Array(Buffer.from(line, "base64")));
  console.log(JSON.stringify([header, items.map(([about, payload]) => [about, payloadOf(payload)])]));
}
