// The chat as a whole: days, the line above what is unread, and where one is in it.
import { $, element, isPhoneShown, say, state } from "./common.js";
import { messageElement } from "./bubble.js";
import { dayName, dayOf } from "./times.js";

const AT_END_PX = 60;
const NEAR_START_PX = 200;
const NEAR_SCREENS = 3; // what is further away is jumped to
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

const shown = new Map(); // what stands there already, by what it is of

export function showMessages() {
  const list = [];
  const seen = new Set();
  const keep = (key, content, make) => list.push(kept(key, content, make, seen));
  let day = null;
  state.messages.forEach((message, place) => {
    const instant = new Date(message.shown_at);
    const thisDay = dayOf(instant, state.person);
    if (message.message_id === state.unreadFrom) {
      keep("unread", say("newMessages"), () => element("li", { className: "unread-line", textContent: say("newMessages") }));
    }
    if (thisDay !== day) {
      day = thisDay;
      const name = dayName(instant, state.person);
      keep(`day ${day}`, name, () => element("li", { className: "day", textContent: name }));
    }
    const isLast = endsRun(message, state.messages[place + 1], thisDay);
    const waiting = state.waiting.get(message.message_id);
    keep(`message ${message.message_id}`, JSON.stringify([message, waiting, isLast]), () => messageElement(message, { isLast, waiting }));
  });
  for (const key of [...shown.keys()]) if (!seen.has(key)) shown.delete(key);
  const old = $("messages").children;
  // Only what changed is touched, so that focus and the screen reader's place survive.
  list.forEach((item, place) => { if (old[place] !== item) $("messages").insertBefore(item, old[place] ?? null); });
  while ($("messages").children.length > list.length) $("messages").lastChild.remove();
  $("about").hidden = list.length > 0 || state.chat !== state.person.id || Boolean(state.person.invitation);
}

function kept(key, content, make, seen) {
  const owned = `${state.chat} ${key}`;
  seen.add(owned);
  const before = shown.get(owned);
  if (before?.content === content) return before.item;
  const item = make();
  if (before) replace(before.item, item);
  shown.set(owned, { content, item });
  return item;
}

// Whoever stands on a button of a message that changes stands on the same button afterwards.
function replace(before, after) {
  const places = (item) => [...item.querySelectorAll("button, a")];
  const focused = places(before).indexOf(document.activeElement);
  before.replaceWith(after);
  if (focused >= 0) places(after)[focused]?.focus({ preventScroll: true });
}

// The last of several from one sender carries the tail.
function endsRun(message, next, day) {
  return !next || next.sender_id !== message.sender_id || message.keyboard.length > 0 || dayOf(new Date(next.shown_at), state.person) !== day || next.message_id === state.unreadFrom;
}

// Whoever reads at the end stays there when something arrives, or when a late font makes the text taller.
export function followEnd() {
  const transcript = $("transcript");
  if (!isPhoneShown()) return;
  if (state.followsEnd) toEnd();
  showBelow(transcript);
}

export function toEnd() {
  $("transcript").scrollTop = $("transcript").scrollHeight;
}

// A chat opens where its unread messages begin.
export function goToUnread() {
  const line = $("messages").querySelector(".unread-line");
  const transcript = $("transcript");
  toEnd();
  if (!line) return;
  const above = line.getBoundingClientRect().top - transcript.getBoundingClientRect().top;
  if (above >= 0) return; // all of them are in sight
  transcript.scrollTop += above - 8;
  state.followsEnd = false;
  state.seen = state.unreadFrom - 1;
}

function showBelow(transcript) {
  const last = state.messages.at(-1);
  if (state.followsEnd && last) state.seen = last.message_id;
  const below = state.messages.filter((message) => message.message_id > state.seen && message.sender_id !== state.person?.id).length;
  $("below").textContent = below || "";
  $("to-end").hidden = state.followsEnd || transcript.scrollHeight <= transcript.clientHeight;
}

// True: near the beginning of what is there.
export function scrolled() {
  const transcript = $("transcript");
  state.followsEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < AT_END_PX;
  showBelow(transcript);
  return transcript.scrollTop < NEAR_START_PX;
}

export function messageItem(id) {
  return document.querySelector(`[data-message="${id}"]`);
}

export function showMessage(id) {
  const target = messageItem(id);
  if (!target) return false;
  const transcript = $("transcript");
  const isNear = Math.abs(target.getBoundingClientRect().top - transcript.getBoundingClientRect().top) < NEAR_SCREENS * transcript.clientHeight;
  state.followsEnd = false;
  target.scrollIntoView({ block: "center", behavior: isNear && !CALM.matches ? "smooth" : "auto" });
  target.classList.add("flash");
  setTimeout(() => target.classList.remove("flash"), 1300);
  return true;
}
