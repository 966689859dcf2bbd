// A message's words with its styles, and with links and commands as Telegram finds them by itself.
import { act, element, state } from "./common.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };
const FOUND = /(?<url>https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])|(?<![\w/])(?<command>\/[a-z][a-z0-9_]{0,31})(?![\w/])/g;

// Telegram counts entity offsets in UTF-16 units, as JavaScript does.
export function styled(message) {
  const text = message.text ?? "";
  const entities = [...message.entities, ...found(text, message.entities)];
  const edges = new Set([0, text.length]);
  for (const entity of entities) edges.add(entity.offset).add(entity.offset + entity.length);
  const cuts = [...edges].filter((edge) => edge <= text.length).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, place) => {
    let node = document.createTextNode(text.slice(from, cuts[place + 1]));
    for (const entity of entities) {
      if (entity.offset <= from && from < entity.offset + entity.length) node = wrapped(entity, node, text, message);
    }
    return node;
  });
}

function found(text, given) {
  const linking = given.filter((one) => ["url", "text_link", "bot_command", "code", "pre"].includes(one.type));
  return [...text.matchAll(FOUND)]
    .map((match) => ({ type: match.groups.url ? "url" : "bot_command", offset: match.index, length: match[0].length }))
    .filter((one) => !linking.some((other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length));
}

function wrapped(entity, node, text, message) {
  if (TAGS[entity.type]) return element(TAGS[entity.type], {}, node);
  if (entity.type === "spoiler") return element("span", { className: "spoiler", tabIndex: 0 }, node);
  const said = text.slice(entity.offset, entity.offset + entity.length);
  if (entity.type === "bot_command") return command(said, node, message);
  const address = entity.url ?? (entity.type === "url" ? said : "");
  return /^https?:\/\//.test(address) ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

// A command that the bot knows is sent by a tap, wherever it stands.
function command(said, node, message) {
  const isKnown = (state.bot?.commands ?? []).some((one) => `/${one.command}` === said);
  if (!isKnown) return element("span", { className: "command" }, node);
  const button = element("button", { type: "button", className: "command" }, node);
  button.addEventListener("click", () => act("type", { text: said, chat: message.chat_id }));
  return button;
}
