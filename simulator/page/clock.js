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

// `how`: "next" or "week".
export async function moveClock(how) {
  const pressed = $(`move-${how}`);
  for (const button of [$("move-next"), $("move-week")]) button.disabled = true;
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
  if (!state.demo) return;
  $("clock-now").textContent = moment(nowMs());
  const next = state.demo.next ? moment(Date.parse(state.demo.next)) : "";
  $("clock-next").textContent = next ? `Next: ${[next, state.demo.what].filter(Boolean).join(" · ")}` : state.demo.what || "Nothing further is due.";
  $("move-next").disabled = !state.demo.next || !$("clock-busy").hidden;
  $("move-week").disabled = !$("clock-busy").hidden;
}
