// The phones' page: one person's phone at a time, kept current by the simulator's event stream.
import { loadClock, loadProgress, moveClock, MOVES, showProgress, tickClock } from "./clock.js";
import { $, act, API, call, element, say, state, toast } from "./common.js";
import { cancelContext, fitText, send, showCommands, start } from "./compose.js";
import { closeMenu, closeSide, openMenu } from "./menus.js";
import { choose, loadBot, loadChats, loadMessages, loadPeople, showPeople } from "./people.js";
import { followEnd, scrolled } from "./transcript.js";
import { THING_ICONS } from "./words.js";

const TYPING_MS = 5000;
const CLOCK_EVERY_MS = 15000;

// Invitation links: https://t.me/<bot>?start=TOKEN, tg://resolve?domain=<bot>&start=TOKEN, or the bare token

function tokenIn(link) {
  const written = link.trim();
  const found = /[?&]start=([A-Za-z0-9_-]{1,64})(?:[&#]|$)/.exec(written);
  return found?.[1] ?? (/^[A-Za-z0-9_-]{1,64}$/.test(written) ? written : null);
}

function openInvitation(link) {
  const token = tokenIn(link);
  const other = /t\.me\/([A-Za-z0-9_]+)|domain=([A-Za-z0-9_]+)/.exec(link);
  const name = other?.[1] ?? other?.[2];
  if (!token) return "This is not an invitation link. It looks like https://t.me/NAME?start=LETTERS.";
  if (name && state.bot && name.toLowerCase() !== state.bot.username.toLowerCase()) return `This link is for another bot, ${name}. The one here is ${state.bot.username}.`;
  if (!state.person) return "Choose a person first.";
  state.payload = token;
  state.chat = state.person.id;
  closeSide();
  loadMessages().then(() => $("start").focus());
  return "";
}

function tick() {
  showPeople();
  tickClock();
  const isTyping = Date.now() < state.typingUntil;
  $("bot-state").textContent = say(isTyping ? "typing" : "bot");
  $("bot-state").classList.toggle("busy", isTyping);
}

// What the server tells

let refreshing = null;
let refreshAgain = false;
async function refresh() {
  if (refreshing) { refreshAgain = true; return; }
  refreshing = (async () => {
    do {
      refreshAgain = false;
      await loadPeople();
      if (state.person) { await loadChats(); await loadMessages(); }
    } while (refreshAgain);
  })();
  try { await refreshing; } catch (error) { toast(error.message); } finally { refreshing = null; }
}

function listen() {
  const events = new EventSource(`${API}/events`);
  let timer = 0;
  events.onmessage = (event) => {
    const line = JSON.parse(event.data);
    if (line.what === "sendChatAction" && line.chat_id === state.chat) {
      state.typingUntil = Date.now() + TYPING_MS;
      tick();
      setTimeout(tick, TYPING_MS + 50);
    }
    if (line.what === "account changed") loadBot();
    if (line.what === "progress") { showProgress(line.day); loadClock(); }
    if (line.what === "sendMessage" && line.chat_id === state.chat) { state.typingUntil = 0; tick(); }
    clearTimeout(timer);
    timer = setTimeout(refresh, 30);
  };
  // Whatever happened before the stream began, or while it was broken, is in no event.
  events.onopen = () => { loadProgress(); refresh(); };
}

function wire() {
  $("say").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  $("text").addEventListener("input", () => { fitText(); showCommands(); });
  $("text").addEventListener("keydown", (event) => {
    // While a Japanese word is being composed, Enter belongs to the input method.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape") cancelContext();
  });
  $("context-cancel").addEventListener("click", cancelContext);
  $("start").addEventListener("click", start);
  $("attach").addEventListener("click", () => openMenu("at-attach", Object.keys(THING_ICONS).map((kind) => [say(kind), THING_ICONS[kind], () => act("media", { kind, chat: state.chat })]), $("attach")));
  $("more").addEventListener("click", () => {
    const isBlocked = state.person.blocked;
    openMenu("at-head", [[say(isBlocked ? "unblock" : "block"), isBlocked ? "○" : "⊘", () => act(isBlocked ? "unblock" : "block")]], $("more"));
  });
  $("chats").addEventListener("change", async () => {
    state.chat = Number($("chats").value);
    state.messages = [];
    await loadMessages();
  });
  $("to-end").addEventListener("click", () => { $("transcript").scrollTop = $("transcript").scrollHeight; });
  $("transcript").addEventListener("scroll", scrolled, { passive: true });
  const sizes = new ResizeObserver(followEnd);
  sizes.observe($("messages"));
  sizes.observe($("transcript"));
  $("invitation").addEventListener("submit", (event) => {
    event.preventDefault();
    const problem = openInvitation($("link").value);
    $("invitation-problem").textContent = problem;
    if (!problem) $("link").value = "";
  });
  $("new-person").addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = Object.fromEntries(new FormData(event.target));
    try {
      const made = await call("/people", filled);
      $("new-person-problem").textContent = "";
      event.target.reset();
      $("add-person").open = false;
      state.people = await call("/people");
      await choose(made.id);
    } catch (error) {
      $("new-person-problem").textContent = error.message;
    }
  });
  for (const how of MOVES) $(`move-${how}`).addEventListener("click", () => moveClock(how));
  $("open-side").addEventListener("click", () => { $("side").classList.add("open"); $("open-side").setAttribute("aria-expanded", "true"); $("close-side").focus(); });
  $("close-side").addEventListener("click", () => { closeSide(); $("open-side").focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeMenu();
    closeSide();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!$("menu").contains(event.target) && !$("menu").opener?.contains(event.target)) closeMenu();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refresh(); });
  $("new-person").elements.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  $("zones").replaceChildren(...Intl.supportedValuesOf("timeZone").map((zone) => element("option", { value: zone })));
}

async function begin() {
  wire();
  const invited = new URLSearchParams(location.search).get("start");
  await loadBot();
  await loadProgress();
  await loadClock();
  await loadPeople();
  listen();
  tick();
  setInterval(tick, 1000);
  setInterval(loadClock, CLOCK_EVERY_MS);
  if (invited) $("invitation-problem").textContent = openInvitation(invited);
}

begin().catch((error) => toast(error.message));
