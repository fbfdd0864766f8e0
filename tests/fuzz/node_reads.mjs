// What node's HTTP parser makes of the bytes of files, each as all that a connection brings. For each file named in the
// arguments a line of JSON: the requests that were read to their end, with their method and body (in hexadecimal digits),
// and why no more were read: null at the end of the bytes, else the parser's word. That one is the parser which
// http.createServer uses, called directly: a server drops what it has read when an error follows in the same bytes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";

const { HTTPParser } = createRequire(import.meta.url)("node:_http_common");

const METHODS = ["DELETE", "GET", "HEAD", "POST", "PUT"];  // by the parser's numbers; doors know no others

function decoded(coding, body) {
  if (coding?.toLowerCase() !== "gzip") return body;
  try {
    return gunzipSync(body);
  } catch {
    return Buffer.alloc(0);
  }
}

function read(bytes) {
  const requests = [];
  let stopped = null;
  let request;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  parser[HTTPParser.kOnMessageBegin] = () => {
    request = { fields: [], pieces: [] };
  };
  parser[HTTPParser.kOnHeaders] = (fields) => request.fields.push(...fields);
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, fields, method) => {
    request.fields.push(...(fields ?? []));
    request.method = METHODS[method] ?? "other";
    request.values = {};
    for (let i = 0; i < request.fields.length; i += 2) {
      request.values[request.fields[i].toLowerCase()] = request.fields[i + 1];
    }
    // http.createServer's own rule (requireHostHeader).
    if (major === 1 && minor === 1 && request.values.host === undefined) stopped ??= "no Host";
  };
  parser[HTTPParser.kOnBody] = (piece) => request.pieces.push(Buffer.from(piece));
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (stopped !== null) return;
    const body = decoded(request.values["content-encoding"], Buffer.concat(request.pieces));
    requests.push({ method: request.method, body: body.toString("hex") });
  };
  const taken = parser.execute(bytes);
  if (taken instanceof Error) stopped ??= taken.code;
  else if (taken < bytes.length) stopped ??= "upgraded";
  parser.close();
  return { requests, stopped };
}

for (const file of process.argv.slice(2)) console.log(JSON.stringify(read(readFileSync(file))));
