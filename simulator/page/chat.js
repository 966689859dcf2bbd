// Whose phone is open, and what stands in its chat.
import { $, act, call, element, fullName, isNarrow, isPhoneShown, language, say, state } from "./common.js";
import { showCompose } from "./compose.js";
import { closeMenu } from "./menus.js";
import { fetchPeople, firstPerson, personRow, showPeople } from "./people.js";
import { city, dayName, languageName, clockTime, nowMs } from "./times.js";
import { followEnd, goToUnread, showMessages } from "./transcript.js";
import { WORDS } from "./words.js";

const WINDOW = 60;
const MORE = 150;
const MOST = 1000; // what the simulator hands over at once

let wasHidden = false;
let growing = null;

export async function loadPeople() {
  await fetchPeople();
  const wanted = state.person?.id ?? Number(new URLSearchParams(location.search).get("person"));
  const found = state.people.find((person) => person.id === wanted) ?? firstPerson();
  const isOther = found?.id !== state.person?.id;
  state.person = found;
  showAbout(); // an invitation may have come since
  showPeople();
  if (isOther && !isNarrow()) personRow(found?.id)?.scrollIntoView({ block: "nearest" });
  if (isOther || !found) await openPhone();
}

export let choices = 0; // how often somebody's phone was asked for

// Nobody chose the phone that is open: let it be chosen anew.
export function forgetPerson() {
  if (choices) return;
  const address = new URL(location.href);
  address.searchParams.delete("person");
  history.replaceState(history.state, "", address);
  state.person = null;
}

export async function choose(id) {
  choices += 1;
  state.person = state.people.find((person) => person.id === id);
  showPhone();
  showPeople();
  await openPhone();
  // The row that was pressed is gone from a narrow screen; whoever goes on by keyboard is in the chat.
  if (isNarrow()) $("transcript").focus({ preventScroll: true }); else personRow(id)?.scrollIntoView({ block: "nearest" });
}

// On a narrow screen the phone covers the list, and the browser's own way back leads to it.
export function showPhone() {
  if (document.body.classList.contains("in-chat")) return;
  document.body.classList.add("in-chat");
  if (isNarrow()) history.pushState({ phone: true }, "");
}

export async function showList() {
  if (!history.state?.phone) { leavePhone(); return; }
  const isThere = new Promise((resume) => { window.addEventListener("popstate", resume, { once: true }); });
  history.back();
  await isThere;
}

export function leavePhone() {
  document.body.classList.remove("in-chat");
  if (state.person) personRow(state.person.id)?.focus();
}

async function openPhone() {
  state.chat = state.person?.id ?? null;
  $("text").value = "";
  openChat();
  const address = new URL(location.href);
  address.searchParams.delete("start");
  if (state.person) address.searchParams.set("person", state.person.id);
  history.replaceState(history.state, "", address);
  $("phone").lang = WORDS[language()] ? language() : "en";
  tickPhone();
  await Promise.all([loadBot(), loadChats()]);
  await loadMessages();
}

function openChat() {
  Object.assign(state, { isFresh: true, messages: [], window: WINDOW + (state.person?.unread ?? 0), unreadFrom: null, seen: 0, replyTo: null, editing: null, payload: null });
  $("messages").replaceChildren();
  closeMenu();
}

export async function switchChat(id) {
  state.chat = id;
  openChat();
  await loadMessages();
}

export async function loadBot() {
  const person = state.person;
  state.bot = await call(`/bot?language=${encodeURIComponent(person?.language_code ?? "en")}&person=${person?.id ?? 0}`);
  $("bot-name").textContent = state.bot.name;
  $("bot-state").textContent = say("bot");
  $("owner").textContent = person ? fullName(person) : "";
  $("text").placeholder = say("message");
  $("text").setAttribute("aria-label", say("message"));
  $("transcript").setAttribute("aria-label", say("chat"));
  for (const [id, word] of [["send", "send"], ["attach", "attach"], ["more", "more"], ["to-end", "toEnd"], ["context-cancel", "cancel"], ["chats", "chat"]]) {
    $(id).setAttribute("aria-label", say(word));
    $(id).title = say(word);
  }
  showAbout();
}

function showAbout() {
  if (!state.bot) return;
  const person = state.person;
  $("about").querySelector("h2").textContent = state.bot.description ? say("about") : state.bot.name;
  $("about").querySelector("p").textContent = state.lived ? say("waits") : state.bot.description || say("empty");
  $("letter").hidden = !person?.invitation || state.chat !== person.id;
  $("blocked").hidden = !person?.blocked || state.chat !== person.id;
  $("blocked").textContent = say("blocked");
  if ($("letter").hidden) return;
  $("letter").querySelector("h2").textContent = `✉ ${say("invitation")} · ${[fullName(person), person.place].filter(Boolean).join(" · ")}`;
  $("letter").querySelector("p").textContent = say("invited");
  $("letter-link").textContent = `${state.bot.link.replace("https://", "")}?start=${person.invitation}`;
  $("letter").querySelector("button").textContent = say("openInvitation");
}

export async function loadChats() {
  const chats = state.person ? await call(`/people/${state.person.id}/chats`) : [];
  $("chats").hidden = $("owner").hidden = chats.length < 2;
  $("owner").hidden = !$("chats").hidden;
  $("chats").replaceChildren(...chats.map((chat) => element("option", { value: chat.id, textContent: chat.title ?? state.bot?.name ?? "bot" })));
  $("chats").value = state.chat;
}

// One after the other: an answer that was asked for earlier and comes later would show less than there is.
let loading = Promise.resolve();
export function loadMessages() {
  const loaded = loading.then(readMessages);
  loading = loaded.catch(() => {}); // whoever asked is told; the next one asks anew
  return loaded;
}

async function readMessages() {
  const { person, chat } = state;
  if (!person) { showCompose(); return; }
  const messages = await call(`/people/${person.id}/messages?chat=${chat}&limit=${Math.min(state.window, MOST)}`);
  // By the id: who somebody is may have been read anew meanwhile.
  if (person.id !== state.person?.id || chat !== state.chat) return;
  const isOpening = state.isFresh;
  state.isFresh = false;
  const unread = messages.find((message) => message.unread);
  const isSeen = isPhoneShown() && document.visibilityState === "visible";
  if (isOpening) {
    state.followsEnd = true;
    state.seen = unread ? unread.message_id - 1 : messages.at(-1)?.message_id ?? 0;
  }
  // What comes while somebody reads at the end needs no line above it.
  if (unread && state.unreadFrom === null && (isOpening || wasHidden || !isSeen || !state.followsEnd)) state.unreadFrom = unread.message_id;
  state.messages = messages;
  showMessages();
  showCompose();
  showAbout();
  if (isOpening && isSeen) goToUnread();
  followEnd();
  wasHidden = !isSeen;
  const newest = messages.filter((message) => message.unread).at(-1);
  if (newest && isSeen) await act("read", { message_id: newest.message_id, chat: newest.chat_id });
}

// Further back into the past; whatever is looked at stays where it is. False: this was all of it.
export async function loadOlder() {
  if (growing) return growing;
  if (state.messages.length < state.window || state.window >= MOST) return false;
  growing = (async () => {
    const transcript = $("transcript");
    const fromEnd = transcript.scrollHeight - transcript.scrollTop;
    state.window = Math.min(state.window + MORE, MOST);
    await loadMessages();
    transcript.scrollTop = transcript.scrollHeight - fromEnd;
    return true;
  })();
  try { return await growing; } finally { growing = null; }
}

// The phone's own clock, where its owner is.
export function tickPhone() {
  const person = state.person;
  if (!person) return;
  $("phone-time").textContent = clockTime(nowMs(), person);
  $("phone-place").textContent = [dayName(nowMs(), person), person.place || city(person), languageName(person)].join(" · ");
}
