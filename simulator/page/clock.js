// The demo's clock, as the service tells it, the buttons that move it on, and the way to the board.
import { $, call, state } from "./common.js";
import { beginMeanwhile } from "./meanwhile.js";
import { moment, month, nowMs } from "./times.js";

export const MOVES = ["next", "day", "week"];
const LOOK_EVERY_MS = 400;
const SOON_MS = 600;
const STARTS_WITHIN_S = 300; // a first start lives a year before it listens

let moving = null;
let asking = null;
let told = 0; // how often the progress of the past was told
export let moved = 0; // how often the clock was moved on

export async function loadProgress() {
  const before = state.lived;
  const toldBefore = told;
  const { day } = await call("/progress");
  if (told !== toldBefore) return; // the event stream was quicker, and knows better
  showProgress(day);
  if (before && !state.lived) await loadClock();
}

export function showProgress(day) {
  told += 1;
  state.lived = day;
  if (!day) return;
  $("demo").hidden = false;
  clockProblem("");
  $("clock-now").textContent = `A year of the trial is being lived: ${month(day)}`;
  $("clock-next").textContent = "Then the chats of that year are here, and the clock can be moved.";
  for (const button of buttons()) button.disabled = true;
}

function buttons() {
  return [...MOVES.map((how) => $(`move-${how}`)), $("open-board"), $("start-tour")];
}

export const isReady = () => Boolean(state.demo) && !state.lived;
export const isMoving = () => moving !== null;

export async function loadClock() {
  if (!state.bot?.has_demo_clock || state.lived || moving) return;
  asking ??= askClock().finally(() => { asking = null; });
  await asking;
}

async function askClock() {
  $("demo").hidden = false;
  const isNew = !state.demo;
  const starting = setTimeout(() => { if (isNew && !state.lived) showStarting(); }, SOON_MS);
  try {
    const seen = await call(`/demo-clock?timeout=${isNew ? STARTS_WITHIN_S : 0}`);
    if (!moving) showClock(seen);
  } catch (error) {
    clockProblem(error.message);
  }
  clearTimeout(starting);
}

function showStarting() {
  $("clock-now").textContent = "Sitebell is starting";
  $("clock-next").textContent = "";
}

function showClock(moment) {
  state.demo = moment;
  state.demoFetched = performance.now();
  clockProblem("");
  tickClock();
}

function clockProblem(text) {
  $("clock-problem").textContent = text;
  $("clock-problem").hidden = !text;
}

// `how`: one of MOVES.
export async function moveClock(how) {
  if (moving) return;
  moving = how;
  const before = state.demo?.now;
  beginMeanwhile();
  showBusy();
  tickClock();
  const looking = setInterval(look, LOOK_EVERY_MS);
  try {
    showClock(await call(`/demo-clock/${how}`, {}));
    if (state.demo.now === before) clockProblem("Nothing is due any more.");
    moved += 1;
  } catch (error) {
    clockProblem(error.message);
  }
  clearInterval(looking);
  moving = null;
  showBusy();
  tickClock();
}

// While it moves, the time that the demo has come to.
async function look() {
  const seen = await call("/demo-clock").catch(() => null); // the move itself tells what went wrong
  if (!seen || !moving) return;
  state.demo = seen;
  state.demoFetched = performance.now();
  tickClock();
}

function showBusy() {
  $("clock-busy").hidden = !moving;
  $("clock").setAttribute("aria-busy", String(isMoving()));
  for (const how of MOVES) $(`move-${how}`).classList.toggle("moving", how === moving);
}

export function tickClock() {
  if (!isReady()) return;
  $("clock-now").textContent = moment(nowMs());
  $("clock-next").textContent = moving ? "Whatever falls due on the way is sent now." : coming();
  // A button that is busy keeps the focus: what is disabled would lose it.
  for (const how of MOVES) $(`move-${how}`).setAttribute("aria-disabled", String(isMoving() || (how === "next" && !state.demo.next)));
  for (const button of buttons()) button.disabled = false;
}

function coming() {
  const next = state.demo.next ? moment(Date.parse(state.demo.next)) : "";
  return next ? `Next: ${[next, state.demo.what].filter(Boolean).join(" · ")}` : state.demo.what || "Nothing further is due.";
}

// A tab is opened at once, while the press still counts as one; where it leads is known a moment later.
export async function openBoard() {
  const tab = window.open("", "_blank");
  try {
    const { url } = await call("/board-link", {});
    clockProblem("");
    if (!tab) { location.assign(url); return; }
    tab.opener = null;
    tab.location.href = url;
  } catch (error) {
    tab?.close();
    clockProblem(error.message);
  }
}
