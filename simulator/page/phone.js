// The phones' page: one person's phone at a time, kept current by the simulator's event stream.
import { choose, forgetPerson, leavePhone, loadBot, loadChats, loadMessages, loadOlder, loadPeople, showList, showPhone, switchChat, tickPhone } from "./chat.js";
import { loadClock, loadProgress, moveClock, MOVES, openBoard, showProgress, tickClock } from "./clock.js";
import { $, act, API, call, element, say, state, toast } from "./common.js";
import { cancelContext, closeCommands, fitText, send, showCommands, start, toggleCommands } from "./compose.js";
import { noteMeanwhile, showMeanwhile } from "./meanwhile.js";
import { closeMenu, openMenu, stepThroughMenu } from "./menus.js";
import { fetchPeople, isSifted, showPeople, sieveBy, sift, sifted, stepThrough } from "./people.js";
import { endTour, isTourOpen, offerTour, startTour, tourBack, tourNext } from "./tour.js";
import { boardOpened } from "./tour-steps.js";
import { followEnd, scrolled, toEnd } from "./transcript.js";
import { THING_ICONS } from "./words.js";

const TYPING_MS = 5000;
const CLOCK_EVERY_MS = 15000;
const CLOCK_WAIT_MS = 1500;
const REFRESH_PAUSE_MS = 120; // while the clock moves, hundreds of things happen
const BROAD = matchMedia("(min-width: 1180px)");

// Who follows a link to somebody's phone sees that phone, and no offer.
const asked = new URLSearchParams(location.search);
const isPlain = !asked.has("person") && !asked.has("start");

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
  showPhone();
  loadMessages().then(() => $("start").focus());
  return "";
}

function tick() {
  showPeople();
  tickPhone();
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
      showMeanwhile();
      if (state.person) { await loadChats(); await loadMessages(); }
      await new Promise((resume) => { setTimeout(resume, REFRESH_PAUSE_MS); });
    } while (refreshAgain);
  })();
  try { await refreshing; } catch (error) { toast(error.message); } finally { refreshing = null; }
}

// `after`: what the page has not seen begins behind this line of the journal.
function listen(after) {
  const events = new EventSource(`${API}/events?after=${after}`);
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
    if (line.what === "past" && isPlain) forgetPerson();
    if (line.what === "sendMessage" && line.chat_id === state.chat) { state.typingUntil = 0; tick(); }
    noteMeanwhile(line);
    clearTimeout(timer);
    timer = setTimeout(refresh, 30);
  };
  // The stream may have been broken for longer than it can tell.
  events.onopen = () => { loadProgress(); refresh(); };
}

function wirePeople() {
  $("find").addEventListener("input", () => sift($("find").value));
  $("find").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isSifted() && sifted().length) choose(sifted()[0].id);
    if (event.key === "ArrowDown") stepThrough(event);
  });
  $("sieve").addEventListener("click", (event) => { if (event.target.dataset.show) sieveBy(event.target.dataset.show); });
  $("people").addEventListener("keydown", stepThrough);
  for (const list of [$("people"), $("meanwhile-list")]) {
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-person]");
      if (row) choose(Number(row.dataset.person));
    });
  }
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
      await fetchPeople();
      await choose(made.id);
    } catch (error) {
      $("new-person-problem").textContent = error.message;
    }
  });
  $("new-person").elements.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  $("zones").replaceChildren(...Intl.supportedValuesOf("timeZone").map((zone) => element("option", { value: zone })));
}

function wirePhone() {
  $("say").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  $("text").addEventListener("input", () => { fitText(); showCommands(); });
  $("text").addEventListener("keydown", (event) => {
    // While a Japanese word is being composed, Enter belongs to the input method.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    if (event.key === "Escape" && (state.editing || state.replyTo)) { event.stopPropagation(); cancelContext(); }
  });
  $("context-cancel").addEventListener("click", cancelContext);
  $("commands-button").addEventListener("click", toggleCommands);
  $("start").addEventListener("click", start);
  $("letter").querySelector("button").addEventListener("click", start);
  $("attach").addEventListener("click", () => openMenu("at-attach", Object.keys(THING_ICONS).map((kind) => [say(kind), THING_ICONS[kind], () => act("media", { kind, chat: state.chat })]), $("attach")));
  $("more").addEventListener("click", () => {
    const isBlocked = state.person.blocked;
    openMenu("at-head", [[say(isBlocked ? "unblock" : "block"), isBlocked ? "○" : "⊘", () => act(isBlocked ? "unblock" : "block")]], $("more"));
  });
  $("menu").addEventListener("keydown", stepThroughMenu);
  $("chats").addEventListener("change", () => switchChat(Number($("chats").value)));
  $("to-end").addEventListener("click", toEnd);
  $("transcript").addEventListener("scroll", () => { if (scrolled()) loadOlder(); }, { passive: true });
  const sizes = new ResizeObserver(followEnd);
  sizes.observe($("messages"));
  sizes.observe($("transcript"));
  $("back").addEventListener("click", showList);
  window.addEventListener("popstate", (event) => { if (event.state?.phone) showPhone(); else leavePhone(); });
}

function wireDemo() {
  for (const how of MOVES) $(`move-${how}`).addEventListener("click", () => moveClock(how));
  $("open-board").addEventListener("click", () => { openBoard(); boardOpened(); });
  $("start-tour").addEventListener("click", startTour);
  $("tour-next").addEventListener("click", tourNext);
  $("tour-back").addEventListener("click", tourBack);
  $("tour-end").addEventListener("click", endTour);
  // Beside the phone there is room for what happened; elsewhere it is asked for.
  const fold = () => { $("meanwhile").open = BROAD.matches; };
  BROAD.addEventListener("change", fold);
  fold();
}

// The innermost of what is open goes first.
function wireWholePage() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (!$("menu").hidden) closeMenu();
    else if (!$("commands").hidden) closeCommands();
    else if (isTourOpen()) endTour();
    else if (!BROAD.matches) $("meanwhile").open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!$("menu").contains(event.target) && !$("menu").opener?.contains(event.target)) closeMenu();
    if (!$("commands").contains(event.target) && !$("commands-button").contains(event.target)) closeCommands();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refresh(); });
}

async function begin() {
  wirePeople();
  wirePhone();
  wireDemo();
  wireWholePage();
  const invited = asked.get("start");
  if (!isPlain) document.body.classList.add("in-chat");
  const { n } = await call("/wait?after=-1");
  await loadBot();
  await loadProgress();
  // People are shown at the demo's time; where its service is still starting, without it.
  await Promise.race([loadClock(), new Promise((resume) => { setTimeout(resume, CLOCK_WAIT_MS); })]);
  await loadPeople();
  listen(n);
  tick();
  setInterval(tick, 1000);
  setInterval(loadClock, CLOCK_EVERY_MS);
  if (isPlain) setInterval(offerTour, 1000);
  if (invited) $("invitation-problem").textContent = openInvitation(invited);
}

begin().catch((error) => toast(error.message));
