// Writing: the field at the bottom, replies and edits, commands, START.
import { $, act, element, say, state } from "./common.js";

export function showCompose() {
  const person = state.person;
  const isPrivate = person && state.chat === person.id;
  const isClosed = !person || person.deactivated;
  const needsStart = !isClosed && isPrivate && !state.lived && (!person.started || person.blocked || state.payload !== null || Boolean(person.invitation));
  $("closed").hidden = !isClosed;
  $("closed").textContent = person ? say("closedAccount") : say("choose");
  $("start").hidden = !needsStart;
  $("start").textContent = person?.blocked ? say("restart") : say("start");
  $("say").hidden = isClosed || needsStart || (state.lived && !person.started);
  $("more").hidden = isClosed;
  const asking = state.messages.at(-1);
  if (asking?.force_reply && asking.message_id > state.forceReplyDone && !state.editing) {
    state.forceReplyDone = asking.message_id;
    state.replyTo = asking;
  }
  const about = state.editing ?? state.replyTo;
  $("context").hidden = !about || $("say").hidden;
  $("context-title").textContent = say(state.editing ? "edit" : "reply");
  $("context-text").textContent = about?.text ?? say(Object.keys(about?.media ?? { message: 0 })[0]);
  $("text").placeholder = state.replyTo?.placeholder ?? say("message");
  showCommands();
}

// The commands that fit what is written; all of them where the menu was asked for.
let isMenuOpen = false;
export function showCommands() {
  const written = $("text").value;
  const all = state.bot?.commands ?? [];
  if (written) isMenuOpen = false;
  const found = isMenuOpen ? all : /^\/\w*$/.test(written) ? all.filter((one) => `/${one.command}`.startsWith(written)) : [];
  $("commands-button").hidden = all.length === 0 || written !== "";
  $("commands-button").textContent = say("menu");
  $("commands-button").setAttribute("aria-expanded", String(found.length > 0));
  $("commands").hidden = found.length === 0;
  $("commands").replaceChildren(...found.map((one) => {
    const button = element("button", { type: "button" }, element("b", { textContent: `/${one.command}` }), element("span", { textContent: one.description }));
    button.addEventListener("click", () => {
      isMenuOpen = false;
      $("text").value = "";
      showCommands();
      act("type", { text: `/${one.command}`, chat: state.chat });
      $("text").focus();
    });
    return element("li", {}, button);
  }));
}

export function toggleCommands() {
  isMenuOpen = $("commands").hidden;
  showCommands();
  if (isMenuOpen) $("commands").querySelector("button")?.focus();
}

export function closeCommands() {
  if (!isMenuOpen) return;
  isMenuOpen = false;
  showCommands();
}

export async function send() {
  const text = $("text").value.trim();
  if (!text) return;
  const { editing, replyTo } = state;
  const done = editing
    ? await act("edit", { message_id: editing.message_id, text, chat: state.chat })
    : await act("type", { text, chat: state.chat, reply_to: replyTo?.message_id });
  if (!done) return;
  $("text").value = "";
  state.editing = state.replyTo = state.unreadFrom = null;
  state.followsEnd = true;
  fitText();
  showCompose();
}

export function fitText() {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight}px`;
}

export async function start() {
  if (await act("start", { payload: state.payload ?? state.person.invitation ?? "" }) === null) return;
  state.payload = null;
  Object.assign(state.person, { started: true, blocked: false, invitation: null });
  $("letter").hidden = $("blocked").hidden = true;
  showCompose();
  $("text").focus();
}

export function cancelContext() {
  if (state.editing) $("text").value = "";
  state.editing = state.replyTo = null;
  fitText();
  showCompose();
}

export function replyTo(message) {
  state.replyTo = message;
  state.editing = null;
  showCompose();
  $("text").focus();
}

export function editMessage(message) {
  state.editing = message;
  state.replyTo = null;
  $("text").value = message.text;
  fitText();
  showCompose();
  $("text").focus();
}
