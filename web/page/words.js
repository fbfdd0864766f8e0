// How numbers, ages and times are worded.

const number = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const large = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockWithSeconds = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

export const count = (many) => whole.format(many);

export const plural = (many, word) => `${count(many)} ${word}${many === 1 ? "" : "s"}`;

// What is missing is a dash. Large and tiny values are not cut to two decimals.
export function value(amount, unit) {
  if (amount === null || amount === undefined) return "\u2013";
  const size = Math.abs(amount);
  const text = size !== 0 && (size < 0.01 || size >= 100_000) ? large.format(amount) : number.format(amount);
  return unit ? `${text} ${unit}` : text;
}

export function age(seconds) {
  if (seconds < 1) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return duration(minutes);
  return plural(Math.floor(minutes / (24 * 60)), "day");
}

// Of minutes.
export function duration(minutes) {
  return minutes < 60 ? `${minutes} min` : minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${minutes / 60} h`;
}

export const timeOfDay = (ms) => clock.format(ms);
export const exactTimeOfDay = (ms) => clockWithSeconds.format(ms);
