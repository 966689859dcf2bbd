// One message: its bubble, its words, its buttons, and what one can do with it.
import { $, API, act, call, element, fullName, say, state, toast } from "./common.js";
import { loadOlder } from "./chat.js";
import { editMessage, replyTo } from "./compose.js";
import { openMenu, showAlert } from "./menus.js";
import { clockTime, locale } from "./times.js";
import { showMessage, showMessages } from "./transcript.js";
import { THING_ICONS } from "./words.js";
import { styled } from "./styled.js";

const ANSWER_WAIT_MS = 15000;
const SWIPE_PX = 56;

export function messageElement(message, { isLast, waiting }) {
  const mine = message.sender_id === state.person.id;
  const item = element("li", { className: ["message", mine && "mine", isLast && "last", message.keyboard.length && "has-keys", message.deleted && "gone"].filter(Boolean).join(" ") });
  item.dataset.message = message.message_id;
  if (message.deleted) {
    item.append(element("div", { className: "bubble", textContent: say("gone") }));
    return item;
  }
  const time = element("time", { dateTime: message.shown_at, textContent: clockTime(new Date(message.shown_at), state.person) });
  const ticks = mine ? element("span", { className: "ticks", textContent: message.taken ? "✓✓" : "✓", role: "img", ariaLabel: say(message.taken ? "read" : "sent"), title: say(message.taken ? "read" : "sent") }) : null;
  const bubble = element("div", { className: "bubble" },
    state.chat !== state.person.id && !mine ? element("div", { className: "sender", textContent: message.sender_name }) : null,
    message.forwarded ? element("div", { className: "forwarded", textContent: say("forwarded") }) : null,
    message.reply_to === null ? null : quote(message),
    thing(message),
    element("div", { className: "words", dir: "auto" }, ...styled(message)),
    element("div", { className: "meta" }, message.edited ? element("span", { textContent: say("edited") }) : null, time, ticks));
  item.append(bubble);
  if (message.keyboard.length) item.append(keyboard(message, waiting));
  const more = element("button", { className: "act plain", type: "button", ariaLabel: say("more"), textContent: "⋮", ariaHasPopup: "menu", ariaExpanded: "false" });
  const open = () => openMenu("at-message", messageActions(message, mine), more);
  more.addEventListener("click", open);
  bubble.append(more);
  bubble.addEventListener("contextmenu", (event) => { event.preventDefault(); open(); });
  bubble.addEventListener("dblclick", (event) => { if (!event.target.closest("a, button")) replyTo(message); });
  swipe(item, () => replyTo(message));
  return item;
}

function quote(message) {
  const text = message.reply_text === null ? say("gone") : message.reply_text.split("\n").find((line) => line.trim()) ?? "…";
  const button = element("button", { className: "quote", type: "button", dir: "auto", textContent: text });
  button.addEventListener("click", () => find(message.reply_to));
  return button;
}

// What is quoted may stand further back than what is loaded.
async function find(id) {
  while (!showMessage(id)) if (!await loadOlder()) return;
}

function thing(message) {
  const kind = Object.keys(message.media ?? {})[0];
  if (!kind) return null;
  const described = [message.media[kind]].flat().at(-1);
  // What the bot sent is kept; of what a person "sends" here there is only a description. Its caption says what it shows.
  if (kind === "photo" && message.sender_id !== state.person.id && described.width > 1) return element("img", { className: "picture", src: `${API}/pictures/${described.file_id}`, alt: say(kind), width: described.width, height: described.height, loading: "lazy" });
  const size = described.file_size ? new Intl.NumberFormat(locale(state.person), { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }).format(described.file_size / 1000) : "";
  const detail = described.file_name ?? described.first_name ?? (described.duration ? `0:${String(described.duration).padStart(2, "0")}` : "");
  return element("div", { className: "thing" },
    element("span", { className: "thing-icon", ariaHidden: "true", textContent: described.emoji ?? THING_ICONS[kind] }),
    element("span", {}, say(kind), element("small", { textContent: [detail, size].filter(Boolean).join(" · ") })));
}

function keyboard(message, waiting) {
  const rows = message.keyboard.map((buttons, row) => element("div", { className: "keys-row" }, ...buttons.map((button, column) => {
    if (button.url !== undefined && /^https?:\/\//.test(button.url)) {
      return element("a", { className: "key away", href: button.url, target: "_blank", rel: "noopener noreferrer", textContent: button.text, title: button.url });
    }
    const key = element("button", { className: "key", type: "button", textContent: button.text, title: button.text });
    const place = `${row}/${column}`;
    key.setAttribute("aria-busy", String(waiting?.place === place));
    key.addEventListener("click", () => (button.copy_text ? copy(button.copy_text.text) : press(message, row, column, place)));
    return key;
  })));
  return element("div", { className: "keys" }, ...rows);
}

async function press(message, row, column, place) {
  const waiting = { place };
  state.waiting.set(message.message_id, waiting);
  showMessages();
  const pressed = await act("press", { message_id: message.message_id, chat: message.chat_id, row, column });
  if (!pressed) { answered(message.message_id, waiting); return; }
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
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch (error) {
    toast(error.message);
  }
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
    const button = element("button", { type: "button" }, fullName(person), person.place ? element("span", { textContent: ` · ${person.place}` }) : null);
    button.addEventListener("click", async () => {
      dialog.close();
      await act("forward", { message_id: message.message_id, chat: message.chat_id, to_chat: person.id, with_buttons: $("with-buttons").checked });
    });
    return element("li", {}, button);
  }));
  dialog.showModal();
}

// A finger that draws a message to the left answers it.
function swipe(item, done) {
  let from = null;
  let drawn = 0;
  item.addEventListener("touchstart", (event) => { from = event.touches.length === 1 ? event.touches[0] : null; drawn = 0; }, { passive: true });
  item.addEventListener("touchmove", (event) => {
    if (!from) return;
    const aside = from.clientX - event.touches[0].clientX;
    const along = Math.abs(from.clientY - event.touches[0].clientY);
    if (along > 24 && aside < along) { from = null; drawn = 0; } else drawn = Math.max(0, Math.min(aside, SWIPE_PX * 1.4));
    item.style.translate = drawn > 10 ? `${-drawn}px` : "";
  }, { passive: true });
  const end = () => {
    item.style.translate = "";
    if (from && drawn >= SWIPE_PX) done();
    from = null;
  };
  item.addEventListener("touchend", end);
  item.addEventListener("touchcancel", () => { drawn = 0; end(); });
}
