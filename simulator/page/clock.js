// The demo's clock, as the service tells it, and the buttons that move it on.
import { $, call, state } from "./common.js";
import { moment, month, nowMs } from "./times.js";

export const MOVES = ["next", "day", "week"];

// The day of the demo's past that is being lived before there is a clock; null when it is done.
let lived = null;

export async function loadProgress() {
  const before = lived;
  showProgress((await call("/progress")).day);
  if (before && !lived) await loadClock();
}

export function showProgress(day) {
  lived = day;
  if (!lived) return;
  $("clock").hidden = false;
  clockProblem("");
  $("clock-now").textContent = `A year of the trial is being lived: ${month(lived)}`;
  $("clock-next").textContent = "Then the chats of that year are here, and the clock can be moved.";
  for (const how of MOVES) $(`move-${how}`).disabled = true;
}

export async function loadClock() {
  if (!state.bot?.has_demo_clock || lived) return;
  $("clock").hidden = false;
  try {
    showClock(await call("/demo-clock"));
  } catch (error) {
    clockProblem(error.message);
  }
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
  const pressed = $(`move-${how}`);
  for (const one of MOVES) $(`move-${one}`).disabled = true;
  $("clock-busy").hidden = false;
  const before = state.demo?.now;
  try {
    showClock(await call(`/demo-clock/${how}`, {}));
    if (state.demo.now === before) clockProblem("Nothing is due any more.");
  } catch (error) {
    clockProblem(error.message);
  }
  $("clock-busy").hidden = true;
  tickClock();
  pressed.focus();
}

export function tickClock() {
  if (!state.demo || lived) return;
  $("clock-now").textContent = moment(nowMs());
  const next = state.demo.next ? moment(Date.parse(state.demo.next)) : "";
  $("clock-next").textContent = next ? `Next: ${[next, state.demo.what].filter(Boolean).join(" · ")}` : state.demo.what || "Nothing further is due.";
  $("move-next").disabled = !state.demo.next || !$("clock-busy").hidden;
  for (const how of ["day", "week"]) $(`move-${how}`).disabled = !$("clock-busy").hidden;
}
