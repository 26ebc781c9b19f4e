// What the reader does: choose, find, zoom, go from one to the next.

const UNITS = [1.5, 2.5, 4, 6, 9, 13, 18, 24, 32];

function start() {
  const { timeline } = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const [scroll, details, overview, picture, heads] = ["scroll", "details", "overview", "picture", "heads"].map(at);
  const steps = stepsOf(timeline);
  const items = [
    ...timeline.lives.map((life) => ({ key: `life-${life.id}`, life, from: life.from })),
    ...timeline.exchanges.map((exchange) => ({ key: `exchange-${exchange.id}`, exchange, from: exchange.from })),
  ].sort((a, b) => a.from.step - b.from.step);
  let zoom = firstZoom();
  let plan;
  let chosen = null;
  let found = null;

  function firstZoom() {
    if (steps.length <= 140) return UNITS.indexOf(18);
    return steps.length <= 700 ? UNITS.indexOf(13) : UNITS.indexOf(9);
  }

  function draw() {
    plan = layOut(timeline, steps, UNITS[zoom], scroll.clientWidth);
    plan.steps = steps;
    scroll.replaceChildren(drawPicture(timeline, plan));
    heads.replaceChildren(
      head("time", 0, plan.axis),
      head(timeline.role === "client" ? "calls, and what they wait for" : "requests, and what they wait for", plan.livesLeft, plan.lanesLeft - plan.livesLeft - 18),
      head("exchanges", plan.lanesLeft, plan.width - plan.lanesLeft),
    );
    heads.scrollLeft = scroll.scrollLeft;
    mark();
    look();
  }

  function head(text, left, width) {
    const element = html("span", {}, text);
    element.style.left = `${left}px`;
    element.style.width = `${width}px`;
    return element;
  }

  /** Zooms, and keeps in place what stands in the middle. */
  function setZoom(next) {
    const middle = (scroll.scrollTop + scroll.clientHeight / 2) / plan.height;
    zoom = clamp(next, 0, UNITS.length - 1);
    draw();
    scroll.scrollTop = middle * plan.height - scroll.clientHeight / 2;
  }

  function fit() {
    const fits = (unit) => timeScale(steps, unit).height <= scroll.clientHeight;
    const best = UNITS.findLastIndex(fits);
    setZoom(Math.max(0, best));
  }

  function look() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const colours = Object.fromEntries(["good", "warn", "bad", "quiet", "line", "seen"].map((name) => [name, colour(name)]));
    drawOverview(overview, plan, colours, { top: scroll.scrollTop, height: scroll.clientHeight });
  }

  /** Chooses a call or an exchange; `null` goes back to the list. */
  function select(key, goes = false) {
    chosen = key;
    const item = items.find((item) => item.key === key);
    details.replaceChildren(...(!item ? describeAll(timeline, select)
      : item.life ? describeLife(item.life, timeline, select)
      : describeExchange(item.exchange, timeline, select)));
    details.scrollTop = 0;
    mark();
    filter();
    if (item && goes) show(key);
  }

  /** What is chosen, and what belongs to it. */
  function mark() {
    const item = items.find((item) => item.key === chosen);
    const kin = new Set(chosen ? [chosen] : []);
    if (item?.life) item.life.exchanges.concat(item.life.brought_by ?? []).forEach((id) => kin.add(`exchange-${id}`));
    if (item?.exchange) {
      for (const life of timeline.lives) {
        if (life.exchanges.includes(item.exchange.id) || life.brought_by === item.exchange.id) kin.add(`life-${life.id}`);
      }
    }
    const root = scroll.firstElementChild;
    root.classList.toggle("choosing", kin.size > 0);
    for (const element of root.querySelectorAll(".item")) {
      const key = element.dataset.item;
      element.classList.toggle("chosen", key === chosen);
      element.classList.toggle("kin", kin.has(key));
      element.classList.toggle("dimmed", found !== null && !found.has(key));
      element.setAttribute("tabindex", key === (chosen ?? items[0]?.key) ? "0" : "-1");
    }
    for (const wire of root.querySelectorAll(".wire")) {
      const touches = kin.has(`life-${wire.dataset.life}`) && kin.has(`exchange-${wire.dataset.exchange}`);
      wire.classList.toggle("kin", touches);
      wire.classList.toggle("dimmed", found !== null && !found.has(`life-${wire.dataset.life}`));
    }
  }

  function show(key, focus = false) {
    const element = scroll.querySelector(`[data-item="${key}"]`);
    if (!element) return;
    const place = plan.lives.find(({ life }) => `life-${life.id}` === key)
      ?? plan.lanes.find(({ exchange }) => `exchange-${exchange.id}` === key);
    const { clientWidth: width, clientHeight: height } = scroll;
    if (place.top < scroll.scrollTop + 20 || place.top > scroll.scrollTop + height - 60) scroll.scrollTop = place.top - height / 3;
    if (place.x < scroll.scrollLeft + 20 || place.x > scroll.scrollLeft + width - 60) scroll.scrollLeft = place.x - width / 2;
    if (focus) element.focus({ preventScroll: true });
  }

  /** Shows what fits the words, and dims the rest. */
  function filter() {
    const words = at("find").value.trim().toLowerCase();
    const trouble = at("only-trouble").checked;
    const text = ({ life, exchange }) => life
      ? `${life.kind} ${life.id} ${life.label} ${life.outcome?.text ?? "not over"}`
      : `exchange x${exchange.id} ${exchange.label} ${exchange.status ?? ""}`;
    const isTrouble = ({ life, exchange }) => life ? life.outcome?.tone !== "good" : ["bad", "warn"].includes(exchange.tone);
    const fits = (item) => (!trouble || isTrouble(item)) && (!words || text(item).toLowerCase().includes(words));
    found = words || trouble ? new Set(items.filter(fits).map((item) => item.key)) : null;
    at("found").textContent = found ? `${found.size} of ${items.length}` : "";
    for (const row of details.querySelectorAll("[data-find]")) row.hidden = found !== null && !found.has(row.dataset.find);
    mark();
  }

  /** To the next one, or the one before, of those that are not dimmed. */
  function step(by) {
    const list = found ? items.filter((item) => found.has(item.key)) : items;
    if (list.length === 0) return;
    const here = list.findIndex((item) => item.key === (chosen ?? items[0].key));
    const next = list[clamp(chosen === null && here === 0 ? 0 : here + by, 0, list.length - 1)];
    select(next.key);
    show(next.key, true);
  }

  const keys = {
    ArrowDown: () => step(1),
    ArrowRight: () => step(1),
    ArrowUp: () => step(-1),
    ArrowLeft: () => step(-1),
    Home: () => step(-items.length),
    End: () => step(items.length),
    Enter: () => details.focus(),
    " ": () => details.focus(),
    Escape: () => select(null),
  };

  scroll.addEventListener("keydown", (event) => {
    const does = keys[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey || !event.target.closest?.(".item")) return;
    event.preventDefault();
    if (event.key === "Enter" || event.key === " ") select(event.target.closest(".item").dataset.item);
    does();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const key = chosen;
    select(null);
    if (key) show(key, true);
  });
  scroll.addEventListener("click", (event) => {
    const item = event.target.closest(".item");
    select(item ? item.dataset.item : null);
  });
  scroll.addEventListener("scroll", () => {
    heads.scrollLeft = scroll.scrollLeft;
    look();
  }, { passive: true });
  const jump = (event) => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    const box = overview.getBoundingClientRect();
    scroll.scrollTop = (event.clientY - box.top) / overviewScale(plan, box.height) - scroll.clientHeight / 2;
  };
  overview.addEventListener("pointerdown", jump);
  overview.addEventListener("pointermove", jump);
  at("zoom-in").addEventListener("click", () => setZoom(zoom + 1));
  at("zoom-out").addEventListener("click", () => setZoom(zoom - 1));
  at("zoom-fit").addEventListener("click", fit);
  at("find").addEventListener("input", filter);
  at("only-trouble").addEventListener("change", filter);
  at("show-picture").addEventListener("click", () => turn(true));
  at("show-story").addEventListener("click", () => turn(false));
  at("theme").addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
    document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
    look();
  });
  new ResizeObserver(() => plan && Math.abs(scroll.clientWidth - plan.drawnFor) > 1 && turn(!picture.hidden)).observe(scroll);

  /** The picture, or the story as text. */
  function turn(drawn) {
    for (const part of [picture, overview, details]) part.hidden = !drawn;
    at("story").hidden = drawn;
    at("show-picture").setAttribute("aria-pressed", String(drawn));
    at("show-story").setAttribute("aria-pressed", String(!drawn));
    if (drawn) {
      draw();
      plan.drawnFor = scroll.clientWidth;
    }
  }

  at("tools").hidden = false;
  turn(true);
  select(null);
}

start();
