// The chat itself: bubbles, keyboards, quotes, and what one can do with a message.
import { $, act, call, element, say, state, toast } from "./common.js";
import { editMessage, replyTo } from "./compose.js";
import { openMenu, showAlert } from "./menus.js";
import { clockTime, dayName, dayOf, locale } from "./times.js";
import { THING_ICONS } from "./words.js";

const ANSWER_WAIT_MS = 15000;

export function showMessages() {
  const list = [];
  const seen = new Set();
  let day = null;
  for (const message of state.messages) {
    const instant = new Date(message.shown_at);
    const thisDay = dayOf(instant, state.person);
    if (thisDay !== day) {
      day = thisDay;
      list.push(kept(`day ${message.message_id}`, dayName(instant, state.person), () => element("li", { className: "day", textContent: dayName(instant, state.person) }), seen));
    }
    const replied = state.messages.find((other) => other.message_id === message.reply_to);
    list.push(kept(`message ${message.message_id}`, JSON.stringify([message, replied?.text, replied?.deleted, state.waiting.get(message.message_id)]), () => messageElement(message, replied), seen));
  }
  for (const key of [...state.shown.keys()]) if (!seen.has(key)) state.shown.delete(key);
  const old = $("messages").children;
  // Only what changed is touched, so that focus and the screen reader's place survive.
  list.forEach((item, place) => { if (old[place] !== item) $("messages").insertBefore(item, old[place] ?? null); });
  while ($("messages").children.length > list.length) $("messages").lastChild.remove();
  $("about").hidden = list.length > 0 || state.chat !== state.person.id;
}

function kept(key, content, make, seen) {
  seen.add(key);
  const before = state.shown.get(key);
  if (before?.content === content) return before.item;
  const item = make();
  if (before) before.item.replaceWith(item);
  state.shown.set(key, { content, item });
  return item;
}

function messageElement(message, replied) {
  const mine = message.sender_id === state.person.id;
  const item = element("li", { className: ["message", mine && "mine", message.keyboard.length && "has-keys", message.deleted && "gone"].filter(Boolean).join(" ") });
  item.dataset.message = message.message_id;
  if (message.deleted) {
    item.append(element("div", { className: "bubble", textContent: say("gone") }));
    return item;
  }
  const time = element("time", { dateTime: message.shown_at, textContent: clockTime(new Date(message.shown_at), state.person) });
  const ticks = mine ? element("span", { textContent: message.taken ? "✓✓" : "✓", role: "img", ariaLabel: say(message.taken ? "read" : "sent"), title: say(message.taken ? "read" : "sent") }) : null;
  const bubble = element("div", { className: "bubble" },
    state.chat !== state.person.id && !mine ? element("div", { className: "sender", textContent: message.sender_name }) : null,
    message.forwarded ? element("div", { className: "forwarded", textContent: say("forwarded") }) : null,
    replied ? quote(replied) : null,
    thing(message),
    element("div", { className: "words", dir: "auto" }, ...styled(message.text ?? "", message.entities)),
    element("div", { className: "meta" }, message.edited ? element("span", { textContent: say("edited") }) : null, time, ticks));
  item.append(bubble);
  if (message.keyboard.length) item.append(keyboard(message));
  const more = element("button", { className: "act plain", type: "button", ariaLabel: say("more"), textContent: "⋮", ariaHasPopup: "menu" });
  more.addEventListener("click", () => openMenu("at-message", messageActions(message, mine), more));
  bubble.append(more);
  return item;
}

function quote(replied) {
  const text = replied.deleted ? say("gone") : (replied.text ?? "").split("\n").find((line) => line.trim()) ?? "…";
  const button = element("button", { className: "quote", type: "button", textContent: text });
  button.addEventListener("click", () => {
    const target = document.querySelector(`[data-message="${replied.message_id}"]`);
    target?.scrollIntoView({ block: "center", behavior: "smooth" });
    target?.classList.add("flash");
    setTimeout(() => target?.classList.remove("flash"), 1300);
  });
  return button;
}

function thing(message) {
  const kind = Object.keys(message.media ?? {})[0];
  if (!kind) return null;
  const described = [message.media[kind]].flat().at(-1);
  const size = described.file_size ? new Intl.NumberFormat(locale(state.person), { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }).format(described.file_size / 1000) : "";
  const detail = described.file_name ?? described.first_name ?? (described.duration ? `0:${String(described.duration).padStart(2, "0")}` : "");
  return element("div", { className: "thing" },
    element("span", { className: "thing-icon", ariaHidden: "true", textContent: described.emoji ?? THING_ICONS[kind] }),
    element("span", {}, say(kind), element("small", { textContent: [detail, size].filter(Boolean).join(" · ") })));
}

// Telegram counts entity offsets in UTF-16 units, as JavaScript does.
function styled(text, entities) {
  const edges = new Set([0, text.length]);
  for (const entity of entities) edges.add(entity.offset).add(entity.offset + entity.length);
  const cuts = [...edges].filter((edge) => edge <= text.length).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, place) => {
    let node = document.createTextNode(text.slice(from, cuts[place + 1]));
    for (const entity of entities) {
      if (entity.offset <= from && from < entity.offset + entity.length) node = wrapped(entity, node, text);
    }
    return node;
  });
}

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };
function wrapped(entity, node, text) {
  if (TAGS[entity.type]) return element(TAGS[entity.type], {}, node);
  if (entity.type === "spoiler") return element("span", { className: "spoiler", tabIndex: 0 }, node);
  if (entity.type === "bot_command") return element("span", { className: "command" }, node);
  const address = entity.url ?? (entity.type === "url" ? text.slice(entity.offset, entity.offset + entity.length) : "");
  return /^https?:\/\//.test(address) ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

function keyboard(message) {
  const rows = message.keyboard.map((buttons, row) => element("div", { className: "keys-row" }, ...buttons.map((button, column) => {
    if (button.url !== undefined && /^https?:\/\//.test(button.url)) {
      return element("a", { className: "key away", href: button.url, target: "_blank", rel: "noopener noreferrer", textContent: button.text, title: button.url });
    }
    const key = element("button", { className: "key", type: "button", textContent: button.text, title: button.text });
    const place = `${row}/${column}`;
    key.setAttribute("aria-busy", String(state.waiting.get(message.message_id)?.place === place));
    key.addEventListener("click", () => (button.copy_text ? copy(button.copy_text.text) : press(message, row, column, place)));
    return key;
  })));
  return element("div", { className: "keys" }, ...rows);
}

async function press(message, row, column, place) {
  const waiting = { place, query: null };
  state.waiting.set(message.message_id, waiting);
  showMessages();
  const pressed = await act("press", { message_id: message.message_id, chat: message.chat_id, row, column });
  if (!pressed) { answered(message.message_id, waiting); return; }
  waiting.query = pressed.callback_query_id;
  setTimeout(() => answered(message.message_id, waiting), ANSWER_WAIT_MS);
  const answer = await call(`/presses/${pressed.callback_query_id}?timeout=${ANSWER_WAIT_MS / 1000}`).catch(() => null);
  answered(message.message_id, waiting);
  if (!answer?.answered || !answer.text) return;
  if (answer.show_alert) showAlert(answer.text); else toast(answer.text);
}

function answered(messageId, waiting) {
  if (state.waiting.get(messageId) !== waiting) return;
  state.waiting.delete(messageId);
  showMessages();
}

async function copy(text) {
  await navigator.clipboard.writeText(text).catch(() => {});
  toast(say("copied"));
}

function messageActions(message, mine) {
  const actions = [[say("reply"), "↩", () => replyTo(message)]];
  if (mine && !message.media) actions.push([say("edit"), "✎", () => editMessage(message)]);
  if (!message.protected) actions.push([say("forward"), "➦", () => openForward(message)]);
  if (mine) actions.push([say("remove"), "✕", () => act("delete", { message_id: message.message_id, chat: message.chat_id })]);
  return actions;
}

function openForward(message) {
  const dialog = $("forward");
  dialog.lang = $("phone").lang;
  dialog.querySelector("h2").textContent = say("forwardTo");
  dialog.querySelector("label span").textContent = say("keepButtons");
  dialog.querySelector("form button").textContent = say("cancel");
  dialog.querySelector("label").hidden = message.keyboard.length === 0;
  dialog.querySelector("ul").replaceChildren(...state.people.map((person) => {
    const button = element("button", { type: "button", textContent: person.first_name });
    button.addEventListener("click", async () => {
      dialog.close();
      await act("forward", { message_id: message.message_id, chat: message.chat_id, to_chat: person.id, with_buttons: $("with-buttons").checked });
    });
    return element("li", {}, button);
  }));
  dialog.showModal();
}

// Whoever reads at the end stays there when something arrives, or when a late font makes the text taller.
export function followEnd() {
  const transcript = $("transcript");
  if (state.followsEnd) transcript.scrollTop = transcript.scrollHeight;
  $("to-end").hidden = state.followsEnd;
}

export function scrolled() {
  const transcript = $("transcript");
  state.followsEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 60;
  $("to-end").hidden = state.followsEnd;
}
