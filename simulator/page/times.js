// Times and places: what people see is the demo's time where there is a demo.
import { state } from "./common.js";

export function nowMs() {
  return state.demo ? Date.parse(state.demo.now) + (performance.now() - state.demoFetched) : Date.now();
}

export function locale(person) {
  if (person.language_code !== "en") return person.language_code;
  return person.time_zone.startsWith("America/") ? "en-US" : "en-GB";
}

export function clockTime(instant, person) {
  const hour = locale(person) === "en-US" ? "numeric" : "2-digit";
  return new Intl.DateTimeFormat(locale(person), { hour, minute: "2-digit", timeZone: person.time_zone }).format(instant);
}

export function dayOf(instant, person) {
  return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: person.time_zone }).format(instant);
}

export function dayName(instant, person) {
  const day = dayOf(instant, person);
  const year = day.slice(0, 4) === dayOf(nowMs(), person).slice(0, 4) ? undefined : "numeric";
  const weekday = ["ja", "zh", "ko"].includes(person.language_code.split("-")[0]) ? "short" : "long";
  return new Intl.DateTimeFormat(locale(person), { weekday, day: "numeric", month: "long", year, timeZone: person.time_zone }).format(instant);
}

export function city(person) {
  return person.time_zone.split("/").at(-1).replaceAll("_", " ");
}

export function languageName(person) {
  return new Intl.DisplayNames("en", { type: "language" }).of(person.language_code);
}

export function moment(instant) {
  const person = state.person ?? { language_code: "en", time_zone: "UTC" };
  const shown = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: person.time_zone }).format(instant);
  return `${shown} ${city(person)}`;
}

// Of a date without a time: "March 2026".
export function month(day) {
  return new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(day));
}
