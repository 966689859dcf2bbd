// Who was told something since the clock was moved on; each line opens that chat.
import { $, element, fullName, state } from "./common.js";
import { lastAt } from "./times.js";

const NEW = new Set(["sendMessage", "sendPhoto", "sendDocument"]);
const CHANGED = new Set(["editMessageText", "editMessageCaption", "editMessageReplyMarkup"]);
const POINTS = 4;

let told = null; // per chat: how many came and changed, the last one's first line, all points of them; null until the clock was moved once
let shown = "";

export function beginMeanwhile() {
  told = new Map();
  showMeanwhile();
}

export function noteMeanwhile(line) {
  if (!told || !(NEW.has(line.what) || CHANGED.has(line.what))) return;
  const chat = told.get(line.chat_id) ?? { came: 0, changed: 0, first: "", points: [] };
  if (NEW.has(line.what)) {
    chat.came += 1;
    const lines = (line.text ?? "").split("\n").filter((one) => one.trim());
    chat.first = lines[0] ?? chat.first;
    chat.points.push(...lines.filter((one) => one.startsWith("• ")));
  } else {
    chat.changed += 1;
  }
  told.set(line.chat_id, chat);
}

export function toldPeople() {
  return told ? state.people.filter((person) => told.has(person.id)) : [];
}

export function showMeanwhile() {
  if (!told) return;
  const people = toldPeople();
  const now = JSON.stringify(people.map((person) => [person.id, told.get(person.id), lastAt(person)]));
  if (now === shown && people.length) return;
  shown = now;
  $("meanwhile-count").textContent = people.length ? `${people.length} ${people.length === 1 ? "person" : "people"}` : "";
  $("meanwhile-none").hidden = people.length > 0;
  $("meanwhile-none").textContent = "Nobody was told anything, so far.";
  $("meanwhile-list").replaceChildren(...people.map(line));
}

function line(person) {
  const { came, changed, first, points } = told.get(person.id);
  const counts = [came && `${came} new`, changed && `${changed} changed`].filter(Boolean).join(", ");
  const button = element("button", { type: "button" },
    element("span", { className: "who-when" }, element("strong", { textContent: fullName(person) }), element("span", { textContent: lastAt(person) })),
    element("span", { className: "soft", textContent: [person.place, counts].filter(Boolean).join(" · ") }),
    first ? element("span", { className: "words-told", lang: person.language_code, dir: "auto", textContent: first }) : null,
    ...points.slice(0, POINTS).map((point) => element("span", { className: "point", lang: person.language_code, dir: "auto", textContent: point })),
    points.length > POINTS ? element("span", { className: "point soft", textContent: `and ${points.length - POINTS} more` }) : null);
  button.dataset.person = person.id;
  return element("li", {}, button);
}
