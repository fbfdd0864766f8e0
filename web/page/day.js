// The last day of a room: a dialog with a chart, which has an address of its own behind the #.

import { Chart } from "./chart.js";
import { Trouble, ask, serviceNow } from "./service.js";
import * as words from "./words.js";

const STEP_MS = 15 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const AGAIN_MS = 60_000;
const PAGES_MAX = 100;

const byId = (id) => document.getElementById(id);

function asked() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const room = parameters.get("room");
  if (!room) return null;
  return { room, building: parameters.get("building"), quantity: parameters.get("quantity") };
}

// Buckets without readings are gaps: null.
async function lastDay(room, signal) {
  const to = (Math.floor(serviceNow() / STEP_MS) + 1) * STEP_MS;
  const from = to - DAY_MS;
  const buckets = Array.from({ length: DAY_MS / STEP_MS }, (_, i) => (
    { start: from + i * STEP_MS, end: from + (i + 1) * STEP_MS, count: 0, min: null, mean: null, max: null }));
  let cursor = null;
  let unit = null;
  for (let page = 0; page < PAGES_MAX; ++page) {
    const body = await ask("v1/history",
      { ...room, from, to, step: "15m", aggregates: "mean,min,max", cursor }, signal);
    unit = body.unit;
    for (const { start, count, min, mean, max } of body.buckets) {
      const bucket = buckets[Math.round((Date.parse(start) - from) / STEP_MS)];
      if (bucket) Object.assign(bucket, { count, min, mean, max });
    }
    cursor = body.next;
    if (cursor === null) break;
  }
  return { from, to, unit, buckets };
}

function figuresOf(day) {
  const some = day.buckets.filter((bucket) => bucket.count > 0);
  const readings = some.reduce((sum, bucket) => sum + bucket.count, 0);
  const mean = some.reduce((sum, bucket) => sum + bucket.mean * bucket.count, 0) / readings;
  const missing = (day.buckets.length - some.length) * STEP_MS / 60_000;
  return {
    readings,
    rows: readings === 0 ? [] : [
      ["Minimum", words.value(Math.min(...some.map((bucket) => bucket.min)), day.unit)],
      ["Mean", words.value(mean, day.unit)],
      ["Maximum", words.value(Math.max(...some.map((bucket) => bucket.max)), day.unit)],
      ["Readings", words.count(readings)],
      ["Without readings", missing === 0 ? "never" : words.duration(missing)],
    ],
  };
}

function nodes(tag, texts) {
  return texts.map((text) => Object.assign(document.createElement(tag), { textContent: text }));
}

export class DayDialog {
  constructor() {
    this.dialog = byId("day");
    this.chart = new Chart(byId("chart"), (bucket) => this.tell(bucket));
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    addEventListener("hashchange", () => this.follow());
    document.addEventListener("visibilitychange", () => this.room && (document.hidden ? this.pause() : this.refresh()));
  }

  // Shows what the address asks for, if it does.
  follow() {
    const room = asked();
    if (!room) return this.dialog.open ? this.dialog.close() : undefined;
    this.room = room;
    this.chart.clear();
    byId("day-room").replaceChildren(...nodes("bdi", [room.room]));
    const where = room.building === null ? [] : [...nodes("bdi", [room.building]), ", "];
    byId("day-what").replaceChildren(...where, `${room.quantity ?? "temperature"}, the last 24 hours`);
    byId("day-figures").replaceChildren();
    byId("day-rows").replaceChildren();
    byId("day-reading").textContent = "Loading\u2026";
    if (!this.dialog.open) this.dialog.showModal();
    this.refresh();
  }

  async refresh() {
    this.pause();
    const signal = (this.asking = new AbortController()).signal;
    try {
      this.show(await lastDay(this.room, signal));
    } catch (error) {
      if (signal.aborted) return;
      byId("day-reading").textContent = error instanceof Trouble ? error.message : "The chart could not be drawn.";
      if (!(error instanceof Trouble)) console.error(error);
    }
    if (!signal.aborted) this.timer = setTimeout(() => this.refresh(), AGAIN_MS);
  }

  show(day) {
    this.day = day;
    const { readings, rows } = figuresOf(day);
    byId("day-figures").replaceChildren(...rows.map(([name, text]) => {
      const pair = document.createElement("div");
      pair.append(...nodes("dt", [name]), ...nodes("dd", [text]));
      return pair;
    }));
    byId("day-rows").replaceChildren(...day.buckets.filter((bucket) => bucket.count > 0).map((bucket) => {
      const row = document.createElement("tr");
      row.append(...nodes("td", [words.timeOfDay(bucket.start), words.value(bucket.min, day.unit),
        words.value(bucket.mean, day.unit), words.value(bucket.max, day.unit), words.count(bucket.count)]));
      return row;
    }));
    const chart = byId("chart");
    chart.hidden = readings === 0;
    const said = rows.map((row) => row.join(" ")).join(", ");
    chart.setAttribute("aria-label", readings === 0 ? "No readings"
      : `Chart. ${said}. The left and right arrow keys go through it.`);
    if (readings > 0) this.chart.draw(day);
    this.tell(null);
  }

  // What stands under the chart.
  tell(number) {
    if (!this.day) return;
    const text = byId("day-reading");
    const bucket = number === null ? null : this.day.buckets[number];
    if (!bucket) {
      text.textContent = this.day.buckets.some((each) => each.count > 0)
        ? "Mean, and from minimum to maximum, of every 15 minutes. Times are those of this device."
        : "There are no readings of the last 24 hours.";
      return;
    }
    const unit = this.day.unit;
    const when = `${words.timeOfDay(bucket.start)}\u2013${words.timeOfDay(bucket.end)}`;
    text.textContent = bucket.count === 0 ? `${when}: no readings`
      : `${when}: mean ${words.value(bucket.mean, unit)}, from ${words.value(bucket.min, unit)} to ` +
        `${words.value(bucket.max, unit)}, ${words.plural(bucket.count, "reading")}`;
  }

  pause() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  closed() {
    this.pause();
    this.room = null;
    this.day = null;
    this.chart.clear();
    if (asked()) history.replaceState(null, "", location.href.split("#")[0]);
  }
}
