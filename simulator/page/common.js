// What every part of the page shares: the state, the server's API, and small ways to build elements.
import { WORDS } from "./words.js";

export const API = "/phone/api";
const TOAST_MS = 4000;
const NARROW = matchMedia("(max-width: 760px)");

export const state = {
  bot: null, people: [], person: null,
  // The open chat: how many of its messages are asked for, where the line of the unread stands, up to where they were seen.
  chat: null, isFresh: true, messages: [], window: 0, unreadFrom: null, seen: 0, followsEnd: true, waiting: new Map(),
  payload: null, replyTo: null, editing: null, forceReplyDone: 0, typingUntil: 0,
  // `lived`: the day of the demo's past that is being lived before there is a clock; null when it is done.
  demo: null, demoFetched: 0, lived: null,
};
export const $ = (id) => document.getElementById(id);
export const language = () => (state.person?.language_code ?? "en").split("-")[0];
export const say = (word) => (WORDS[language()] ?? WORDS.en)[word];
export const isNarrow = () => NARROW.matches;
export const fullName = (person) => [person.first_name, person.last_name].filter(Boolean).join(" ");

// A narrow screen shows the list or a phone; a broad one both.
export const isPhoneShown = () => !isNarrow() || document.body.classList.contains("in-chat");

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in made) made[name] = value; else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(API + path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(reason(answer.detail) ?? `The simulator answered ${response.status}.`);
  return answer;
}

// A sentence, or a list of fields that are wrong.
function reason(detail) {
  if (Array.isArray(detail)) return detail.map((problem) => `${problem.loc.at(-1)}: ${problem.msg}`).join("; ");
  return detail;
}

export async function act(action, body = {}) {
  try {
    return await call(`/people/${state.person.id}/${action}`, body);
  } catch (error) {
    toast(error.message);
    return null;
  }
}

let toastTimer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $("toast").classList.remove("shown"), TOAST_MS);
}
