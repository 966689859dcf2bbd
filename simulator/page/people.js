// Whose phone it is: the list of people, and the chat of the one chosen.
import { $, act, call, element, language, say, state } from "./common.js";
import { showCompose } from "./compose.js";
import { closeMenu, closeSide } from "./menus.js";
import { city, clockTime, languageName, nowMs } from "./times.js";
import { followEnd, showMessages } from "./transcript.js";
import { WORDS } from "./words.js";

export async function loadPeople() {
  state.people = await call("/people");
  const wanted = state.person?.id ?? Number(new URLSearchParams(location.search).get("person"));
  const found = state.people.find((person) => person.id === wanted) ?? state.people[0] ?? null;
  const isOther = found?.id !== state.person?.id;
  state.person = found;
  showAbout(); // an invitation may have come since
  showPeople();
  if (isOther || !found) await openPhone();
}

let shownPeople = "";
export function showPeople() {
  // Called every second for the clocks: nothing is touched while nothing changed, and focus stays where it was.
  const now = JSON.stringify([state.person?.id, state.people.map((person) => [person, clockTime(nowMs(), person)])]);
  if (now === shownPeople) return;
  shownPeople = now;
  const focused = $("people").contains(document.activeElement) ? document.activeElement.dataset.person : null;
  $("nobody").hidden = state.people.length > 0;
  $("people").replaceChildren(...state.people.map((person) => {
    const badge = person.invitation ? element("span", { className: "badge", textContent: "✉", title: "invited" }) : person.unread ? element("span", { className: "badge", textContent: person.unread, title: "unread" }) : null;
    const name = [person.first_name, person.last_name].filter(Boolean).join(" ");
    const button = element("button", { type: "button" },
      element("span", { className: `face face-${person.id % 5}`, ariaHidden: "true", textContent: [...person.first_name][0] }),
      element("span", { className: "about-person" },
        element("strong", { textContent: name }),
        element("span", { textContent: person.note }),
        element("span", { textContent: `${languageName(person)} · ${city(person)}` })),
      element("span", { className: "at-person" }, element("span", { textContent: clockTime(nowMs(), person), title: person.time_zone }), badge));
    button.dataset.person = person.id;
    button.setAttribute("aria-current", String(person.id === state.person?.id));
    button.addEventListener("click", () => choose(person.id));
    return element("li", {}, button);
  }));
  if (focused) focusPerson(focused);
}

function focusPerson(id) {
  document.querySelector(`#people [data-person="${id}"]`)?.focus({ preventScroll: true });
}

export async function choose(id) {
  closeSide();
  state.person = state.people.find((person) => person.id === id);
  showPeople();
  await openPhone();
  focusPerson(id);
}

async function openPhone() {
  state.chat = state.person?.id ?? null;
  state.messages = [];
  state.shown.clear();
  state.replyTo = state.editing = null;
  $("messages").replaceChildren();
  $("text").value = "";
  closeMenu();
  const address = new URL(location.href);
  address.searchParams.delete("start");
  if (state.person) address.searchParams.set("person", state.person.id);
  history.replaceState(null, "", address);
  $("phone").lang = WORDS[language()] ? language() : "en";
  await Promise.all([loadBot(), loadChats()]);
  await loadMessages();
}

export async function loadBot() {
  const person = state.person;
  state.bot = await call(`/bot?language=${encodeURIComponent(person?.language_code ?? "en")}&person=${person?.id ?? 0}`);
  $("bot-name").textContent = state.bot.name;
  $("bot-state").textContent = say("bot");
  $("owner").textContent = person?.first_name ?? "";
  $("text").placeholder = say("message");
  $("text").setAttribute("aria-label", say("message"));
  for (const [id, word] of [["send", "send"], ["attach", "attach"], ["more", "more"], ["to-end", "toEnd"], ["context-cancel", "cancel"], ["chats", "chat"]]) {
    $(id).setAttribute("aria-label", say(word));
    $(id).title = say(word);
  }
  showAbout();
}

function showAbout() {
  if (!state.bot) return;
  $("about").querySelector("h2").textContent = state.bot.description ? say("about") : state.bot.name;
  $("about").querySelector("p").textContent = state.person?.invitation ? say("invited") : state.bot.description || say("empty");
}

export async function loadChats() {
  const chats = state.person ? await call(`/people/${state.person.id}/chats`) : [];
  $("chats").hidden = $("owner").hidden = chats.length < 2;
  $("owner").hidden = !$("chats").hidden;
  $("chats").replaceChildren(...chats.map((chat) => element("option", { value: chat.id, textContent: chat.title ?? state.bot?.name ?? "bot" })));
  $("chats").value = state.chat;
}

export async function loadMessages() {
  const person = state.person;
  if (!person) { showCompose(); return; }
  const messages = await call(`/people/${person.id}/messages?chat=${state.chat}`);
  if (person !== state.person) return;
  if (state.messages.length === 0) state.followsEnd = true;
  state.messages = messages;
  showMessages();
  showCompose();
  followEnd();
  const newest = messages.filter((message) => message.unread).at(-1);
  if (newest && document.visibilityState === "visible") await act("read", { message_id: newest.message_id, chat: newest.chat_id });
}
