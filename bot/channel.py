"""Telegram as a channel: one request, and what came of it, in our words.

Every exception of the library ends here. What matters is whether Telegram may have taken the request: a connection that was
never made can be tried again freely, one that broke after the request may have delivered (decision 0004).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from locales import Text
from locales.texts import utf16_length
from records.outbox import Outcome

# Raised before the request left us: nothing can have been delivered.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


CAPTION_LONGEST = 1024
"""UTF-16 code units of the text below a picture."""


@dataclass(frozen=True, slots=True)
class Key:
    """A rendered button: its words, and its callback data or the page that it opens. A link is shown nowhere else."""

    text: str
    data: str = ""
    page: str = field(default="", repr=False)


Keyboard = Sequence[Sequence[Key]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one request. `error` is a closed word or an exception's class, never its text."""

    outcome: Outcome
    message_id: int | None = None
    retry_after: timedelta | None = None
    error: str | None = None


class Channel:
    """Sends through one bot. Never raises for what Telegram or the network answers."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(
        self,
        chat: int,
        text: Text,
        keyboard: Keyboard,
        *,
        reply_to: int | None = None,
        protected: bool = False,
    ) -> Result:
        """A new message; a reply where the message replied to still exists."""

        async def request() -> Result:
            message = await self._bot.send_message(
                chat_id=chat,
                text=text.text,
                entities=_entities(text),
                reply_markup=_markup(keyboard),
                reply_parameters=None
                if reply_to is None
                else ReplyParameters(message_id=reply_to, allow_sending_without_reply=True),
                protect_content=protected or None,
            )
            return Result(Outcome.ACCEPTED, message_id=message.message_id)

        return await judged(request)

    async def send_picture(self, chat: int, picture: bytes, text: Text, keyboard: Keyboard) -> Result:
        """A new message: a PNG with a text below it that `fits_below_a_picture`."""

        async def request() -> Result:
            message = await self._bot.send_photo(
                chat_id=chat,
                photo=picture,
                caption=text.text,
                caption_entities=_entities(text),
                reply_markup=_markup(keyboard),
            )
            return Result(Outcome.ACCEPTED, message_id=message.message_id)

        return await judged(request)

    async def edit(self, chat: int, message_id: int, text: Text, keyboard: Keyboard) -> Result:
        """Show something else in a message; "not modified" is success."""

        async def request() -> Result:
            await self._bot.edit_message_text(
                chat_id=chat,
                message_id=message_id,
                text=text.text,
                entities=_entities(text),
                reply_markup=_markup(keyboard),
            )
            return Result(Outcome.ACCEPTED, message_id=message_id)

        return await judged(request)

    async def strip(self, chat: int, message_id: int) -> Result:
        """Take the buttons off a message."""

        async def request() -> Result:
            await self._bot.edit_message_reply_markup(chat_id=chat, message_id=message_id, reply_markup=None)
            return Result(Outcome.ACCEPTED, message_id=message_id)

        return await judged(request)

    async def delete(self, chat: int, message_id: int) -> Result:
        """Take a message out of the chat; one that is gone already is success."""

        async def request() -> Result:
            await self._bot.delete_message(chat_id=chat, message_id=message_id)
            return Result(Outcome.ACCEPTED, message_id=message_id)

        return await judged(request)

    async def menu(
        self, commands: Mapping[str, str], *, chat: int | None = None, language: str | None = None
    ) -> Result:
        """The commands that the menu of a chat offers; without a chat those of every private chat that has none of its
        own, for phones in this language (None: in any other).
        """
        scope = BotCommandScopeAllPrivateChats() if chat is None else BotCommandScopeChat(chat)

        async def request() -> Result:
            await self._bot.set_my_commands(tuple(commands.items()), scope=scope, language_code=language)
            return Result(Outcome.ACCEPTED)

        return await judged(request)

    async def forget_menu(self, chat: int) -> Result:
        """The chat has no menu of its own any more: it offers what every other private chat does."""

        async def request() -> Result:
            await self._bot.delete_my_commands(scope=BotCommandScopeChat(chat))
            return Result(Outcome.ACCEPTED)

        return await judged(request)

    async def answer_press(self, callback_id: str, text: str, *, alert: bool = False) -> Result:
        """The short line that answers a press. Best effort: it comes after the commit and decides nothing."""

        async def request() -> Result:
            await self._bot.answer_callback_query(callback_id, text=text or None, show_alert=alert or None)
            return Result(Outcome.ACCEPTED)

        return await judged(request)


async def judged(request: Callable[[], Awaitable[Result]]) -> Result:  # noqa: C901 - one case per kind of failure, flat
    """Run a request and say what came of it."""
    try:
        return await request()
    except RetryAfter as flood:
        # A timedelta by the library's switch (`bot/__init__.py`); its annotation knows both.
        wait = flood.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
        return Result(Outcome.FLOOD, retry_after=timedelta(seconds=seconds), error="flood")
    except Forbidden:
        return Result(Outcome.UNREACHABLE, error="forbidden")
    except ChatMigrated:
        return Result(Outcome.REFUSED, error="chat_migrated")
    except BadRequest as refusal:
        return _bad_request(refusal)
    except (InvalidToken, EndPointNotFound):
        # Nothing was delivered, and nothing will be until the administrator mends the token or the address.
        return Result(Outcome.NOT_SENT, error="token_refused")
    except Conflict:
        return Result(Outcome.NOT_SENT, error="conflict")
    except TimedOut as late:
        if isinstance(late.__cause__, _NEVER_LEFT):
            return Result(Outcome.NOT_SENT, error=type(late.__cause__).__name__)
        return Result(Outcome.AMBIGUOUS, error="timed_out")
    except NetworkError as broken:
        cause = broken.__cause__
        if isinstance(cause, _NEVER_LEFT):
            return Result(Outcome.NOT_SENT, error=type(cause).__name__)
        if cause is None or isinstance(
            cause, TelegramError
        ):  # the server answered with a 5xx, or its proxy with a page
            return Result(Outcome.SERVER_ERROR, error="server_error")
        return Result(Outcome.AMBIGUOUS, error=type(cause).__name__)
    except (TelegramError, KeyError, TypeError, AttributeError, ValueError):
        # An answer that nobody can read, or of a shape that the library trips over: it may have been carried out.
        return Result(Outcome.AMBIGUOUS, error="unreadable_answer")


def _bad_request(refusal: BadRequest) -> Result:
    """Telegram's 400s are told apart by their text; the text itself goes nowhere."""
    words = refusal.message.lower()
    if "message is not modified" in words:
        return Result(Outcome.NOT_MODIFIED)
    if "chat not found" in words or "peer_id_invalid" in words or "user not found" in words:
        return Result(Outcome.UNREACHABLE, error="chat_not_found")
    if "message to edit not found" in words or "message can't be edited" in words or "message_id_invalid" in words:
        return Result(Outcome.REFUSED, error="message_gone")
    if "message to delete not found" in words:
        return Result(Outcome.NOT_MODIFIED)
    if "message can't be deleted" in words:
        return Result(Outcome.REFUSED, error="cannot_be_deleted")
    return Result(Outcome.REFUSED, error="bad_request")


def fits_below_a_picture(text: Text) -> bool:
    return utf16_length(text.text) <= CAPTION_LONGEST


def _entities(text: Text) -> list[MessageEntity]:
    return [MessageEntity(MessageEntity.BOLD, span.offset, span.length) for span in text.bold]


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(key.text, callback_data=key.data or None, url=key.page or None) for key in row]
            for row in keyboard
        ]
    )
