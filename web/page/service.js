// Asks the service, with the key if there is one. The key is in this variable and nowhere else.

const TIMEOUT_MS = 10_000;

let key = null;
let ahead = 0; // how far the service's clock is ahead of this device's, in ms

export const hasKey = () => key !== null;
export const useKey = (text) => { key = text; };
export const forgetKey = () => { key = null; };

// Why there is no answer. `kind`: "gone", "key" (another or a first one is needed) or "other"; `message` says it to
// people.
export class Trouble extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

function refusal(status, problem) {
  const detail = problem.detail ?? problem.title ?? `status ${status}`;
  if (status === 401) {
    return new Trouble("key", key === null ? "This service asks for a key."
      : problem.code === "credential_expired" ? "This key has expired."
      : "This key was refused: it is not one of this service, or it was revoked.");
  }
  if (status === 403 && problem.code === "forbidden") {
    return new Trouble("key", "This key may not read: a key of a reader or an admin is needed.");
  }
  if (problem.code === "recovering") {
    return new Trouble("other",
      "The service is starting: it reads back what it has stored. This page goes on by itself.");
  }
  if (problem.code === "overloaded") {
    return new Trouble("other", "The service is busy. This page asks again by itself.");
  }
  if (status === 502 || status === 504) {
    return new Trouble("gone", "The proxy in front of the service does not reach it. This page asks again by itself.");
  }
  return new Trouble("other", `The service could not answer: ${detail}`);
}

// The time by the service's own clock in ms, to the second, once it has answered.
export const serviceNow = () => Date.now() + ahead;

// The answer to a question. `parameters` that are null or empty are left out. Throws a Trouble; an AbortError when
// `signal` ended it.
export async function ask(path, parameters, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== "") query.set(name, value);
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const ended = new AbortController();
  for (const one of [signal, timeout]) one?.addEventListener("abort", () => ended.abort(), { once: true });
  if (signal?.aborted) ended.abort();
  try {
    const response = await fetch(`${path}?${query}`, {
      headers: key === null ? {} : { Authorization: `Bearer ${key}` },
      cache: "no-store",
      redirect: "error",
      signal: ended.signal,
    });
    const body = await response.json().catch((error) => {
      if (response.ok) throw error;
      return {};
    });
    if (!response.ok) throw refusal(response.status, body);
    const said = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(said)) ahead = said - Date.now();
    return body;
  } catch (error) {
    if (error instanceof Trouble) throw error;
    if (signal?.aborted) throw new DOMException("", "AbortError");
    throw new Trouble("gone", "The service does not answer. This page asks again by itself.");
  }
}
