"""Everybody's private chats, in this process: a channel that takes every message as the network would, and keeps it.

Message ids count on through all chats, as a bot's do on Telegram.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from bot.channel import Keyboard, Result
from bot.composing import Delete, Send, Strip
from locales import Text
from records.outbox import Outcome
from trial.moments import Instant

_ERRORS: Final = {Outcome.AMBIGUOUS: "timed_out", Outcome.REFUSED: "bad_request"}
_GONE: Final = Result(Outcome.REFUSED, error="message_gone")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as the chat shows it now. `at` and `edited_at` are trial time; `protected`: it cannot be forwarded."""

    message_id: int
    chat: int
    from_bot: bool
    text: Text
    keyboard: Keyboard
    at: Instant
    reply_to: int | None = None
    protected: bool = False
    edited_at: Instant | None = None


class Chats:
    """The phones' side of the channel. `blocked`: who has blocked the bot."""

    def __init__(self) -> None:
        self.blocked: set[int] = set()
        self._shown: dict[int, dict[int, ChatMessage]] = defaultdict(dict)
        self._ids = count(1)
        self._fates: dict[int, deque[Outcome]] = defaultdict(deque)

    # --- what the bot does --------------------------------------------------------------------------------------------

    def carry(self, what: Send | Delete | Strip, *, now: Instant) -> Result:
        """Carries one request out, and says what the network would."""
        if what.chat in self.blocked:
            return Result(Outcome.UNREACHABLE, error="forbidden")
        shown = self._shown[what.chat]
        match what:
            case Send():
                return self._send(shown, what, now)
            case Delete(_, message_id):
                return Result(Outcome.NOT_MODIFIED if shown.pop(message_id, None) is None else Outcome.ACCEPTED)
            case Strip(_, message_id):
                return self._strip(shown, message_id)

    def _send(self, shown: dict[int, ChatMessage], said: Send, now: Instant) -> Result:
        if said.replaces is not None:
            return self._edit(shown, said, said.replaces, now)
        if self._fates[said.chat]:
            outcome = self._fates[said.chat].popleft()
            return Result(outcome, error=_ERRORS[outcome])
        message_id = next(self._ids)
        replied = said.reply_to if said.reply_to in shown else None
        shown[message_id] = ChatMessage(
            message_id, said.chat, True, said.text, said.keyboard, now, reply_to=replied, protected=said.protected
        )
        for other in said.strip:
            self._strip(shown, other)
        return Result(Outcome.ACCEPTED, message_id=message_id)

    def _edit(self, shown: dict[int, ChatMessage], said: Send, message_id: int, now: Instant) -> Result:
        stands = shown.get(message_id)
        if stands is None:
            return _GONE
        for other in said.strip:
            self._strip(shown, other)
        if (stands.text, stands.keyboard) == (said.text, said.keyboard):
            return Result(Outcome.NOT_MODIFIED)
        # Telegram calls nothing edited whose buttons alone changed.
        edited_at = stands.edited_at if stands.text == said.text else now
        shown[message_id] = replace(stands, text=said.text, keyboard=said.keyboard, edited_at=edited_at)
        return Result(Outcome.ACCEPTED, message_id=message_id)

    @staticmethod
    def _strip(shown: dict[int, ChatMessage], message_id: int) -> Result:
        stands = shown.get(message_id)
        if stands is None:
            return _GONE
        shown[message_id] = replace(stands, keyboard=())
        return Result(Outcome.ACCEPTED, message_id=message_id)

    # --- what people do, and what befalls them ------------------------------------------------------------------------

    def typed(self, chat: int, words: str, *, now: Instant, reply_to: int | None = None) -> int:
        """Somebody writes; the message's id."""
        message_id = next(self._ids)
        self._shown[chat][message_id] = ChatMessage(message_id, chat, False, Text(words), (), now, reply_to=reply_to)
        return message_id

    def lose(self, chat: int, times: int) -> None:
        """The next so many new messages to this chat get no answer from the network, and do not arrive."""
        self._fates[chat].extend([Outcome.AMBIGUOUS] * times)

    def refuse(self, chat: int) -> None:
        """The next new message to this chat is not taken."""
        self._fates[chat].append(Outcome.REFUSED)

    # --- what the phones show -----------------------------------------------------------------------------------------

    def find(self, chat: int, message_id: int) -> ChatMessage | None:
        return self._shown[chat].get(message_id)

    def shown(self, chat: int) -> tuple[ChatMessage, ...]:
        """What stands in a chat, in order."""
        return tuple(self._shown[chat].values())

    def newest(self, chat: int) -> int:
        """The id of the last message that stands in a chat; 0 where there is none."""
        return next(reversed(self._shown[chat]), 0)

    def everything(self) -> Iterator[ChatMessage]:
        """What stands in all chats, in the order in which it came."""
        found = [message for chat in self._shown.values() for message in chat.values()]
        yield from sorted(found, key=lambda message: message.message_id)
