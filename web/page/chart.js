// A drawing of minimum, mean and maximum by buckets of time. uPlot is a script of its own (uplot.js).

import * as words from "./words.js";

const HEIGHT_PX = 240;

function colours(element) {
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(name).trim();
  return { ink: of("--ink-soft"), edge: of("--edge"), line: of("--accent"), band: of("--band"), rim: of("--rim") };
}

// Readings that stand alone between two gaps have no line: they are drawn as points.
function alone(values) {
  return values.flatMap((value, i) => value !== null && (values[i - 1] ?? null) === null &&
    (values[i + 1] ?? null) === null ? [i] : []);
}

function options(element, day, onBucket) {
  const { ink, edge, line, band, rim } = colours(element);
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: ink, font, grid: { stroke: edge, width: 1 }, ticks: { stroke: edge, width: 1, size: 4 } };
  const series = (stroke, width) => ({
    stroke, width, spanGaps: false,
    points: { show: false, size: 5, fill: stroke, filter: (plot, which) => alone(plot.data[which]) },
  });
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: line } },
    scales: { x: { range: () => [day.from / 1000, day.to / 1000] } },
    axes: [
      { ...axis, size: 30, space: 48, values: (plot, times) => times.map((time) => words.timeOfDay(time * 1000)) },
      { ...axis, size: 52, space: 36 },
    ],
    series: [{}, series(rim, 1), series(rim, 1), series(line, 2)],
    bands: [{ series: [1, 2], fill: band }],
    hooks: { setCursor: [(plot) => onBucket(plot.cursor.idx ?? null)] },
  };
}

export class Chart {
  // `onBucket`: gets the number of the bucket that somebody points at, or null.
  constructor(element, onBucket) {
    this.element = element;
    this.onBucket = onBucket;
    new ResizeObserver(() => this.fit()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.day && this.draw(this.day));
    element.addEventListener("keydown", (event) => this.step(event));
  }

  // `day`: from, to (ms), buckets with start, end (ms), min, mean, max, which are null in a gap.
  draw(day) {
    this.clear();
    this.day = day;
    const column = (name) => day.buckets.map((bucket) => bucket[name]);
    const middles = day.buckets.map((bucket) => (bucket.start + bucket.end) / 2000);
    this.plot = new uPlot(options(this.element, day, this.onBucket),
      [middles, column("max"), column("min"), column("mean")], this.element);
  }

  clear() {
    this.plot?.destroy();
    this.plot = null;
    this.day = null;
  }

  fit() {
    const width = this.element.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT_PX });
  }

  // The arrow keys go from bucket to bucket.
  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.plot) return;
    event.preventDefault();
    const buckets = this.day.buckets;
    const now = this.plot.cursor.idx ?? (by > 0 ? -1 : buckets.length);
    const next = Math.min(Math.max(now + by, 0), buckets.length - 1);
    const left = this.plot.valToPos((buckets[next].start + buckets[next].end) / 2000, "x");
    this.plot.setCursor({ left, top: HEIGHT_PX / 2 });
  }
}
