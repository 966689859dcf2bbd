"""What Telegram refuses in a text or a keyboard, before anything is stored."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from simulator.errors import bad_request
from simulator.methods import ReplyMarkup
from simulator.objects import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ENTITIES = 100
MAX_BUTTONS = 100
MAX_BUTTONS_A_ROW = 8
MAX_CALLBACK_DATA_BYTES = 64
MAX_ANSWER_TEXT = 200

COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?!\w)")


def utf16_length(text: str) -> int:
    """Telegram counts offsets and lengths in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def checked_text(text: str, entities: Sequence[MessageEntity], *, limit: int = MAX_TEXT) -> str:
    """The text as Telegram keeps it, without white space at its end.

    Raises:
        Refused: it is empty or too long, or an entity reaches outside it.
    """
    kept = text.rstrip()
    if not kept:
        raise bad_request("message text is empty" if limit == MAX_TEXT else "message caption is empty")
    length = utf16_length(kept)
    if length > limit:
        raise bad_request("message is too long" if limit == MAX_TEXT else "message caption is too long")
    if len(entities) > MAX_ENTITIES:
        raise bad_request("there are too many entities in the message")
    for entity in entities:
        if entity.offset + entity.length > utf16_length(text):
            raise bad_request(f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text")
        if (entity.type == "text_link") != (entity.url is not None):
            raise bad_request(f"entity of type {entity.type} has a wrong url")
    return kept


def checked_markup(markup: ReplyMarkup | None) -> ReplyMarkup | None:
    """The keyboard without empty rows, None when no button is left.

    Raises:
        Refused: too many buttons, or one that Telegram does not take.
    """
    if not isinstance(markup, InlineKeyboardMarkup):
        return markup
    return checked_keyboard(markup)


def checked_keyboard(markup: InlineKeyboardMarkup | None) -> InlineKeyboardMarkup | None:
    rows = [row for row in markup.inline_keyboard if row] if markup else []
    if not rows:
        return None
    if any(len(row) > MAX_BUTTONS_A_ROW for row in rows) or sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return InlineKeyboardMarkup(inline_keyboard=rows)


def _check_button(button: InlineKeyboardButton) -> None:
    if not button.text.strip():
        raise bad_request("inline keyboard button text is empty")
    actions = [action for action in (button.callback_data, button.url, button.copy_text) if action is not None]
    if len(actions) != 1:
        raise bad_request("text buttons are unallowed in the inline keyboard: a button has exactly one action")
    if button.callback_data is not None and not 1 <= len(button.callback_data.encode()) <= MAX_CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if button.url is not None and not is_public_address(button.url):
        raise bad_request("BUTTON_URL_INVALID: Wrong HTTP URL")


def is_public_address(address: str) -> bool:
    """Telegram takes http, https and tg links, and wants a dot in the host: 127.0.0.1 passes, localhost does not."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "tg":
        return bool(parts.netloc or parts.path)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")


def check_commands(commands: Sequence[BotCommand]) -> None:
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def command_entities(text: str) -> tuple[MessageEntity, ...]:
    """The commands in what a person typed; Telegram marks them before the bot sees the text."""
    return tuple(
        MessageEntity(
            type="bot_command", offset=utf16_length(text[: found.start()]), length=utf16_length(found.group())
        )
        for found in COMMAND.finditer(text)
    )
