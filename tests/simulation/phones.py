"""The phones of everybody: what was sent to them, and what the network did to it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.channel import Result
from bot.composing import Send
from records.outbox import Claim, Outcome
from tests.simulation.places import Somebody

SAID: Final = "said"
FLOODS: Final = (1, 5, 35, 600)


@dataclass(frozen=True, slots=True)
class Faults:
    """Chances for each message."""

    flood: float = 0.01
    ambiguous: float = 0.01
    server_error: float = 0.01
    not_sent: float = 0.01


@dataclass(frozen=True, slots=True)
class Message:
    """What a phone showed from this moment on (trial time). `replaces`: it was changed in place, without a sound."""

    at: datetime
    kind: str
    text: str
    buttons: tuple[tuple[str, ...], ...]
    replaces: int | None


@dataclass
class Phones:
    """Telegram as the service sees it."""

    chance: random.Random
    faults: Faults
    down: bool = False  # nothing can be sent
    shown: dict[int, list[Message]] = field(default_factory=dict)
    _last: int = 0

    def carry(self, claim: Claim, said: Send | None, somebody: Somebody | None, now: datetime) -> tuple[Result, bool]:
        """What the service hears of it, and whether it has reached the phone."""
        if self.down:
            return Result(Outcome.NOT_SENT, error="connect"), False
        if said is None:
            return Result(Outcome.ACCEPTED), False
        if somebody is not None and somebody.blocked:
            return Result(Outcome.UNREACHABLE, error="blocked"), False
        drawn = self.chance.random()
        for likely, outcome in (
            (self.faults.flood, Outcome.FLOOD),
            (self.faults.server_error, Outcome.SERVER_ERROR),
            (self.faults.not_sent, Outcome.NOT_SENT),
        ):
            drawn -= likely
            if drawn < 0:
                wait = timedelta(seconds=self.chance.choice(FLOODS)) if outcome is Outcome.FLOOD else None
                return Result(outcome, retry_after=wait, error=outcome.value), False
        if drawn < self.faults.ambiguous:
            arrived = self.chance.random() < 0.5
            if arrived:
                self._show(claim, said, now)
            return Result(Outcome.AMBIGUOUS, error="timed_out"), arrived
        return Result(Outcome.ACCEPTED, message_id=self._show(claim, said, now)), True

    def said(self, somebody: Somebody, words: str, now: datetime) -> None:
        """What the phone's owner answered, for its transcript."""
        self.shown.setdefault(somebody.chat, []).append(Message(now, SAID, words, (), None))

    def _show(self, claim: Claim, said: Send, now: datetime) -> int:
        self._last += 1
        buttons = tuple(tuple(key.text for key in row) for row in said.keyboard)
        message = Message(now, claim.kind.value, said.text.text, buttons, said.replaces)
        self.shown.setdefault(said.chat, []).append(message)
        return said.replaces or self._last


def transcript(somebody: Somebody, shown: Mapping[int, list[Message]], *, edits: bool) -> str:
    """One phone from the first message to the last, in its owner's wall time."""
    zone = None if somebody.place is None else somebody.place.zone
    where = "the trial office" if somebody.place is None else f"site {somebody.place.number}, {somebody.place.zone}"
    lines = [f"{somebody.name}, {somebody.role.value}, {where}; {somebody.habit.name}", "=" * 100]
    for message in shown.get(somebody.chat, ()):
        if message.replaces is not None and not edits:
            continue
        if message.kind == SAID:
            lines += [f"        {message.at.astimezone(zone):%a %Y-%m-%d %H:%M} answers: {message.text}"]
            continue
        how = "changed in place" if message.replaces is not None else message.kind
        lines += ["", f"--- {message.at.astimezone(zone):%a %Y-%m-%d %H:%M} {how}", message.text]
        lines += ["    " + " ".join(f"[{words}]" for words in row) for row in message.buttons]
    return "\n".join(lines)
