// A short tour: a panel beside the page that points at the real thing, one step after the other. Offered once.
import { $, element, toast } from "./common.js";
import { isReady } from "./clock.js";
import { cast, steps } from "./tour-steps.js";

const KEY = "sitebell-tour";
const LOOK_EVERY_MS = 200;
const RING_PX = 4;

const tour = { steps: [], place: -1, isDone: false, isOffer: false, isWorking: false, timer: 0 };

export const isTourOpen = () => !$("tour").hidden;

// Where a browser keeps nothing, nobody is asked at every visit either.
function wasOffered() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export function offerTour() {
  if (!isReady() || isTourOpen() || wasOffered()) return;
  localStorage.setItem(KEY, "offered");
  tour.isOffer = true;
  show({
    place: "New here?",
    title: "See what Sitebell does, in two minutes",
    text: ["What a coordinator, an investigator and a trial manager get, on this page and on the board."],
    back: "Not now",
    next: "Start the tour",
  });
}

export async function startTour() {
  if (tour.isWorking || tour.steps.length) return;
  tour.isWorking = true;
  const found = await cast().finally(() => { tour.isWorking = false; });
  if (!found) {
    endTour();
    toast("The tour needs somebody with a card to answer. Move the clock on, then try again.");
    return;
  }
  tour.isOffer = false;
  tour.steps = steps(found);
  tour.timer = setInterval(look, LOOK_EVERY_MS);
  await go(0);
  $("tour").focus({ preventScroll: true });
  requestAnimationFrame(point);
}

export function endTour() {
  const hadFocus = $("tour").contains(document.activeElement);
  clearInterval(tour.timer);
  Object.assign(tour, { steps: [], place: -1, isOffer: false });
  $("tour").hidden = $("pointer").hidden = true;
  if (hadFocus) $("start-tour").focus();
}

export async function tourNext() {
  if (tour.isOffer) { await startTour(); return; }
  const step = tour.steps[tour.place];
  if (!step || tour.isWorking) return;
  if (step.next && !tour.isDone) {
    await working(step.next);
    look();
    if (tour.isDone || tour.steps[tour.place] !== step) return;
  }
  await go(tour.place + 1);
}

export async function tourBack() {
  if (tour.isOffer) endTour(); else await go(tour.place - 1);
}

// One thing at a time: what a press begins is over before the next one counts.
async function working(what) {
  tour.isWorking = true;
  $("tour").setAttribute("aria-busy", "true");
  try {
    await what();
  } finally {
    tour.isWorking = false;
    $("tour").removeAttribute("aria-busy");
  }
}

async function go(place) {
  const step = tour.steps[place];
  if (!step) { endTour(); return; }
  tour.place = place;
  tour.isDone = false;
  showStep();
  await working(async () => step.enter?.());
}

function showStep() {
  const step = tour.steps[tour.place];
  const isLast = tour.place === tour.steps.length - 1;
  show({
    place: `Step ${tour.place + 1} of ${tour.steps.length}`,
    title: (tour.isDone && step.titleAfter) || step.title,
    text: tour.isDone ? step.after : typeof step.text === "function" ? step.text() : step.text,
    back: tour.place ? "Back" : "",
    next: (!tour.isDone && step.nextLabel) || (isLast ? "Done" : "Next"),
  });
}

function show({ place, title, text, back, next }) {
  $("tour").hidden = false;
  $("tour-place").textContent = place;
  $("tour-title").textContent = title;
  $("tour-text").replaceChildren(...text.map((paragraph) => element("p", { textContent: paragraph })));
  $("tour-back").textContent = back;
  $("tour-back").hidden = !back;
  $("tour-next").textContent = next;
}

// Whether the visitor did what the step asks for.
function look() {
  const step = tour.steps[tour.place];
  if (!step || tour.isDone || !step.done?.() || (tour.isWorking && !step.after)) return;
  if (!step.after) { go(tour.place + 1); return; }
  tour.isDone = true;
  showStep();
  step.enterAfter?.();
}

// The ring follows what it points at, through scrolling and changes, as far as that is in sight.
function point() {
  if (!tour.steps.length) return;
  const step = tour.steps[tour.place];
  const target = (tour.isDone && step.targetAfter ? step.targetAfter : step.target)();
  const seen = target?.checkVisibility() ? visiblePart(target) : null;
  $("pointer").hidden = !seen;
  if (seen) {
    const { style } = $("pointer");
    style.left = `${seen.left - RING_PX}px`;
    style.top = `${seen.top - RING_PX}px`;
    style.width = `${seen.right - seen.left + 2 * RING_PX}px`;
    style.height = `${seen.bottom - seen.top + 2 * RING_PX}px`;
  }
  requestAnimationFrame(point);
}

function visiblePart(target) {
  const { left, top, right, bottom } = target.getBoundingClientRect();
  const part = { left, top, right, bottom };
  for (let around = target.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflowY === "visible") continue;
    const edge = around.getBoundingClientRect();
    part.top = Math.max(part.top, edge.top);
    part.bottom = Math.min(part.bottom, edge.bottom);
    part.left = Math.max(part.left, edge.left);
    part.right = Math.min(part.right, edge.right);
  }
  return part.bottom - part.top > 8 && part.right - part.left > 8 ? part : null;
}
