// The list of rooms: what is shown, and when it is asked for again.

import { DayDialog } from "./day.js";
import { RoomTable } from "./rooms.js";
import { Trouble, ask, forgetKey, hasKey, useKey } from "./service.js";
import * as words from "./words.js";

const AGAIN_MS = 5_000;
const TYPING_MS = 250;
const ROOMS_A_PAGE = 50;

const byId = (id) => document.getElementById(id);
const table = new RoomTable(document.querySelector("#rooms tbody"));
const day = new DayDialog();

let quantity = "temperature";
let quantityChosen = false; // by whoever looks at the page
let cursors = [""]; // of this page of the list and those before it; the service gave them
let timer = null;
let asking = null;
let answered = null; // when, by this device's clock
let broken = false; // what is shown is not what the service says now

function hide(id, hidden) {
  byId(id).hidden = hidden;
}

// An alert is read out when its text changes, not every time the service does not answer.
function say(message, kind = "other") {
  const trouble = byId("trouble");
  trouble.dataset.kind = kind;
  if (trouble.textContent !== message) trouble.textContent = message;
  trouble.hidden = message === "";
}

function showQuantities(known) {
  const names = new Set(known);
  names.add(quantity);
  const sorted = [...names].sort((one, other) => (other === "temperature") - (one === "temperature") ||
    (one < other ? -1 : 1));
  const select = byId("quantity");
  if (sorted.join("\0") !== [...select.options].map((option) => option.value).join("\0")) {
    select.replaceChildren(...sorted.map((name) => Object.assign(document.createElement("option"),
      { value: name, textContent: name })));
  }
  select.value = quantity;
}

function showPages(page) {
  const before = (cursors.length - 1) * ROOMS_A_PAGE;
  hide("pages", cursors.length === 1 && page.next === null);
  byId("previous").disabled = cursors.length === 1;
  byId("next").disabled = page.next === null;
  byId("next").value = page.next ?? "";
  byId("where").textContent = page.rooms.length === 0 ? ""
    : `${words.count(before + 1)}\u2013${words.count(before + page.rooms.length)} of ${words.count(page.matching)}`;
}

function showNothing(page, search) {
  const none = page.rooms.length === 0;
  hide("nothing", !none);
  hide("rooms", none);
  hide("legend", none);
  if (!none) return;
  const first = page.quantities.length === 0 && search === "";
  byId("nothing").querySelector("p").textContent = search !== ""
    ? `No room with this quantity has \u201c${search}\u201d in its name or its building\u2019s.`
    : first ? "No reading has come yet. Send one:" : "No room has this quantity.";
  byId("nothing").querySelector("pre").hidden = !first;
  byId("nothing").querySelector("code").textContent = `curl ${new URL("v1/readings", document.baseURI)} ` +
    (hasKey() ? "-H \"Authorization: Bearer $KEY\" " : "") +
    "-d '{\"room\":\"kitchen\",\"sensor\":\"s1\",\"value\":21.5}'";
}

function showSummary(page) {
  const silent = table.count("stale") + table.count("no readings");
  const all = silent === page.rooms.length && page.next !== null;
  const many = cursors.length > 1 || silent === 0 ? "" : `, ${all ? "more than " : ""}${words.count(silent)} stale`;
  byId("summary").textContent = page.matching === 0 ? "" : words.plural(page.matching, "room") + many;
}

function show(page, search) {
  answered = Date.now();
  broken = false;
  say("");
  hide("key-form", true);
  hide("list", false);
  table.show(page.rooms);
  showQuantities(page.quantities);
  showPages(page);
  showNothing(page, search);
  showSummary(page);
}

function showTrouble(trouble) {
  broken = true;
  say(trouble.message, trouble.kind);
  if (trouble.kind !== "key") return;
  // Whoever may not see it any more does not.
  forgetKey();
  table.show([]);
  answered = null;
  byId("summary").textContent = "";
  hide("list", true);
  hide("key-form", false);
  byId("day").close();
  byId("key").focus();
}

function showFreshness() {
  hide("forget", !hasKey());
  byId("freshness").textContent = answered === null ? ""
    : broken ? `What is shown is from ${words.exactTimeOfDay(answered)}.`
    : `As of ${words.exactTimeOfDay(answered)}; asked again every ${AGAIN_MS / 1000} seconds.`;
}

function pause() {
  clearTimeout(timer);
  asking?.abort();
}

async function refresh() {
  pause();
  if (document.hidden) return;
  const signal = (asking = new AbortController()).signal;
  const search = byId("search").value.trim();
  try {
    const page = await ask("v1/rooms",
      { order: "stalest", quantity, search, limit: ROOMS_A_PAGE, cursor: cursors.at(-1) }, signal);
    const first = answered === null;
    if (page.rooms.length === 0 && cursors.length > 1) return begin(); // the rooms of this page went elsewhere
    if (page.matching === 0 && search === "" && !quantityChosen && page.quantities.length > 0 &&
        !page.quantities.includes(quantity)) {
      [quantity] = page.quantities;
      return begin();
    }
    show(page, search);
    if (first) day.follow();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Trouble)) console.error(error);
    const trouble = error instanceof Trouble ? error
      : new Trouble("other", "The answer could not be shown. Reloading the page may help.");
    showTrouble(trouble);
    showFreshness();
    if (trouble.kind === "key") return;
  }
  showFreshness();
  timer = setTimeout(refresh, AGAIN_MS);
}

// From the first page of the list on.
function begin() {
  cursors = [""];
  return refresh();
}

function useTypedKey(event) {
  event.preventDefault();
  const input = byId("key");
  const typed = input.value.trim();
  input.value = "";
  if (!/^[!-~]+$/.test(typed)) return say("A key has letters, digits and signs, and no blanks.");
  useKey(typed);
  begin();
}

let typing = null;
byId("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(begin, TYPING_MS);
});
byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
byId("quantity").addEventListener("change", (event) => {
  quantity = event.target.value;
  quantityChosen = true;
  begin();
});
byId("previous").addEventListener("click", () => {
  cursors.pop();
  refresh();
});
byId("next").addEventListener("click", (event) => {
  cursors.push(event.target.value);
  refresh();
});
byId("key-form").addEventListener("submit", useTypedKey);
byId("forget").addEventListener("click", () => {
  forgetKey();
  begin();
});
document.addEventListener("visibilitychange", () => (document.hidden ? pause() : refresh()));
setInterval(() => document.hidden || table.grow(), 1_000);

refresh();
