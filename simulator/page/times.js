// Times and places: what people see is the demo's time where there is a demo.
import { state } from "./common.js";

export function nowMs() {
  return state.demo ? Date.parse(state.demo.now) + (performance.now() - state.demoFetched) : Date.now();
}

export function locale(person) {
  if (person.language_code !== "en") return person.language_code;
  return person.time_zone.startsWith("America/") ? "en-US" : "en-GB";
}

// Making a formatter is slow, and a list of people asks for the same few each second.
const formats = new Map();
function format(code, options) {
  const key = JSON.stringify([code, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(code, options));
  return formats.get(key);
}

export function clockTime(instant, person) {
  const hour = locale(person) === "en-US" ? "numeric" : "2-digit";
  return format(locale(person), { hour, minute: "2-digit", timeZone: person.time_zone }).format(instant);
}

export function dayOf(instant, person) {
  return format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: person.time_zone }).format(instant);
}

export function dayName(instant, person) {
  const year = isThisYear(instant, person) ? undefined : "numeric";
  const weekday = ["ja", "zh", "ko"].includes(person.language_code.split("-")[0]) ? "short" : "long";
  return format(locale(person), { weekday, day: "numeric", month: "long", year, timeZone: person.time_zone }).format(instant);
}

function isThisYear(instant, person) {
  return dayOf(instant, person).slice(0, 4) === dayOf(nowMs(), person).slice(0, 4);
}

// When somebody's last message was, as short as a list of chats has it: a time today, else a day.
export function lastAt(person) {
  if (!person.last_shown_at) return "";
  const instant = new Date(person.last_shown_at);
  if (dayOf(instant, person) === dayOf(nowMs(), person)) return clockTime(instant, person);
  const year = isThisYear(instant, person) ? undefined : "numeric";
  return format("en-GB", { day: "numeric", month: "short", year, timeZone: person.time_zone }).format(instant);
}

export function city(person) {
  return person.time_zone.split("/").at(-1).replaceAll("_", " ");
}

const LANGUAGES = new Intl.DisplayNames("en", { type: "language" });
export function languageName(person) {
  return LANGUAGES.of(person.language_code);
}

export function moment(instant) {
  const person = state.person ?? { language_code: "en", time_zone: "UTC" };
  const shown = format("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: person.time_zone }).format(instant);
  return `${shown} ${city(person)}`;
}

// Of a date without a time: "March 2026".
export function month(day) {
  return format("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(day));
}
