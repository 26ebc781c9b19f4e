// Opens each page of a folder in a headless browser and uses it as its readers do: in light and dark, on a
// large screen and a small one, with the pointer and with the keyboard.
//
//   node check.mjs PAGES SHOTS [NAME..]
//
// Pictures of what was seen go to SHOTS. Ends with 1 if anything was wrong.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [pages, shots, ...only] = process.argv.slice(2);
const SCREENS = {
  large: { viewport: { width: 1440, height: 900 } },
  small: { viewport: { width: 390, height: 844 } },
};

const browser = await chromium.launch(await installed());
await mkdir(shots, { recursive: true });
const wrong = [];
let checked = 0;

const files = (await readdir(pages)).filter((file) => file.endsWith(".html")).map((file) => path.basename(file, ".html"));
const names = only.length > 0 ? only : files.sort();
if (names.length === 0) wrong.push(`there is no page in ${pages}`);
for (const name of names) {
  for (const [screen, settings] of Object.entries(SCREENS)) {
    for (const colorScheme of ["light", "dark"]) {
      await visit(name, `${name}-${screen}-${colorScheme}`, { ...settings, colorScheme });
    }
  }
  await visitWithoutScript(name);
}
await browser.close();
for (const what of wrong) console.error(`wrong: ${what}`);
console.log(`${checked} checks of ${names.length} pages in Chromium ${browser.version()}, ${wrong.length} failed`);
process.exit(wrong.length > 0 ? 1 : 0);

/** The browser that was named, or the one of the package, with the libraries and the font that bare machines lack. */
async function installed() {
  if (process.env.CHROMIUM) return { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] };
  // It brings its libraries where it believes to be on such a machine.
  process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs20.x";
  const { default: packed } = await import("@sparticuz/chromium");
  const executablePath = await packed.executablePath();
  const config = path.join(tmpdir(), "page-fonts.conf");
  const folders = [path.join(tmpdir(), "fonts"), "/usr/share/fonts"].map((folder) => `<dir>${folder}</dir>`);
  await writeFile(config, `<fontconfig>${folders.join("")}<cachedir>${path.join(tmpdir(), "fonts-seen")}</cachedir></fontconfig>\n`);
  return { executablePath, args: ["--no-sandbox", "--headless=old"], env: { ...process.env, FONTCONFIG_FILE: config } };
}

/** One page on one screen. */
async function visit(name, visitName, settings) {
  const context = await browser.newContext({ ...settings, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const is = (right, what) => {
    checked += 1;
    if (!right) wrong.push(`${visitName}: ${what}`);
  };
  const said = [];
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("console", (message) => said.push(message.text()));
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const url = pathToFileURL(path.resolve(pages, `${name}.html`)).href;
  await page.goto(url);
  const shot = (part) => page.screenshot({ path: path.join(shots, `${visitName}${part}.png`) });

  const { lives, exchanges } = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).timeline);
  is((await page.locator(".life .bar").count()) === lives.length, "a bar for each call");
  is((await page.locator(".lane .track").count()) === exchanges.length, "a track for each exchange");
  is((await page.evaluate(barsThatAreNowhere)).length === 0, "each bar is within the picture, and to be seen");
  is((await page.evaluate(overlaps)) === null, `bars stand apart: ${await page.evaluate(overlaps)}`);
  is((await page.evaluate(overflow)) === null, `nothing flows over: ${await page.evaluate(overflow)}`);
  await shot("");
  if (lives.length > 0) {
    await choose(page, is, shot, lives, exchanges);
    await find(page, is, lives);
    await goByKeys(page, is);
    await zoom(page, is);
  }
  await page.click("#theme");
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  is(theme === (settings.colorScheme === "dark" ? "light" : "dark"), "the theme can be turned");
  await page.click("#show-story");
  is(await page.locator("#story").isVisible() && !(await page.locator("#picture").isVisible()), "the story can be read");
  is((await page.evaluate(overflow)) === null, "nothing of the story flows over");
  await page.click("#show-picture");

  is((await page.locator("img, iframe, object, link[rel=stylesheet]").count()) === 0, "nothing of the record is an element");
  is(await page.evaluate(() => window.hacked === undefined), "nothing of the record ran");
  is(said.length === 0, `the page says: ${said.join("; ")}`);
  is(asked.every((asked) => asked === url || asked === "data:,"), `the page asks for ${asked}`);
  is(await page.evaluate(policyHolds), "the policy stops other scripts");
  await context.close();
}

/** A click on a bar, and on a track, opens what is known of it. */
async function choose(page, is, shot, lives, exchanges) {
  const worst = lives.find((life) => life.outcome?.tone === "bad") ?? lives.at(-1);
  await page.locator(`[data-item="life-${worst.id}"] .bar`).scrollIntoViewIfNeeded();
  await page.locator(`[data-item="life-${worst.id}"] .bar`).click();
  const heading = page.locator("#details h2");
  is((await heading.textContent()).includes(worst.label), "a click on a bar opens the call");
  is((await page.locator("#details .moments li").count()) >= worst.moments.length, "all that was seen is listed");
  const more = page.locator("#details .moments summary").first();
  if (await more.count()) {
    await more.click();
    is(await page.locator("#details .moments pre").first().isVisible(), "a payload opens");
  }
  is((await page.evaluate(overflow)) === null, `nothing of the details flows over: ${await page.evaluate(overflow)}`);
  await shot("-chosen");
  const served = exchanges.find((exchange) => exchange.id === worst.exchanges[0]);
  if (served) {
    await page.locator("#details .moments .link").first().click();
    is((await heading.textContent()).includes(`x${served.id}`), "the exchange can be reached from the call");
  }
  await page.locator("#details .back").click();
  is((await page.locator("#details .rows li").count()) === lives.length, "the list comes back");
  await page.locator("#details .row").first().click();
  is((await heading.textContent()).includes(lives[0].label), "a row of the list opens its call");
}

async function find(page, is, lives) {
  await page.fill("#find", lives[0].label);
  is(/^[1-9]\d* of /.test(await page.locator("#found").textContent()), "what is looked for is found");
  await page.fill("#find", "there is no such thing");
  is((await page.locator("#found").textContent()).startsWith("0 of "), "what is not there is not found");
  await page.fill("#find", "");
  await page.check("#only-trouble");
  const bad = lives.filter((life) => life.outcome?.tone !== "good").length;
  const shown = await page.locator(".life:not(.dimmed)").count();
  is(shown === bad, `only trouble is left: ${shown} of ${bad}`);
  await page.uncheck("#only-trouble");
}

async function goByKeys(page, is) {
  await page.evaluate(() => document.querySelector('.item[tabindex="0"]').focus());
  const here = () => page.evaluate(() => document.activeElement?.dataset?.item);
  const stops = await page.locator('.item[tabindex="0"]').count();
  is(stops === 1, "the picture is one stop of the tabulator");
  const first = await here();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const second = await here();
  is(second !== undefined && second !== first, "the arrow keys go on");
  await page.keyboard.press("ArrowUp");
  is((await here()) !== second, "and back");
  await page.keyboard.press("Enter");
  is(await page.evaluate(() => document.activeElement?.id === "details"), "Enter goes to the details");
  await page.keyboard.press("Escape");
  is((await here()) !== undefined, "Escape goes back to the picture");
  is((await page.locator("#details .rows").count()) === 1, "and to the list");
}

async function zoom(page, is) {
  const height = () => page.evaluate(() => document.querySelector("#scroll svg").getBoundingClientRect().height);
  const before = await height();
  await page.click("#zoom-out");
  const out = await height();
  is(out < before, "zooming out makes it smaller");
  await page.click("#zoom-in");
  is(Math.abs((await height()) - before) < 2, "zooming in makes it larger");
  await page.click("#zoom-fit");
  is((await page.evaluate(overlaps)) === null, "bars stand apart when all is fitted in");
}

async function visitWithoutScript(name) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(path.resolve(pages, `${name}.html`)).href);
  checked += 1;
  if (!(await page.locator("#story").isVisible())) wrong.push(`${name}: without script the story is to be read`);
  await context.close();
}

// What follows runs in the page.

function barsThatAreNowhere() {
  const { width, height } = document.querySelector("#scroll svg").viewBox.baseVal;
  return [...document.querySelectorAll(".life .bar, .lane .track")]
    .map((bar) => bar.getBBox())
    .filter((box) => !(box.height >= 3 && box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1));
}

/** The first two bars, or a bar's words and the next column, that stand one on the other. */
function overlaps() {
  const boxes = [...document.querySelectorAll(".life, .lane")].map((item) => {
    const parts = [...item.querySelectorAll(".bar, .track, text")].map((part) => part.getBBox());
    const left = Math.min(...parts.map((box) => box.x));
    const right = Math.max(...parts.map((box) => box.x + box.width));
    const bar = item.querySelector(".bar, .track").getBBox();
    return { name: item.dataset.item, left, right, top: bar.y, bottom: bar.y + bar.height };
  }).sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i += 1) {
    for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j += 1) {
      const [a, b] = [boxes[i], boxes[j]];
      if (a.left < b.right - 1 && b.left < a.right - 1) return `${a.name} and ${b.name}`;
    }
  }
  return null;
}

/** The first part that is wider than its place. */
function overflow() {
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) return `the page is ${root.scrollWidth} wide`;
  for (const part of document.querySelectorAll(".top, .tools, .details, .details *, .story")) {
    const clips = getComputedStyle(part).overflowX !== "visible" || part.closest("svg");
    if (part.offsetParent !== null && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0 && (!clips || part.id === "details")) {
      return `${part.tagName} ${part.className} is ${part.scrollWidth} wide in ${part.clientWidth}`;
    }
  }
  const svg = document.querySelector("#scroll svg");
  if (!svg || svg.clientWidth === 0) return null;
  const { width } = svg.viewBox.baseVal;
  const beyond = [...svg.querySelectorAll("text")].find((text) => text.getBBox().x + text.getBBox().width > width + 1);
  return beyond ? `"${beyond.textContent}" goes beyond the picture` : null;
}

/** Whether a script that is not the page's own is stopped. */
function policyHolds() {
  return new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", () => resolve(window.intruded === undefined), { once: true });
    const script = document.createElement("script");
    script.textContent = "window.intruded = true";
    document.body.append(script);
    setTimeout(() => resolve(false), 2_000);
  });
}
