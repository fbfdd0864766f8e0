// The rows of the list. Names come from outside: they are only ever set as text.

import * as words from "./words.js";

const LATE_S = 5 * 60;
const STALE_S = 15 * 60; // how far the average looks back

// What a row's state is called: whether its average can be trusted.
export function stateOf(quantity, ageSeconds) {
  if (!quantity.latest) return "no readings";
  if (quantity.average === null || ageSeconds > STALE_S) return "stale";
  return ageSeconds > LATE_S ? "late" : "current";
}

// The address of a room's last day on this page.
export function addressOf(room, quantity) {
  return "#" + new URLSearchParams({ building: room.building, room: room.room, quantity });
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

class Row {
  constructor(room) {
    this.element = document.createElement("tr");
    this.element.setAttribute("role", "row");
    const name = this.add("th", "room", "rowheader");
    name.scope = "row";
    this.link = name.appendChild(document.createElement("a"));
    this.link.appendChild(document.createElement("bdi")).textContent = room.room;
    this.add("td", "building").appendChild(document.createElement("bdi")).textContent = room.building;
    this.average = this.add("td", "average number");
    this.newest = this.add("td", "newest number");
    this.age = this.add("td", "age number");
    this.sensors = this.add("td", "sensors number");
    this.state = this.add("td", "state").appendChild(document.createElement("span"));
  }

  add(tag, className, role = "cell") {
    const cell = this.element.appendChild(document.createElement(tag));
    cell.className = className;
    cell.setAttribute("role", role);
    return cell;
  }

  show(room) {
    const [quantity] = room.quantities;
    this.quantity = quantity;
    this.link.href = addressOf(room, quantity.quantity);
    setText(this.average, words.value(quantity.average, quantity.unit));
    setText(this.newest, words.value(quantity.latest?.value, quantity.unit));
    setText(this.sensors, `${words.count(quantity.reporting)} of ${words.count(quantity.sensors)}`);
  }

  // `sinceAnswer`: seconds.
  grow(sinceAnswer) {
    const latest = this.quantity.latest;
    const age = latest ? Math.max(latest.age_seconds, 0) + sinceAnswer : Infinity;
    setText(this.age, latest ? words.age(age) : "\u2013");
    const state = stateOf(this.quantity, age);
    setText(this.state, state);
    this.element.dataset.state = state;
  }
}

export class RoomTable {
  constructor(body) {
    this.body = body;
    this.rows = new Map();
    this.answeredAt = 0;
  }

  // Rooms that were shown before keep their rows, so that the keyboard's place stays.
  show(rooms) {
    this.answeredAt = performance.now();
    const focused = document.activeElement;
    const rows = new Map();
    for (const room of rooms) {
      const name = JSON.stringify([room.building, room.room]);
      const row = this.rows.get(name) ?? new Row(room);
      row.show(room);
      rows.set(name, row);
    }
    for (const [name, row] of this.rows) {
      if (!rows.has(name)) row.element.remove();
    }
    this.rows = rows;
    let next = this.body.firstElementChild;
    for (const row of rows.values()) {
      if (row.element === next) {
        next = next.nextElementSibling;
      } else {
        this.body.insertBefore(row.element, next);
      }
    }
    this.grow();
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
  }

  // The ages go on between the answers.
  grow() {
    const seconds = (performance.now() - this.answeredAt) / 1000;
    for (const row of this.rows.values()) row.grow(seconds);
  }

  count(state) {
    return [...this.rows.values()].filter((row) => row.element.dataset.state === state).length;
  }
}
