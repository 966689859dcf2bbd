// What the tour shows, and where. Whom it shows is looked up: the demo's people change.
import { $, call, fullName, isNarrow, state } from "./common.js";
import { choices, choose, showList, showPhone } from "./chat.js";
import { isMoving, moveClock, moved, openBoard } from "./clock.js";
import { fetchPeople, personRow, sieveBy, sift } from "./people.js";
import { messageItem } from "./transcript.js";

const LOOKED_AT = 10;
const MESSAGES = 40;
const LEAST_BUTTONS = 3; // a card has more of them than an overview

const canAnswer = (person) => person.started && !person.blocked && !person.deactivated && !person.invitation;
const named = (person) => (person.place ? `${fullName(person)} at ${person.place}` : fullName(person));

// Somebody with a card to answer, English where there is one, and whoever has left most unread. Null: nobody has a card.
export async function cast() {
  await fetchPeople();
  const silent = state.people.filter((person) => canAnswer(person) && person.unread).sort((a, b) => b.unread - a.unread)[0] ?? null;
  const isEnglish = (person) => Number(person.language_code.split("-")[0] === "en");
  const likely = state.people
    .filter((person) => canAnswer(person) && person !== silent && person.last_text)
    .sort((a, b) => isEnglish(b) - isEnglish(a) || Number(b.unread > 0) - Number(a.unread > 0) || Date.parse(b.last_shown_at) - Date.parse(a.last_shown_at));
  for (const reader of [...likely.slice(0, LOOKED_AT), ...(silent ? [silent] : [])]) {
    const messages = await call(`/people/${reader.id}/messages?limit=${MESSAGES}`);
    const card = messages.findLast((message) => message.keyboard.flat().filter((button) => button.callback_data).length >= LEAST_BUTTONS);
    if (card) return { reader, silent: silent === reader ? null : silent, card: card.message_id };
  }
  return null;
}

let opened = false;
export function boardOpened() {
  opened = true;
}

async function open(person) {
  if (state.person?.id === person.id) showPhone(); else await choose(person.id);
}

async function list() {
  sift("");
  $("find").value = "";
  sieveBy("all");
  if (isNarrow()) await showList();
}

const unread = (person) => state.people.find((one) => one.id === person.id)?.unread ?? person.unread;

function looksLike(id) {
  const message = state.messages.find((one) => one.message_id === id);
  return JSON.stringify([message?.text, message?.keyboard]);
}

const inSight = (element, block = "nearest") => element?.scrollIntoView({ block });

// `target`: what the step points at. `enter`: makes it seen. `done`: the visitor did it; `after`: what is said then, else the
// next step comes (`targetAfter`, `enterAfter`). `next`: what the button does for somebody who would rather watch.
export function steps({ reader, silent, card }) {
  let before = "";
  let movedBefore = 0;
  let choicesBefore = 0;
  const all = [
    {
      title: "Everybody here has a phone",
      text: [`The list has the people of each site, with their language and their local time. Open the phone of ${named(reader)}.`],
      enter: async () => { choicesBefore = choices; await list(); inSight(personRow(reader.id)); },
      target: () => personRow(reader.id),
      done: () => choices > choicesBefore && state.person?.id === reader.id,
      nextLabel: "Open it",
      next: () => open(reader),
    },
    {
      title: "Read the card",
      text: ["A first line that gives nothing away on a locked screen. Then the patient's code, what is due and by when, the last word that was said, and one question.", "No app, no account, no patient's name."],
      enter: async () => { await open(reader); inSight(messageItem(card), "center"); },
      target: () => messageItem(card)?.querySelector(".bubble"),
    },
    {
      title: "Answer it",
      text: ["Press a button: one tap, or one tap and a choice. A reply in plain words is understood as well."],
      enter: async () => { await open(reader); before = looksLike(card); inSight(messageItem(card)?.querySelector(".keys") ?? messageItem(card)); },
      target: () => messageItem(card)?.querySelector(".keys") ?? messageItem(card),
      done: () => before && looksLike(card) !== before,
      after: ["The card changes where it stands. It asks on where one thing is missing, and in the end it says what it understood, from whom and when, and offers to undo it."],
      targetAfter: () => messageItem(card),
      enterAfter: () => inSight(messageItem(card)?.querySelector(".keys")),
    },
    {
      title: "Let a week pass",
      text: ["Press “A week on”. Whatever falls due on the way is sent, each message in the working hours of its reader."],
      enter: () => { movedBefore = moved; },
      target: () => $("move-week"),
      done: () => moved > movedBefore && !isMoving(),
      nextLabel: "A week on",
      next: () => moveClock("week"),
    },
    {
      title: "Who was told what",
      text: ["Everybody who got something, and what the trial office heard. A line opens that chat.", "The site's people hear first. An investigator hears of it only when they do not answer, and the trial office when nobody does."],
      enter: () => { $("meanwhile").open = true; inSight($("meanwhile")); },
      target: () => $("meanwhile"),
    },
    silent && {
      title: "A site that stays silent",
      text: () => [`${named(silent)} leaves everything unread: ${unread(silent)} messages. Sitebell asked again, went up the ladder step by step, and told the trial office. Then it stopped ringing; the overview of what is open still comes.`],
      enter: async () => { if (isNarrow()) $("meanwhile").open = false; await list(); inSight(personRow(silent.id), "center"); },
      target: () => personRow(silent.id),
    },
    {
      title: "Find it on the board",
      text: [`Open the board: you are the trial manager there. ${silent ? `Look for ${silent.place || named(silent)} under “Late and overdue”: ` : ""}what is late, since when, what was said last, and whom to call.`],
      enter: () => { opened = false; },
      target: () => $("open-board"),
      done: () => opened,
      titleAfter: "What each of them gets",
      after: [
        "A coordinator gets one calm message at the right moment and answers with a tap.",
        "An investigator hears only when the team does not answer.",
        "A trial manager sees what is late, where, since when, and who said what.",
        "Now try an invitation (✉ in the list), or leave a site silent for some weeks.",
      ],
      targetAfter: () => null,
      nextLabel: "Open it",
      next: () => { opened = true; return openBoard(); },
    },
  ];
  return all.filter(Boolean);
}

