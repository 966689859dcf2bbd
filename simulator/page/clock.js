// The demo's clock, as the service tells it, and the button that moves it on.
import { $, call, state } from "./common.js";
import { moment, nowMs } from "./times.js";

export async function loadClock() {
  if (!state.bot?.has_demo_clock) return;
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

export async function moveClock() {
  const button = $("clock-move");
  button.disabled = true;
  $("clock-busy").hidden = false;
  const before = state.demo?.now;
  try {
    showClock(await call("/demo-clock/next", {}));
    if (state.demo.now === before) clockProblem("Nothing is due any more.");
  } catch (error) {
    clockProblem(error.message);
  }
  button.disabled = false;
  $("clock-busy").hidden = true;
  button.focus();
}

export function tickClock() {
  if (!state.demo) return;
  $("clock-now").textContent = moment(nowMs());
  const next = state.demo.next ? moment(Date.parse(state.demo.next)) : "";
  $("clock-next").textContent = next ? `Next: ${[next, state.demo.what].filter(Boolean).join(" · ")}` : state.demo.what || "Nothing further is due.";
  $("clock-move").disabled = !state.demo.next || !$("clock-busy").hidden;
}
