// What is said of one call or exchange, or of all calls, beside the picture.

function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const WAYS = { ask: "→", answer: "←", hand: "⇣", tell: "⇡" };
const WAY_NAMES = { ask: "to the server", answer: "to the client", hand: "from the application", tell: "to the application" };
const WAITS = {
  application: "the application", authorization: "new credentials", exchange: "exchange", handshake: "the handshake",
  other: "something else", question: "an answer of the application", queue: "its turn",
  resume: "the time to resume", retry: "the time to try again", standalone: "the standalone stream",
};

/** All calls, each a button. */
function describeAll(timeline, select) {
  const rows = timeline.lives.map((life) => {
    const tone = life.outcome ? life.outcome.tone : "open";
    const took = life.to ? duration(life.to.at - life.from.at) : "";
    return html("li", { "data-find": `life-${life.id}` },
      html("button", { type: "button", class: "row", "data-tone": tone, click: () => select(`life-${life.id}`, true) },
        html("span", { class: "mark", "aria-hidden": "true" }, MARKS[tone] ?? "…"),
        html("span", { class: "row-name" }, life.label),
        html("span", { class: "row-end" }, life.outcome ? life.outcome.text : "not over"),
        html("span", { class: "row-time" }, took)));
  });
  const what = timeline.role === "client" ? "Calls" : "Requests";
  return [
    html("h2", {}, `${what} `, html("span", { class: "dim" }, String(timeline.lives.length))),
    html("ul", { class: "rows" }, ...rows),
    describeLegend(),
  ];
}

function describeLegend() {
  const spans = Object.entries(WAITS).filter(([what]) => what !== "other");
  return html("details", { class: "legend" },
    html("summary", {}, "How to read this"),
    html("p", {}, "Time goes down; where nothing happens it is cut short, and the length of the gap is written there. "
      + "A bar is a request, from the moment at which it was handed over to its outcome. The lines beside it are what it waits for. "
      + "A track is an HTTP exchange: ▸ goes to the server, ◂ comes back, ● is said to the application. Double tracks are event streams. "
      + "A column is used again when what stood in it is over."),
    html("ul", { class: "spans" }, ...spans.map(([what, words]) =>
      html("li", {}, html("span", { class: "swatch", "data-what": what }), `waits for ${words}`))));
}

/** One call: what it came to, what it waited for, and each thing that was seen. */
function describeLife(life, timeline, select) {
  const exchanges = timeline.exchanges.filter((exchange) => life.exchanges.includes(exchange.id));
  const moments = life.moments.map((moment) => ({ moment }));
  for (const exchange of exchanges) {
    moments.push(...exchange.moments.map((moment) => ({ moment, on: exchange.id })));
  }
  moments.sort((a, b) => a.moment.line - b.moment.line);
  const took = life.to ? `after ${duration(life.to.at - life.from.at)}` : "not over when the record ends";
  const tone = life.outcome ? life.outcome.tone : "open";
  return [
    heading(`${life.kind} ${life.id}`, life.label, select),
    html("p", { class: "outcome", "data-tone": tone },
      html("span", { class: "mark", "aria-hidden": "true" }, MARKS[tone] ?? "…"),
      life.outcome ? `${life.outcome.text}, ${took}` : took),
    ...describeWaits(life, select),
    html("h3", {}, "What was seen"),
    describeMoments(moments, life.from.at, select),
  ];
}

function describeWaits(life, select) {
  if (life.spans.length === 0) return [];
  const rows = life.spans.map((span) => html("li", {},
    html("span", { class: "swatch", "data-what": span.what }),
    html("span", { class: "at" }, `+${duration(span.from.at - life.from.at)}`),
    span.exchange === null ? WAITS[span.what] : link(span.exchange, `exchange x${span.exchange}`, select),
    html("span", { class: "dim" }, ` for ${duration(span.to.at - span.from.at)}`)));
  return [html("h3", {}, "What it waited for"), html("ul", { class: "spans" }, ...rows)];
}

/** One exchange: whom it served, and each thing that was seen on it. */
function describeExchange(exchange, timeline, select) {
  const lives = timeline.lives.filter((life) => life.exchanges.includes(exchange.id));
  const took = exchange.to ? duration(exchange.to.at - exchange.from.at) : "still open when the record ends";
  const status = exchange.status ? `${exchange.status}, ` : "";
  return [
    heading(`exchange x${exchange.id}`, exchange.label, select),
    html("p", { class: "outcome", "data-tone": exchange.to ? exchange.tone : "open" },
      `${status}${exchange.is_stream ? "event stream, " : ""}${took}`),
    ...lives.map((life) => html("p", {}, "For ",
      html("button", { type: "button", class: "link", click: () => select(`life-${life.id}`, true) }, `${life.kind} ${life.id} ${life.label}`))),
    html("h3", {}, "What was seen"),
    describeMoments(exchange.moments.map((moment) => ({ moment })), exchange.from.at, select),
  ];
}

function heading(kind, name, select) {
  return html("div", { class: "heading" },
    html("button", { type: "button", class: "back", "aria-label": "Back to the list", click: () => select(null) }, "‹ all"),
    html("h2", {}, html("span", { class: "dim" }, `${kind} `), name));
}

function describeMoments(moments, from, select) {
  return html("ol", { class: "moments" }, ...moments.map(({ moment, on }) => {
    const head = [
      html("span", { class: "at" }, `+${duration(moment.when.at - from)}`),
      html("span", { class: "way", title: WAY_NAMES[moment.way] }, WAYS[moment.way]),
      ...(on === undefined ? [] : [link(on, `x${on}`, select), " "]),
      html("span", { class: "words" }, moment.text),
      html("span", { class: "line" }, `line ${moment.line}`),
    ];
    return moment.more
      ? html("li", {}, html("details", {}, html("summary", {}, ...head), html("pre", {}, moment.more)))
      : html("li", {}, html("div", { class: "plain" }, ...head));
  }));
}

function link(exchange, text, select) {
  return html("button", {
    type: "button", class: "link",
    click: (event) => { event.preventDefault(); select(`exchange-${exchange}`, true); },
  }, text);
}
