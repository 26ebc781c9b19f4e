// Where things stand: times from top to bottom, columns from left to right. Nothing here touches the page.

/** From this long on, in microseconds, nothing happening is told as a gap. */
const QUIET = 250_000;

/** `1.25 s`: about three digits. */
function duration(micros) {
  if (micros === 0) return "0 ms";
  const [value, unit] =
    micros < 1e6 ? [micros / 1e3, "ms"] : micros < 120e6 ? [micros / 1e6, "s"] : [micros / 60e6, "min"];
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${Number(value.toFixed(digits))} ${unit}`;
}

/** The steps in which something is to be seen, in order. */
function stepsOf(timeline) {
  const steps = new Map();
  const add = (point) => point && steps.set(point.step, point.at);
  for (const life of timeline.lives) {
    [life.from, life.to].forEach(add);
    life.moments.forEach((moment) => add(moment.when));
    life.spans.forEach((span) => [span.from, span.to].forEach(add));
  }
  for (const exchange of timeline.exchanges) {
    [exchange.from, exchange.to].forEach(add);
    exchange.moments.forEach((moment) => add(moment.when));
  }
  timeline.notes.forEach((note) => add(note.when));
  add(timeline.end);
  return [...steps].map(([step, at]) => ({ step, at })).sort((a, b) => a.step - b.step);
}

/**
 * Gives each step its height on the page: steps are `unit` apart, a little more the longer it took to the next
 * one. A time in which nothing happened is a gap of one height, with its length.
 */
function timeScale(steps, unit) {
  const tops = new Map();
  const gaps = [];
  const top = Math.max(18, unit);
  const gap = Math.max(unit < 4 ? 8 : 30, unit * 2);
  let y = top;
  steps.forEach(({ step, at }, index) => {
    if (index > 0) {
      const passed = at - steps[index - 1].at;
      if (passed >= QUIET) {
        gaps.push({ y, height: gap, passed });
        y += gap;
      } else {
        y += unit * (0.8 + 0.35 * Math.log10(1 + passed / 1e3));
      }
    }
    tops.set(step, y);
  });
  return { tops, gaps, height: y + Math.max(34, unit * 2), last: y };
}

/**
 * Columns for things that begin and end: as few as it takes for no two in one column to overlap. A column
 * is used again when what stood in it is over.
 */
function pack(things, range) {
  const free = [];
  const columns = things.map((thing) => {
    const [from, to] = range(thing);
    let column = free.findIndex((end) => end < from);
    if (column < 0) column = free.push(0) - 1;
    free[column] = to;
    return column;
  });
  return { columns, count: free.length };
}

/** The whole of it, for this unit and a page of this width. */
function layOut(timeline, steps, unit, width) {
  const scale = timeScale(steps, unit);
  const y = (point) => scale.tops.get(point.step) ?? scale.last;
  const until = (thing) => (thing.to ? y(thing.to) : scale.last);
  // What is short needs room for its name all the same.
  const short = unit < 9 ? 2 : 34;
  const lives = pack(timeline.lives, (life) => [y(life.from), Math.max(until(life), y(life.from) + short) + 3]);
  const lanes = pack(timeline.exchanges, (exchange) => [y(exchange.from), Math.max(until(exchange), y(exchange.from) + short / 2) + 3]);

  const axis = 76;
  const hasNotes = timeline.notes.length > 0;
  const beside = width - axis - 24;
  // Half for the calls, half for the exchanges, and what is left for the notes.
  const noteWidth = hasNotes ? Math.round(Math.min(170, Math.max(22, beside * 0.16))) : 8;
  const room = beside - noteWidth;
  // Words need room: for them the picture may be up to three times as wide as the page. Without words it fits.
  const share = (part, count, least) => clamp(part / Math.max(1, count), unit < 9 ? least : Math.min(98, (part * 3) / Math.max(1, count)), 250);
  const lifeWidth = Math.max(22, share(room * 0.48, lives.count, 22));
  const laneWidth = Math.max(15, share(Math.max(room * 0.4, room - lifeWidth * lives.count), lanes.count, 15));
  const livesLeft = axis + noteWidth;
  const lanesLeft = livesLeft + lifeWidth * lives.count + 18;

  return {
    unit, scale, axis, noteWidth, lifeWidth, laneWidth, livesLeft, lanesLeft, y, until,
    width: Math.max(width - 2, Math.ceil(lanesLeft + laneWidth * lanes.count + 6)),
    height: Math.ceil(scale.height),
    lives: timeline.lives.map((life, index) => ({
      life,
      x: livesLeft + lifeWidth * lives.columns[index] + 8,
      top: y(life.from),
      bottom: Math.max(until(life), y(life.from) + 4),
    })),
    lanes: timeline.exchanges.map((exchange, index) => ({
      exchange,
      x: lanesLeft + laneWidth * lanes.columns[index] + 8,
      top: y(exchange.from),
      bottom: Math.max(until(exchange), y(exchange.from) + 4),
    })),
  };
}

/** The lifelines of a life, each in the first of the places beside the bar that is free. */
function placeSpans(spans, y) {
  const { columns } = pack(spans, (span) => [y(span.from), Math.max(y(span.to), y(span.from) + 1)]);
  return columns;
}

function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
