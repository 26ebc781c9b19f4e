// Drawing: what stands where, as SVG. All words are set as text.

const SVG = "http://www.w3.org/2000/svg";
const BAR = 11;

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const ruler = document.createElement("canvas").getContext("2d");

/** As much of a text as fits into so many pixels. */
function fitting(text, width, bold) {
  ruler.font = `${bold ? "600 " : ""}11.5px ${getComputedStyle(document.body).fontFamily}`;
  const fits = (length) => ruler.measureText(length < text.length ? `${text.slice(0, length)}…` : text).width <= width;
  if (fits(text.length)) return text;
  let [least, most] = [0, text.length - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least < 3 ? "" : `${text.slice(0, least)}…`;
}

/** Without what is the same everywhere. */
function brief(text) {
  return text.replace(/\btools\/call (?=.)/, "").replace("text/event-stream", "stream").replace("application/json", "json");
}

function label(x, y, text, width, kind) {
  const shown = fitting(brief(text), width, kind === "name");
  return shown ? [svg("text", { x, y, class: kind }, shown)] : [];
}

function title(text) {
  return svg("title", {}, text);
}

const MARKS = { good: "✓", warn: "!", bad: "✕", quiet: "…" };

/** The whole picture. */
function drawPicture(timeline, plan) {
  const picture = svg("svg", {
    width: plan.width, height: plan.height, viewBox: `0 0 ${plan.width} ${plan.height}`,
    role: "group", "aria-label": "Calls and exchanges. The arrow keys go from one to the next, Enter opens it.",
  });
  picture.append(drawTime(plan), drawNotes(timeline, plan));
  const wires = svg("g", { class: "wires" });
  const lanes = svg("g", { class: "lanes" });
  const lives = svg("g", { class: "lives" });
  const laneOf = new Map(plan.lanes.map((lane) => [lane.exchange.id, lane]));
  for (const lane of plan.lanes) lanes.append(drawLane(lane, plan));
  for (const place of plan.lives) {
    wires.append(...drawWires(place, laneOf));
    lives.append(drawLife(place, plan));
  }
  picture.append(wires, lanes, lives);
  return picture;
}

/** The axis: the time at steps that are not too near to each other, and the gaps. */
function drawTime(plan) {
  const group = svg("g", { class: "time" });
  let last = { y: -100, at: 0, words: "" };
  for (const gap of plan.scale.gaps) {
    group.append(
      svg("rect", { class: "gap", x: 0, y: gap.y + 3, width: plan.width, height: Math.max(2, gap.height - 6) }),
    );
    if (gap.height >= 24) {
      group.append(svg("text", { class: "gap-length", x: 12, y: gap.y + gap.height / 2 + 4 }, `${duration(gap.passed)} quiet`));
    }
  }
  for (const { step, at } of plan.steps) {
    const y = plan.scale.tops.get(step);
    if (y - last.y < 19) continue;
    // Where three digits do not tell two times apart, the difference does.
    const words = duration(at);
    const shown = words === last.words ? `+${duration(at - last.at)}` : words;
    last = { y, at, words };
    group.append(
      svg("line", { class: "rule", x1: plan.axis, x2: plan.width, y1: y, y2: y }),
      svg("text", { class: shown === words ? "clock" : "clock more", x: plan.axis - 8, y: y + 4 }, shown),
    );
  }
  return group;
}

/** What happened beside calls and exchanges. */
function drawNotes(timeline, plan) {
  const group = svg("g", { class: "notes" });
  let last = -100;
  for (const note of timeline.notes) {
    const y = plan.y(note.when);
    const mark = svg("path", { class: "note", d: `M ${plan.axis} ${y - 4} l 4 4 l -4 4 l -4 -4 z` }, title(note.text));
    group.append(mark);
    if (y - last >= 13) {
      const words = label(plan.axis + 8, y + 4, note.text, plan.noteWidth - 12, "note-text");
      if (words.length > 0) last = y;
      group.append(...words);
    }
  }
  return group;
}

/** A call's bar, its lifelines beside it, its name and what it came to. */
function drawLife({ life, x, top, bottom }, plan) {
  const tone = life.outcome ? life.outcome.tone : "open";
  const name = `${life.kind} ${life.id} ${life.label}`;
  const end = life.outcome ? life.outcome.text : "not over";
  const took = life.to ? duration(life.to.at - life.from.at) : "";
  const group = svg("g", {
    class: "life item", "data-tone": tone, "data-item": `life-${life.id}`,
    role: "button", tabindex: -1, "aria-label": `${name}: ${end}${took && `, after ${took}`}`,
  });
  group.append(
    title(`${name}\n${end}${took && ` after ${took}`}`),
    svg("rect", { class: "touch", x: x - 4, y: top - 3, width: Math.max(20, plan.lifeWidth - 6), height: Math.max(bottom - top, 12) + 6, rx: 5 }),
    svg("rect", { class: "bar", x, y: top, width: BAR, height: bottom - top, rx: 3 }),
  );
  const columns = placeSpans(life.spans, plan.y);
  const least = plan.unit < 9 ? 1 : 3;
  let most = 0;
  life.spans.forEach((span, index) => {
    if (columns[index] > 2) return;
    most = Math.max(most, columns[index] + 1);
    const from = plan.y(span.from);
    group.append(svg("line", {
      class: "span", "data-what": span.what,
      x1: x + BAR + 4 + columns[index] * 4, x2: x + BAR + 4 + columns[index] * 4,
      y1: from, y2: Math.max(plan.y(span.to), from + least),
    }));
  });
  if (plan.unit >= 9) {
    const left = x + BAR + 6 + most * 4;
    const width = plan.lifeWidth - (left - x) - 6;
    const mark = MARKS[tone] ?? "…";
    // Of what went well, how long it took says more than that it did.
    const words = label(left, Math.max(top + 24, bottom - 5), `${mark} ${tone === "good" ? took : end}`, width, "end");
    group.append(...label(left, top + 10, life.label, width, "name"), ...words);
    if (words.length === 0) group.append(svg("text", { x: left, y: Math.max(top + 10, bottom - 3), class: "end" }, mark));
  }
  return group;
}

/** An exchange's lane, and what was seen on it. */
function drawLane({ exchange, x, top, bottom }, plan) {
  const status = exchange.status ? `, ${exchange.status}` : "";
  const name = `exchange ${exchange.id} ${exchange.label}${status}`;
  const group = svg("g", {
    class: `lane item${exchange.is_stream ? " stream" : ""}`, "data-tone": exchange.to ? exchange.tone : "open",
    "data-item": `exchange-${exchange.id}`, role: "button", tabindex: -1, "aria-label": name,
  });
  group.append(
    title(name),
    svg("rect", { class: "touch", x: x - 6, y: top - 3, width: Math.max(12, plan.laneWidth - 4), height: Math.max(bottom - top, 8) + 6, rx: 5 }),
    svg("line", { class: "track", x1: x, x2: x, y1: top, y2: bottom }),
  );
  const detailed = plan.unit >= 9;
  for (const moment of exchange.moments) group.append(drawMoment(moment.way, x, plan.y(moment.when), detailed));
  if (detailed) {
    for (const { y, words, isName } of wordsOf(exchange, plan)) {
      group.append(...label(x + 9, y + 4, words, plan.laneWidth - 15, isName ? "name" : "seen"));
    }
  }
  return group;
}

/** What is written beside a lane: what happened too near to each other for a line each is one. */
function wordsOf(exchange, plan) {
  const lines = [];
  exchange.moments.forEach((moment, index) => {
    const y = plan.y(moment.when);
    const last = lines.at(-1);
    if (index === 0) lines.push({ y, words: `x${exchange.id} ${exchange.label.replace(/^POST (?=.)/, "")}`, isName: true });
    else if (y - last.y < 11) last.words += ` · ${moment.text}`;
    else lines.push({ y, words: moment.text, isName: false });
  });
  return lines;
}

/** Right is towards the server, left back to the client; a dot is between machine and application. */
function drawMoment(way, x, y, detailed) {
  const size = detailed ? 4 : 2;
  switch (way) {
    case "ask":
      return svg("path", { class: "ask", d: `M ${x - size + 1} ${y - size} l ${size * 1.6} ${size} l ${-size * 1.6} ${size} z` });
    case "answer":
      return svg("path", { class: "answer", d: `M ${x + size - 1} ${y - size} l ${-size * 1.6} ${size} l ${size * 1.6} ${size} z` });
    default:
      return svg("circle", { class: "told", cx: x, cy: y, r: size - 1 });
  }
}

/**
 * From the bar of a call to each exchange that served it, and back from the one that brought its outcome; a
 * request of the peer's comes from its exchange, and its answer goes there.
 */
function drawWires({ life, x, top, bottom }, laneOf) {
  const from = x + BAR;
  const wire = (id, y, isOut) => {
    const lane = laneOf.get(id);
    if (!lane) return [];
    const path = isOut ? `M ${from} ${y} H ${lane.x - 3}` : `M ${lane.x - 3} ${y} H ${from + 3} m 5 -3 l -5 3 l 5 3`;
    return [svg("path", {
      class: `wire ${isOut ? "out" : "in"}`, d: path,
      "data-life": life.id, "data-exchange": id, "data-tone": life.outcome?.tone ?? "open",
    })];
  };
  const isAsked = life.kind === "request";
  const served = life.exchanges.flatMap((id) => wire(id, isAsked ? top : laneOf.get(id)?.top, !isAsked));
  const last = isAsked ? life.exchanges.at(-1) : life.brought_by;
  return life.outcome ? [...served, ...wire(last, bottom, isAsked)] : served;
}

/** How much smaller all of it is in little: never so that little is drawn large. */
function overviewScale(plan, height) {
  return Math.min(0.4, height / plan.height);
}

/** All of it in little, for orientation. */
function drawOverview(canvas, plan, colours, seen) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  brush.clearRect(0, 0, width, height);
  const across = (width - 6) / plan.width;
  const down = overviewScale(plan, height);
  brush.fillStyle = colours.line;
  for (const lane of plan.lanes) {
    brush.fillRect(3 + lane.x * across, lane.top * down, 1, Math.max(1, (lane.bottom - lane.top) * down));
  }
  for (const { life, x, top, bottom } of plan.lives) {
    brush.fillStyle = colours[life.outcome?.tone ?? "quiet"];
    brush.fillRect(3 + x * across, top * down, 2, Math.max(1.5, (bottom - top) * down));
  }
  brush.fillStyle = colours.seen;
  brush.fillRect(0, seen.top * down, width, Math.max(6, seen.height * down));
}
