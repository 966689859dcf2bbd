// The list of people: by site, with what is new on their phones, and a way to find one.
import { $, call, element, fullName, state } from "./common.js";
import { city, clockTime, dayOf, languageName, lastAt, nowMs } from "./times.js";

const FEW = 5;
const sieve = { words: [], show: "all" };
let shownPeople = "";

export async function fetchPeople() {
  state.people = await call("/people");
}

// Whom to show first where nobody was asked for: who was told something last and has not read it. Whoever reads nothing at all
// stays as they are, until somebody looks for them.
export function firstPerson() {
  const told = state.people.filter((person) => person.unread && person.unread <= FEW && !person.blocked && person.last_shown_at);
  return told.sort((a, b) => Date.parse(b.last_shown_at) - Date.parse(a.last_shown_at))[0] ?? state.people[0] ?? null;
}

export function sift(written) {
  sieve.words = written.toLowerCase().split(/\s+/).filter(Boolean);
  showPeople();
}

export function sieveBy(show) {
  sieve.show = show;
  for (const button of $("sieve").children) button.setAttribute("aria-pressed", String(button.dataset.show === show));
  showPeople();
}

export function isSifted() {
  return sieve.words.length > 0 || sieve.show !== "all";
}

export function sifted() {
  const kinds = { all: () => true, unread: (person) => person.unread > 0, invited: (person) => Boolean(person.invitation) };
  return state.people.filter((person) => {
    const said = [fullName(person), person.place, person.note, person.language_code, languageName(person), city(person)].join(" ").toLowerCase();
    return kinds[sieve.show](person) && sieve.words.every((word) => said.includes(word));
  });
}

export function showPeople() {
  // Called every second for the clocks: nothing is touched while nothing changed, and focus stays where it was.
  const found = sifted();
  const now = JSON.stringify([state.person?.id, sieve, found.map((person) => [person, clockTime(nowMs(), person), dayOf(nowMs(), person)])]);
  if (now === shownPeople) return;
  shownPeople = now;
  const focused = $("people").contains(document.activeElement) ? document.activeElement.dataset.person : null;
  const places = new Map();
  for (const person of found) places.set(person.place, [...(places.get(person.place) ?? []), person]);
  $("nobody").textContent = nobody(found);
  $("people").replaceChildren(...[...places].map(([place, people]) => placeElement(place, people)));
  for (const [show, count] of [["unread", (person) => person.unread > 0], ["invited", (person) => person.invitation]]) {
    const several = state.people.filter(count).length;
    $("sieve").querySelector(`[data-show=${show}]`).textContent = `${show[0].toUpperCase()}${show.slice(1)}${several ? ` ${several}` : ""}`;
  }
  if (focused) personRow(focused)?.focus({ preventScroll: true });
}

function nobody(found) {
  if (!state.people.length) return "Nobody has a phone here yet. The demo adds its people when the service starts; or add one below.";
  return found.length ? "" : "Nobody here is like that.";
}

function placeElement(place, people) {
  const list = element("ul", {}, ...people.map((person) => element("li", {}, row(person))));
  if (!place) return element("section", {}, list);
  const heading = element("h2", {}, element("span", { textContent: place }), element("time", { textContent: clockTime(nowMs(), people[0]), title: people[0].time_zone }));
  return element("section", {}, heading, list);
}

function row(person) {
  const button = element("button", { type: "button", className: person.blocked || person.deactivated ? "away" : "" },
    element("span", { className: `face face-${person.id % 5}`, ariaHidden: "true", textContent: letter(person.first_name) }),
    element("span", { className: "about-person" },
      element("strong", { textContent: fullName(person) }),
      element("span", { className: "role", textContent: [person.note, languageName(person), person.place ? null : city(person)].filter(Boolean).join(" · ") }),
      element("span", { className: "last", dir: "auto", lang: person.language_code, textContent: lastWord(person) })),
    element("span", { className: "at-person" }, element("span", { textContent: person.place ? lastAt(person) : clockTime(nowMs(), person) }), badge(person)));
  button.dataset.person = person.id;
  button.setAttribute("aria-current", String(person.id === state.person?.id));
  return button;
}

// People of a demo differ in the last letter: "Coordinator A".
function letter(name) {
  return /\p{Lu}$/u.exec(name)?.[0] ?? [...name][0];
}

function lastWord(person) {
  const line = (person.last_text ?? "").split("\n").find((one) => one.trim()) ?? "";
  return person.last_is_own && line ? `› ${line}` : line;
}

function badge(person) {
  if (person.deactivated) return element("span", { className: "sign", textContent: "account deleted" });
  if (person.invitation) return element("span", { className: "badge invited", textContent: "✉ invited" });
  if (person.blocked) return element("span", { className: "sign", textContent: "⊘ blocked" });
  if (person.unread) return element("span", { className: "badge" }, String(person.unread), element("span", { className: "hidden", textContent: " unread" }));
  return null;
}

export function personRow(id) {
  return document.querySelector(`#people [data-person="${id}"]`);
}

// Up and down through the list, as in any list of chats.
export function stepThrough(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...$("people").querySelectorAll("button")];
  const place = rows.indexOf(document.activeElement);
  const next = rows[place < 0 ? 0 : place + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
